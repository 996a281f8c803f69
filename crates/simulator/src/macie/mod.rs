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
mod state_store;
mod target_state;
mod visibility;

pub(super) use service::{Macie, service_role};
pub(super) use state_store::StateStore;
