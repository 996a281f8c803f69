//! The run in the document, and the accounts that it does not reach.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, AccountState, Environment, Shard};

/// How the run came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Run<'a> {
    /// The command, such as `check`.
    pub command: Cow<'a, str>,
    /// UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    pub started_at: Cow<'a, str>,
    /// UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    pub finished_at: Cow<'a, str>,
    /// Which AWS it was.
    pub source: Environment,
    /// Changes when anything in the policy set does.
    pub policy_digest: Cow<'a, str>,
    /// The policy files, sorted.
    pub policy_files: Vec<Cow<'a, str>>,
    /// The settings file; null if there is none.
    #[serde(default)]
    pub settings_file: Option<Cow<'a, str>>,
    /// The day by which waivers were judged, where it was not that of the run.
    #[serde(default)]
    #[schemars(extend("format" = "date"))]
    pub as_of: Option<Cow<'a, str>>,
    /// What `--account` and `--region` selected; null for every declared target.
    #[serde(default)]
    pub selection: Option<SelectionResult<'a>>,
    /// The number of declared targets, selected or not; left out without a selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_total: Option<usize>,
    /// Which part of the accounts this is, where the run was split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The readings that were not made in this run, where there are any: those of an earlier report, or of a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<CarriedResult<'a>>,
    /// The snapshot that stood in for AWS, where one did: no reading is newer than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotFacts<'a>>,
    /// The management account of the organization whose accounts these are, where the inventory comes from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_account: Option<AccountId>,
    /// Null if the run was interrupted before this was learnt.
    pub caller: Option<Caller<'a>>,
}

/// The selected targets: those of any of the accounts in any of the Regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SelectionResult<'a> {
    /// Account ids, names and name patterns, sorted; empty for every account.
    pub accounts: Vec<Cow<'a, str>>,
    /// Region codes and patterns, sorted; empty for every Region.
    pub regions: Vec<Cow<'a, str>>,
}

/// Readings that were not made in this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CarriedResult<'a> {
    /// How many.
    pub readings: usize,
    /// When the run that made them began, or the first of several: UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    pub read_at: Cow<'a, str>,
}

/// The snapshot that stood in for AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SnapshotFacts<'a> {
    /// When it was taken: UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    pub taken_at: Cow<'a, str>,
}

/// Whose credentials the run started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Caller<'a> {
    /// The account.
    pub account: AccountId,
    /// The user or role.
    pub arn: Cow<'a, str>,
}

/// An account that no declaration reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Unreached<'a> {
    /// The account.
    pub account: AccountId,
    /// The account's name, where the inventory knows names.
    pub account_name: Option<Cow<'a, str>>,
    /// What AWS Organizations says of the account, where the inventory comes from there.
    pub account_state: Option<AccountState>,
}
