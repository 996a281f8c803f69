//! Waivers in the JSON report.

use schemars::JsonSchema;
use serde::Serialize;

use crate::drift::{SettingFinding, WaiverUse};
use crate::model::{Cover, Origin, Waiver};

/// A declared exception.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverResult<'a> {
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
}

/// A waiver that selects a drift and does not cover it.
#[derive(Serialize, JsonSchema)]
pub(super) struct LapsedWaiver<'a> {
    #[serde(flatten)]
    waiver: WaiverResult<'a>,
    why: Why,
}

/// Why a waiver does not cover a drift that it selects.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// Its last day is past.
    Expired,
    /// It is for another live value.
    OtherLiveValue,
}

/// A waiver of the policies with what became of the settings that it selects.
#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverUseResult<'a> {
    #[serde(flatten)]
    waiver: WaiverResult<'a>,
    /// `ending`: within 14 days.
    #[schemars(extend("enum" = ["active", "ending", "expired"]))]
    state: &'static str,
    /// Settings of targets whose drift it covers.
    covered: usize,
    /// Settings of targets that drift although it selects them: it has expired, or is for another live value.
    uncovered: usize,
    /// Settings of targets that it selects and that need no waiver. If it covers others, it is wider than it need be.
    in_sync: usize,
    /// Settings of targets that it selects and of which nothing is known.
    unread: usize,
}

fn result(waiver: &Waiver) -> WaiverResult<'_> {
    WaiverResult {
        origin: &waiver.origin,
        reason: &waiver.reason,
        owner: waiver.owner.as_deref(),
        expires: waiver.expires.to_string(),
        while_live: waiver.while_live.iter().map(|value| value.as_str()).collect(),
    }
}

/// The waiver that covers a drift, if one does.
pub(super) fn covering<'a>(finding: &SettingFinding<'a>) -> Option<WaiverResult<'a>> {
    finding.waiver.map(|waiver| result(waiver))
}

/// Those that do not, and why.
pub(super) fn lapsed<'a>(finding: &SettingFinding<'a>) -> Vec<LapsedWaiver<'a>> {
    finding
        .lapsed()
        .map(|(waiver, cover)| LapsedWaiver {
            waiver: result(waiver),
            why: if cover == Cover::Expired { Why::Expired } else { Why::OtherLiveValue },
        })
        .collect()
}

/// A waiver with what became of it.
pub(super) fn used(used: &WaiverUse) -> WaiverUseResult<'_> {
    WaiverUseResult {
        waiver: result(&used.waiver),
        state: used.state.as_str(),
        covered: used.covered,
        uncovered: used.uncovered,
        in_sync: used.in_sync,
        unread: used.unread,
    }
}
