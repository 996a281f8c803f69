//! AWS accounts: ids, and what an inventory knows beside them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The id of an AWS account: exactly 12 ASCII digits, leading zeros included.
///
/// Source: AWS Account Management Reference Guide, "View AWS account identifiers".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AccountId {
    /// The account of credentials that are not known. No text parses to it, and it sorts first.
    UnknownCaller,
    /// An account with this number.
    Number(AccountNumber),
}

/// The number of an account, plus one: an id takes eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber(NonZeroU64);

/// Why a text is not an account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account id has exactly 12 digits")]
pub struct InvalidAccountId;

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        // `u64::from_str` alone would also take a plus sign.
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAccountId);
        }
        let number: u64 = text.parse().map_err(|_| InvalidAccountId)?;
        let number = NonZeroU64::MIN.checked_add(number).ok_or(InvalidAccountId)?;
        Ok(Self::Number(AccountNumber(number)))
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(text: String) -> Result<Self, InvalidAccountId> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.to_string()
    }
}

impl JsonSchema for AccountId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AccountId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9]{12}$"})
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self {
            Self::UnknownCaller => 0,
            Self::Number(number) => number.0.get() - 1,
        };
        write!(out, "{number:012}")
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

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
    /// What AWS Organizations says of its life; `None` if it says nothing, or an unknown word.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_survive() {
        let id: AccountId = "012345678901".parse().expect("a valid id");
        assert_eq!(id.to_string(), "012345678901");
    }

    #[test]
    fn no_id_is_the_unknown_caller() {
        let zero: AccountId = "000000000000".parse().expect("a valid id");
        assert_ne!(zero, AccountId::UnknownCaller);
        assert_eq!(zero.to_string(), "000000000000");
        assert_eq!("999999999999".parse::<AccountId>().expect("a valid id").to_string(), "999999999999");
    }

    #[test]
    fn only_twelve_ascii_digits_are_an_id() {
        for text in
            ["", "1", "11112222333", "1111222233334", "+11112222333", "11112222333a", "１１１１２２２２３３３３"]
        {
            assert_eq!(text.parse::<AccountId>(), Err(InvalidAccountId), "{text}");
        }
    }

    #[test]
    fn order_is_that_of_the_text() {
        let low: AccountId = "000000000009".parse().expect("a valid id");
        let high: AccountId = "100000000000".parse().expect("a valid id");
        assert!(low < high && low.to_string() < high.to_string());
    }
}
