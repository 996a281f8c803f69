//! The least-privilege IAM policies for a policy set and a command.
//!
//! [`RequiredAccess`] is the access that the files need, and [`policy_for`] the policy for it. Tests compare it with the calls that the simulated AWS sees.

mod document;
mod required_access;

pub use document::{IamPolicy, policy_for, trust_policy};
pub use required_access::{Allowed, DesiredOperations, PolicyKind, RequiredAccess, SettingAccess, actions};
