//! An organization at one point in time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::RegionState;
use crate::model::{Account, AccountId, InventoryFields, Region};

/// All accounts of an organization, as AWS Organizations reports them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, such as `o-a1b2c3d4e5`.
    pub id: Box<str>,
    /// Its management account.
    pub management_account: AccountId,
    /// Time of the listing.
    pub taken_at: Timestamp,
    /// The account of the caller.
    pub caller_account: AccountId,
    /// The user or role of the caller.
    pub caller_arn: Box<str>,
    /// The known fields of the accounts.
    pub knowledge: InventoryFields,
    /// The accounts, sorted by id and unique.
    pub accounts: Vec<Account>,
    /// The Regions of the accounts that were listed.
    pub regions: BTreeMap<AccountId, BTreeMap<Region, RegionStatus>>,
}

/// Whether a Region is on for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegionStatus {
    /// It is on.
    On,
    /// It is being turned on or off.
    Changing,
    /// It is off.
    Off,
}

impl From<RegionState> for RegionStatus {
    fn from(state: RegionState) -> Self {
        match state {
            RegionState::On => Self::On,
            RegionState::Changing => Self::Changing,
            RegionState::Off => Self::Off,
        }
    }
}
