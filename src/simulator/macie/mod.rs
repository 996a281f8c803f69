//! Amazon Macie: the sessions of all targets, their administrators and members, and their classification jobs.

mod delegation;
mod failure;
mod input;
mod jobs;
mod members;
mod membership;
mod page;
mod service;
mod session;
mod standing;
mod standings;
mod track;

pub(super) use service::{Macie, service_role};
pub(super) use standings::Standings;
