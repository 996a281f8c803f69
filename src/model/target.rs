//! Targets.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountId, Region};

/// One account in one Region: there is at most one Macie session in it.
///
/// Targets sort by account, then Region, compared as bytes.
///
/// Source: Amazon Macie API Reference, "Account administration".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.account, self.region)
    }
}
