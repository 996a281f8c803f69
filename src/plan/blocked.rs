//! Drift that no call can remove, with the fix.

use serde::{Deserialize, Serialize};

use super::Change;
use crate::model::Target;

/// A change that is wanted and that AWS forbids, or for which too little is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedChange {
    /// The target.
    pub target: Target,
    /// The name of its account, where it is known.
    pub account_name: Option<Box<str>>,
    /// What is wanted.
    pub change: Change,
    /// What is in the way.
    pub block_reason: BlockReason,
    /// The same in words.
    pub reason: String,
    /// What a person can do about it.
    pub remediation: String,
}

/// What is in the way of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// An administrator cannot pause or disable Macie while accounts are associated with it.
    AdministratorWithMembers,
    /// A member cannot disable Macie while it is associated with its administrator.
    MemberCannotDisable,
    /// The Region is off for the account.
    RegionOff,
    /// Macie does not exist in the Region.
    NoMacieInRegion,
    /// The account's place among Macie accounts could not be read, so that it is not known who may change its status.
    MembershipUnknown,
    /// The target is not any more as the apply that is to be rolled back had left it.
    ChangedSince,
}

impl BlockReason {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdministratorWithMembers => "administrator_with_members",
            Self::MemberCannotDisable => "member_cannot_disable",
            Self::RegionOff => "region_off",
            Self::NoMacieInRegion => "no_macie_in_region",
            Self::MembershipUnknown => "membership_unknown",
            Self::ChangedSince => "changed_since",
        }
    }
}
