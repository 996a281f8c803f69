//! Waivers in the document.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by_setting::BySetting;
use crate::model::Origin;
use crate::report::model::{State, Why};

/// A declared exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WaiverResult<'a> {
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
}

/// A waiver that selects a drift and does not cover it.
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
    /// Settings of targets whose drift it covers.
    pub covered: usize,
    /// Settings of targets that drift although it selects them: it has expired, or is for another live value.
    pub uncovered: usize,
    /// Settings of targets that it selects and that need no waiver. If it covers others, it is wider than it need be.
    pub in_sync: usize,
    /// Settings of targets that it selects and of which nothing is known.
    pub unread: usize,
}
