//! Targets: a resource of an account in a Region.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountId, Region, Resource};

/// One resource of one account in one Region. There is at most one Macie session in it, one document with the preferences, and one
/// set of sessions.
///
/// Targets sort by account, Region (compared as bytes), then resource.
///
/// Sources: Amazon Macie API Reference, "Account administration"; Systems Manager User Guide, "Configure session preferences".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The resource.
    #[serde(default)]
    pub resource: Resource,
}

impl Target {
    /// The target of a resource.
    pub fn new(resource: Resource, account: AccountId, region: Region) -> Self {
        Self { account, region, resource }
    }

    /// The target of a Macie session.
    pub fn macie_session(account: AccountId, region: Region) -> Self {
        Self { account, region, resource: Resource::MacieSession }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.account, self.region)
    }
}
