//! AWS Organizations: which accounts there are, how they are called, and where they are in the tree of units.
//!
//! Every call is made with the credentials that the run starts with, and no more often than AWS documents.

mod calls;
mod error;
mod listed;
mod pace;
mod regions;
mod standing;

pub use error::OrganizationError;
pub use listed::{ListedAccount, OrganizationId};
pub(super) use standing::Standing;
