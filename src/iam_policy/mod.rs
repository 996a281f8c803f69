//! The least-privilege IAM policies for a policy set and a command.
//!
//! [`RequiredAccess`] is the access that the files need, and [`policy_for`] the policy for it. [`cloudformation()`] and [`terraform()`]
//! write the roles with these policies as templates. Tests compare them with the calls that the simulated AWS sees.

mod cloudformation;
mod document;
mod required_access;
mod terraform;

pub use cloudformation::{cloudformation, cloudformation_rollout};
pub use document::{
    IamPolicy, NamedPolicy, RoleResource, RoleRollout, Template, TemplateContent, Trust, policy_for, reading_policy,
    trust_policy,
};
pub use required_access::{Allowed, DesiredOperations, PolicyKind, RequiredAccess, SettingAccess, actions};
pub use terraform::terraform;
