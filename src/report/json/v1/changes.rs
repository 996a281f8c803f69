//! The changes since an earlier report in the document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Resource};
use crate::report::model::End;

/// What has changed since an earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Changes {
    /// When the last answer of the earlier report was in; null if there was none that could be read.
    pub(super) compared_with: Option<String>,
    /// Problems that were not there.
    pub(super) new: usize,
    /// Problems that were otherwise.
    pub(super) changed: usize,
    /// Problems that were there.
    pub(super) persisting: usize,
    /// Problems that are not there any more, by account, Region and setting.
    pub(super) resolved: Vec<Resolved>,
    /// Problems of targets that could not be read this time: whether they are resolved is not known.
    pub(super) carried: Vec<Resolved>,
    /// When persisting problems were last printed, for `--remind`.
    #[serde(default)]
    pub(super) told_at: Option<String>,
    /// Whether the earlier report is of a time to come, by a clock that was ahead; `compared_with` is that of this run then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) clock_was_ahead: bool,
}

/// A problem of the earlier report that is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Resolved {
    /// The resource.
    #[serde(default)]
    pub(super) resource: Resource,
    /// The account.
    pub(super) account: AccountId,
    /// The Region.
    pub(super) region: String,
    /// The setting, or `session` for what was unread.
    pub(super) setting: String,
    /// What it was: the outcome, and the live value or the reason.
    pub(super) was: String,
    /// Since when it was there.
    pub(super) since: String,
    /// Whether the setting or its target is no longer declared, as opposed to being in sync.
    #[serde(default)]
    pub(super) undeclared: bool,
    /// Why it is not there any more.
    #[serde(default)]
    pub(super) kind: End,
}
