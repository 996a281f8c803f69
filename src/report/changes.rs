//! The changes since an earlier report.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Region, Resource};
use crate::resource::Outcome;

/// The changes since an earlier report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The end of the earlier run; `None` if there was no readable report.
    pub compared_with: Option<Timestamp>,
    /// The number of new findings.
    pub new: usize,
    /// Of these, those that are unread: what was read before, or was not declared.
    pub newly_unread: usize,
    /// The number of changed findings, with the carried drift whose waiver ended.
    pub changed: usize,
    /// The number of unchanged findings.
    pub persisting: usize,
    /// The findings that ended, by account, Region and setting.
    pub resolved: Vec<Resolved>,
    /// The findings of targets that are unread in this run. Whether they ended is not known.
    pub carried: Vec<Resolved>,
    /// The number of waivers that became expiring, expired or unused.
    pub waivers: usize,
    /// When unchanged findings were last reported, for `--remind`.
    pub last_notified: Option<Timestamp>,
    /// Whether `--remind` makes this report repeat the unchanged findings.
    pub is_reminder: bool,
    /// Whether the earlier report has a time in the future; `compared_with` is then the time of this run.
    pub clock_was_ahead: bool,
}

/// A finding of the earlier report that is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resolved {
    /// The account.
    pub account: AccountId,
    /// The account's name, if an inventory knew it.
    pub account_name: Option<String>,
    /// The Region.
    pub region: Region,
    /// The resource.
    pub resource: Resource,
    /// The key of the setting, or `session` for an unread target.
    pub setting: String,
    /// The former outcome, with the live value or the reason.
    pub was: String,
    /// Since when it had been there.
    pub since: Timestamp,
    /// Whether the setting or its target is not declared any more.
    pub undeclared: bool,
    /// Why it is not there any more.
    pub kind: End,
    /// Whether a waiver covered the drift in the earlier report, and none does now; of carried drift only.
    pub waiver_ended: bool,
}

/// What has become of a problem since an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMark {
    /// It was not there.
    New,
    /// It was there, and was otherwise: another live value, another reason or cause, waived or expected or not.
    Changed,
    /// It was there.
    Persisting,
}

/// Why a problem is not there any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// What is live has changed, and is as declared.
    #[default]
    DriftEnded,
    /// What is live is as it was, and the policies accept it now.
    Accepted,
    /// The target can be read again.
    ReadableAgain,
    /// The setting or the target does not apply any more: the session is off, or the Region is.
    NotApplicable,
    /// The setting or the target is not declared any more. Nobody knows whether it is otherwise than it was.
    Undeclared,
    /// The target could not be read this time, so that it may still be there.
    Unknown,
}

/// Why a waiver asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Its last day is past.
    Expired,
    /// Within 14 days it ends.
    Expiring,
    /// It covers nothing now.
    Unused,
}

impl Changes {
    /// The number of findings that ended, and the number that are only not declared any more.
    pub fn ended(&self) -> (usize, usize) {
        let undeclared = self.resolved.iter().filter(|ended| ended.undeclared).count();
        (self.resolved.len() - undeclared, undeclared)
    }

    /// Whether there was a comparison and nothing changed.
    pub fn is_empty(&self) -> bool {
        let is_as_before = self.new == 0 && self.changed == 0 && self.resolved.is_empty() && self.waivers == 0;
        self.compared_with.is_some() && is_as_before
    }

    /// The drift of targets that are unread in this run. It counts until they are read again.
    pub fn carried_drift(&self) -> impl Iterator<Item = &Resolved> {
        self.carried.iter().filter(|carried| carried.was_drift())
    }

    /// The number of carried drifts whose waiver ended since the earlier report.
    pub(super) fn ended_waivers(&self) -> usize {
        self.carried.iter().filter(|carried| carried.waiver_ended).count()
    }
}

impl Resolved {
    /// Whether it was drift that no waiver covered.
    pub fn was_drift(&self) -> bool {
        self.was.split_once(' ').is_some_and(|(outcome, _)| outcome == Outcome::Drifted.as_str())
    }

    /// Whether it was unread.
    pub(super) fn was_unread(&self) -> bool {
        self.was.starts_with(UNREAD)
    }
}

/// The beginning of the text of what was unread.
pub(super) const UNREAD: &str = "unread ";

/// The beginning of the text of what a waiver covered.
pub(super) const WAIVED: &str = "waived ";

impl Resolved {
    /// The finding in one sentence, with untrusted text in single quotes, not escaped for any format.
    pub(super) fn sentence(&self) -> String {
        let (account, region, label) = (self.account, &self.region, self.resource.label(&self.setting));
        let waiver = if self.waiver_ended { "; no waiver covers it any more" } else { "" };
        let (was, since, end) = (&self.was, self.since, self.kind.as_str());
        format!("Account '{account}' Region '{region}': {label} was '{was}' since {since}: {end}{waiver}.")
    }

    /// Whether it counts as resolved, as changed, or neither: the target is unread.
    pub(super) fn change(&self) -> &'static str {
        match self.kind {
            End::Unknown if self.waiver_ended => ChangeMark::Changed.as_str(),
            End::Unknown => "carried",
            _ => "resolved",
        }
    }
}

impl Changes {
    /// The findings of the earlier report that are not in this one: those that ended, then those that are carried.
    pub(super) fn not_present(&self) -> impl Iterator<Item = &Resolved> {
        self.resolved.iter().chain(&self.carried)
    }
}

impl End {
    /// The word used in reports for programs.
    pub fn key(self) -> &'static str {
        match self {
            Self::DriftEnded => "drift_ended",
            Self::Accepted => "accepted",
            Self::ReadableAgain => "readable_again",
            Self::NotApplicable => "not_applicable",
            Self::Undeclared => "undeclared",
            Self::Unknown => "unknown",
        }
    }

    /// The words used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriftEnded => "resolved",
            Self::Accepted => "resolved, since the policies accept it now",
            Self::ReadableAgain => "resolved, since it can be read again",
            Self::NotApplicable => "does not apply any more",
            Self::Undeclared => "not declared any more",
            Self::Unknown => "not known",
        }
    }
}

impl ChangeMark {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Persisting => "persisting",
        }
    }
}
