//! The least that must be allowed, for these files and this command: as an IAM policy.
//!
//! [`RequiredAccess`] is what the files ask for, [`policy_for`] what that takes. Tests hold it to the calls that the simulated AWS sees.

mod document;
mod required_access;

pub use document::{IamPolicy, policy_for, trust_policy};
pub use required_access::{Allowed, DesiredOperations, PolicyKind, RequiredAccess, actions};
