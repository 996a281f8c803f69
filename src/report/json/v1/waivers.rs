//! Waivers in the document.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by_setting::BySetting;
use crate::model::{Origin, Resource, UnreadReason};
use crate::report::model::{Concern, State, Why};

/// A declared exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WaiverResult<'a> {
    /// The resource whose settings it covers. Reasons that hold for every resource are not bound to it.
    #[serde(default)]
    pub resource: Resource,
    /// Where it is declared.
    pub origin: Cow<'a, Origin>,
    /// Why.
    pub reason: Cow<'a, str>,
    /// Who answers for it.
    pub owner: Option<Cow<'a, str>>,
    /// The last day that it covers, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: jiff::civil::Date,
    /// The live values that it covers; empty covers any.
    pub while_live: Vec<Cow<'a, str>>,
    /// The same by setting, where the waiver names the setting of each value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub while_live_by_setting: Option<BySetting<Vec<Cow<'a, str>>>>,
    /// The reasons for which it expects targets to be unread; null for a waiver of drift.
    #[serde(default)]
    #[schemars(extend("items" = {"enum": UnreadReason::WAIVABLE}))]
    pub unread_reasons: Option<Vec<UnreadReason>>,
}

/// The waiver that expects something to be unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExpectedUnread<'a> {
    /// Why.
    pub reason: Cow<'a, str>,
    /// Who answers for it.
    pub owner: Option<Cow<'a, str>>,
    /// The last day on which it is expected, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: jiff::civil::Date,
    /// Where it is declared.
    pub origin: Cow<'a, Origin>,
}

/// A waiver that selects what drifts or is unread, and does not cover it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LapsedWaiver<'a> {
    /// The waiver.
    #[serde(flatten)]
    pub waiver: WaiverResult<'a>,
    /// Why it does not cover.
    pub why: Why,
}

/// A waiver of the policies with what became of the settings that it selects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WaiverUseResult<'a> {
    /// The waiver.
    #[serde(flatten)]
    pub waiver: WaiverResult<'a>,
    /// Whether it still covers.
    pub state: State,
    /// Settings of targets that it covers: their drift, or that they are unread.
    pub covered: usize,
    /// Settings of targets that drift or are unread although it selects them: it has expired, or is for another live value or
    /// reason.
    pub uncovered: usize,
    /// Settings of targets that it selects and that need no waiver: in sync or, if it expects them to be unread, read. If it covers
    /// others, it is wider than it need be.
    pub in_sync: usize,
    /// Settings of targets that it selects and of which nothing is known; 0 for one that expects just that.
    pub unread: usize,
    /// Settings that it selects of targets that were not selected for the run.
    #[serde(default)]
    pub not_selected: usize,
    /// What it became since the last run; only where one was compared with, and only in the first report of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<Concern>,
}
