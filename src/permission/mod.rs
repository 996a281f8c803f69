//! The least that must be allowed, for these files and this command: as an IAM policy.
//!
//! [`Demand`] is what the files ask for, [`policy_for`] what that takes. Tests hold it to the calls that the simulated AWS sees.

mod actions;
mod demand;
mod document;

pub use actions::{Part, actions};
pub use demand::{Allowed, Demand, Demanded};
pub use document::{IamPolicy, policy_for, trust_policy};
