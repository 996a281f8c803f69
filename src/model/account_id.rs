//! AWS account ids.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The id of an AWS account: exactly 12 ASCII digits, leading zeros included.
///
/// Source: AWS Account Management Reference Guide, "View AWS account identifiers".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(
    /// One more than the number, so that no text is the id of nobody.
    u64,
);

/// Why a text is not an account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account id has exactly 12 digits")]
pub struct InvalidAccountId;

impl AccountId {
    /// Stands for an account that is not known, and belongs to nobody.
    pub const NOBODY: Self = Self(0);
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        // `u64::from_str` alone would also take a plus sign.
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAccountId);
        }
        text.parse().map(|number: u64| Self(number + 1)).map_err(|_| InvalidAccountId)
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
        write!(out, "{:012}", self.0.saturating_sub(1))
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
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
    fn no_account_is_nobody() {
        let zero: AccountId = "000000000000".parse().expect("a valid id");
        assert_ne!(zero, AccountId::NOBODY);
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
