//! AWS Organizations: who is in the organization, and where.

mod failure;
mod input;
mod name;
mod page;
mod service;
mod shape;

pub(super) use name::resource;
pub(super) use service::Organizations;
