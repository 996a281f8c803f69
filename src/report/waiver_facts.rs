//! Waivers in the report model: their terms, what they cover or expect, and their use.

use std::borrow::Cow;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::changes::Concern;
use crate::model::{Origin, Resource, SettingId, UnreadReason};

/// A declared exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverFacts<'a> {
    /// The resource whose settings it covers. Reasons that hold for every resource are not bound to it.
    pub resource: Resource,
    /// Its place.
    pub origin: Cow<'a, Origin>,
    /// The reason.
    pub reason: Cow<'a, str>,
    /// The owner.
    pub owner: Option<Cow<'a, str>>,
    /// The last day that it covers, in UTC.
    pub expires: Date,
    /// The live values that it covers; empty covers any.
    pub while_live: Vec<Cow<'a, str>>,
    /// The same by setting, if the waiver names the setting of each value.
    pub while_live_by_setting: Option<Vec<(SettingId, Vec<Cow<'a, str>>)>>,
    /// The reasons for which it expects targets to be unread; `None` for a waiver of drift.
    pub unread_reasons: Option<Vec<UnreadReason>>,
}

/// The expectation of a waiver that something is unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation<'a> {
    /// The place of the waiver.
    pub origin: Cow<'a, Origin>,
    /// The reason.
    pub reason: Cow<'a, str>,
    /// The owner.
    pub owner: Option<Cow<'a, str>>,
    /// The last day of it, in UTC.
    pub expires: Date,
}

/// The terms of the waiver that covers a drift, or that expects something to be unread.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'t> {
    /// The place of the waiver.
    pub origin: &'t Origin,
    /// The reason.
    pub reason: &'t str,
    /// The owner.
    pub owner: Option<&'t str>,
    /// The last day, in UTC.
    pub expires: Date,
}

impl WaiverFacts<'_> {
    /// What is said of it wherever it counts.
    pub(super) fn terms(&self) -> Terms<'_> {
        let Self { origin, reason, owner, expires, .. } = self;
        Terms { origin, reason, owner: owner.as_deref(), expires: *expires }
    }
}

impl Expectation<'_> {
    /// What is said of it wherever it counts.
    pub(super) fn terms(&self) -> Terms<'_> {
        let Self { origin, reason, owner, expires } = self;
        Terms { origin, reason, owner: owner.as_deref(), expires: *expires }
    }
}

/// A waiver that selects a finding and does not cover it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LapsedWaiver<'a> {
    /// The waiver.
    pub waiver: WaiverFacts<'a>,
    /// Why it does not cover.
    pub why: Why,
}

/// A waiver with the number of settings that it selects, by outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverUsage<'a> {
    /// The waiver.
    pub waiver: WaiverFacts<'a>,
    /// Whether it still covers.
    pub state: State,
    /// Settings that it covers.
    pub covered: usize,
    /// Settings that drift, or are unread for another reason, although it selects them.
    pub uncovered: usize,
    /// Settings that need no waiver.
    pub in_sync: usize,
    /// Unread settings of a waiver of drift.
    pub unread: usize,
    /// Settings of targets that are not selected.
    pub not_selected: usize,
    /// What it became since an earlier report, if there was a comparison: news once.
    pub became: Option<Concern>,
}

/// Why a waiver does not cover a finding that it selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its last day is past.
    Expired,
    /// It is for another live value.
    OtherLiveValue,
    /// It expects the setting to be unread for another reason.
    OtherReason,
}

/// Whether a waiver still covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For more than two weeks.
    Active,
    /// Within 14 days it ends.
    Ending,
    /// No longer.
    Expired,
}
