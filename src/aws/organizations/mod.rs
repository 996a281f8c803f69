//! AWS Organizations: which accounts there are, how they are called, and where they are in the tree of units.
//!
//! Every call is made with the credentials that the run starts with, and no more often than AWS documents.

mod calls;
mod context;
mod error;
mod listed;
mod rate_limiter;
mod regions;

pub(super) use context::OrganizationContext;
pub use error::OrganizationError;
pub use listed::{ListedAccount, OrganizationId};
