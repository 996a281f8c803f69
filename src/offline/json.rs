//! What the JSON documents of these commands share.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{AccountId, AccountSpecificity, Candidate, Origin, RegionSpecificity, Waiver};

/// The JSON Schema (draft 2020-12) of a document. It lets unknown fields pass, as readers must.
pub(super) fn schema<D: JsonSchema>(id: &str, title: &str) -> serde_json::Value {
    let mut schema = schemars::schema_for!(D);
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

/// The program that made the document.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) const THIS: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

/// The id of an account, but `None` for the one that nobody knows without credentials.
pub(super) fn known(id: AccountId) -> Option<AccountId> {
    (id != AccountId::NOBODY).then_some(id)
}

pub(super) fn values(contender: &Candidate) -> Vec<&'static str> {
    contender.accepted.iter().map(|value| value.as_str()).collect()
}

/// A declared exception.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverTerms<'a> {
    /// Where it is declared.
    origin: &'a Origin,
    reason: &'a str,
    /// Who answers for it.
    owner: Option<&'a str>,
    /// The last day that it covers, in UTC.
    #[schemars(extend("format" = "date"))]
    expires: String,
    /// The live values that it covers; empty covers any.
    while_live: Vec<&'static str>,
    /// Whether that day is past.
    expired: bool,
}

pub(super) fn waiver(waiver: &Waiver, today: Date) -> WaiverTerms<'_> {
    WaiverTerms {
        origin: &waiver.origin,
        reason: &waiver.reason,
        owner: waiver.owner.as_deref(),
        expires: waiver.expires.to_string(),
        while_live: waiver.while_live.iter().map(|value| value.as_str()).collect(),
        expired: waiver.is_expired(today),
    }
}

/// How closely a declaration's selectors point at a target.
#[derive(Serialize, JsonSchema)]
pub(super) struct Specificity {
    accounts: Accounts,
    /// The levels of the organizational unit below the root, where it is one.
    unit_depth: Option<u8>,
    regions: Regions,
}

/// How closely account selectors point at an account, the least closely first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Accounts {
    Everyone,
    OrganizationalUnit,
    TagOrNamePattern,
    AccountId,
}

/// How closely a Region selector points at a Region, the least closely first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Regions {
    All,
    Pattern,
    Name,
}

pub(super) fn specificity(contender: &Candidate) -> Specificity {
    let (accounts, unit_depth) = match contender.specificity.accounts {
        AccountSpecificity::Everyone => (Accounts::Everyone, None),
        AccountSpecificity::Unit(depth) => (Accounts::OrganizationalUnit, Some(depth)),
        AccountSpecificity::Attribute => (Accounts::TagOrNamePattern, None),
        AccountSpecificity::Id => (Accounts::AccountId, None),
    };
    let regions = match contender.specificity.regions {
        RegionSpecificity::All => Regions::All,
        RegionSpecificity::Pattern => Regions::Pattern,
        RegionSpecificity::Name => Regions::Name,
    };
    Specificity { accounts, unit_depth, regions }
}
