//! An account of the inventory, with what is known of it beside its id.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::AccountId;

/// An account of the inventory. What an inventory knows of its accounts is said by its [`InventoryFields`](super::InventoryFields): where
/// it knows no tags, for one, an account without tags means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Option<Box<str>>,
    /// The email address of its owner, which Macie asks for when an administrator adds the account.
    pub email: Option<Box<str>>,
    /// What AWS Organizations says of its life; `None` if it says nothing, or a word that nobody knows.
    pub state: Option<AccountState>,
    /// The organizational units that hold it, from below the root downwards. Accounts of one unit share them.
    pub units: Arc<[Unit]>,
    /// Its tags.
    pub tags: BTreeMap<Box<str>, Box<str>>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Unit {
    /// Its id, such as `ou-ab12-cd34ef56`.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

/// The state of an account in its organization.
///
/// Sources: AWS Organizations API Reference, Account, `State` and the retired `Status`; AWS Organizations User Guide, "Monitor
/// the state of your AWS accounts", for what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// Created, and not usable yet.
    PendingActivation,
    /// In use.
    Active,
    /// Suspended by AWS: nobody can sign in or assume a role.
    Suspended,
    /// Being closed, and usable until it is.
    PendingClosure,
    /// Closed; it leaves the organization after some months.
    Closed,
}

/// A word that is no state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such state of an account is known")]
pub struct UnknownAccountState;

impl Account {
    /// An account of which only the id is known.
    pub fn from_id(id: AccountId) -> Self {
        Self { id, name: None, email: None, state: None, units: Arc::default(), tags: BTreeMap::new() }
    }

    /// The names of its organizational units as a path, such as `Workloads/Prod`; empty directly below the root.
    pub fn unit_path(&self) -> String {
        Unit::path(&self.units)
    }
}

impl Unit {
    /// The names of units, one in the other, as a path.
    pub fn path(units: &[Self]) -> String {
        units.iter().map(|unit| &*unit.name).collect::<Vec<_>>().join("/")
    }
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::PendingActivation, Self::Active, Self::Suspended, Self::PendingClosure, Self::Closed];

    /// The word of AWS Organizations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }

    /// Whether roles in such an account can be assumed.
    pub fn allows_assume_role(self) -> bool {
        matches!(self, Self::Active | Self::PendingClosure)
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl FromStr for AccountState {
    type Err = UnknownAccountState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownAccountState)
    }
}
