//! What a change of the policies does about each finding, given what is live.
//!
//! Both verdicts are of the same readings and the same day: a change of the policies leaves the live state as it is.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::comparison::{TargetFinding, evaluate};
use crate::model::{AccountId, DesiredSetting, DesiredTarget, Origin, Region, Resource, UnreadReason, Waiver};
use crate::resource::session_manager_sessions::SessionRule;
use crate::resource::{Outcome, ReadBy, Reading, Setting, SettingKey};

/// What a change of the policies does about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// The new policies accept what is live, or the setting no longer applies; by the old ones it was a finding.
    Accepts,
    /// A waiver covers it, and the old policies had none on these terms.
    Waives,
    /// It drifts or is unexpectedly unread by the new policies, and was neither by the old ones.
    Causes,
    /// It is so by both.
    Already,
}

impl Review {
    /// Every class, in the order of reports: what a reviewer approves comes first.
    pub const ALL: [Self; 4] = [Self::Waives, Self::Accepts, Self::Causes, Self::Already];

    /// The word used in reports for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepts => "accepts",
            Self::Waives => "waives",
            Self::Causes => "causes",
            Self::Already => "already",
        }
    }
}

/// The number of findings of each class, and of what the new policies no longer declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BaseCounts {
    /// Findings by the old policies that the new ones accept.
    pub accepts: usize,
    /// Findings that a waiver covers, on terms that the old policies did not have.
    pub waives: usize,
    /// Findings by the new policies alone.
    pub causes: usize,
    /// Findings by both.
    pub already: usize,
    /// What is unread by both, and rules whose old `ended_within` is wider than what was read, unless a session that was read
    /// violates the old rule: nobody knows what the change does there. No part of the classes.
    pub unread: usize,
    /// Settings of targets of this run that drifted by the old policies, and that the new ones do not declare.
    pub unmanaged: usize,
    /// Targets that the old policies declare, and the new ones do not. They were not read.
    pub no_longer_declared: usize,
    /// Settings that the old policies declare and the new ones do not, drifted or not, of targets that are still declared.
    pub settings_no_longer_declared: usize,
}

/// The Git revision that policies are compared with, and what the change does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseFacts {
    /// The Git revision, as it was named.
    pub revision: String,
    /// The counts.
    pub counts: BaseCounts,
}

/// A finding that the new policies accept or waive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovedFinding {
    /// `accepts` or `waives`.
    pub review: Review,
    /// The resource.
    pub resource: Resource,
    /// The account.
    pub account: AccountId,
    /// The name of the account, if the inventory knows it.
    pub account_name: Option<Box<str>>,
    /// The Region.
    pub region: Region,
    /// The setting; null for a target that is unread as a whole.
    pub setting: Option<SettingKey>,
    /// The values that the old policies accepted; empty if the new ones waive the finding.
    pub base_desired: Vec<String>,
    /// The values that the new policies accept.
    pub desired: Vec<String>,
    /// The live value; null where it is unread or not applicable.
    pub live: Option<String>,
    /// Why it is unread; null where it is not.
    pub unread: Option<UnreadReason>,
    /// The declaration that decides; null for a target that is unread as a whole.
    pub origin: Option<Origin>,
    /// The waiver; null if the new policies accept what is live.
    pub waiver: Option<Approval>,
}

/// The terms of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The reason.
    pub reason: String,
    /// The owner.
    pub owner: Option<String>,
    /// The last day that it covers, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: Date,
    /// The place of the waiver.
    pub origin: Origin,
}

impl From<&Waiver> for Approval {
    fn from(waiver: &Waiver) -> Self {
        Self {
            reason: waiver.reason.to_string(),
            owner: waiver.owner.as_deref().map(str::to_owned),
            expires: waiver.expires,
            origin: waiver.origin.clone(),
        }
    }
}

/// What a change of the policies does about the findings of one target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetReview {
    /// The class of a target that is unread as a whole.
    pub whole: Option<Review>,
    /// The class of each declared setting, in their order. Settings of a target that is unread as a whole have none.
    pub settings: Vec<Option<Review>>,
    /// The settings of which nobody knows what the change does.
    pub unread: usize,
}

/// Verdict of policies on a setting, or on a target that is unread as a whole, in the order of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Assessment {
    Undeclared,
    /// In sync or not applicable.
    Fine,
    /// Waived, or unread as expected.
    Covered,
    /// By the old policies: the rule is about more ended sessions than were read, and those that were read keep it.
    Unknown,
    /// Unread, and no waiver expects it.
    Unread,
    Drifted,
}

/// Reviews a target, given what the old policies declare of it.
pub fn review_target(new: TargetFinding<'_>, old: Option<&DesiredTarget>) -> TargetReview {
    let old_settings: &[Arc<DesiredSetting>] = old.map_or(&[], |old| &old.declared.settings);
    let old_reading = match old.map(|old| old.declared.region_named) {
        Some(named) if named != new.desired.declared.region_named => {
            Cow::Owned(new.reading.clone().reinterpreted(new.desired.resource, named))
        }
        _ => Cow::Borrowed(new.reading),
    };
    let was = |old: &Arc<DesiredSetting>| Assessment::by_old_policies(old, &old_reading, new);
    let settings = new.desired.declared.settings.iter().map(|desired| {
        let found = evaluate(desired, new.reading, new.today());
        let is_unread = found.outcome == Outcome::Unread;
        let old = old_settings.iter().find(|old| old.setting == desired.setting);
        let (was, was_unread) = old.map_or((Assessment::Undeclared, false), was);
        let is_new = old.is_none() && is_unread;
        let old_waivers = old_settings.iter().filter(|old| old.setting == desired.setting || is_new);
        let is_granted =
            |waiver: &Waiver| old_waivers.flat_map(|old| &old.waivers).any(|old| old.grants(waiver, desired.setting));
        let now = Assessment::new(found.outcome, found.waiver.is_some());
        let review = classify(was, now, found.waiver.is_some_and(|waiver| is_granted(waiver)));
        (now, review, was == Assessment::Unknown || (was_unread && is_unread))
    });
    let settings: Vec<(Assessment, Option<Review>, bool)> = settings.collect();
    if !matches!(new.reading, Reading::Unread(_)) {
        let unread = settings.iter().filter(|(_, review, is_unclear)| *is_unclear && review.is_none()).count();
        return TargetReview {
            whole: None,
            settings: settings.into_iter().map(|(_, review, _)| review).collect(),
            unread,
        };
    }
    // One finding: the target as a whole.
    let was_unread = old_settings.iter().any(|old| was(old).1);
    let is_granted = settings.iter().all(|(_, review, _)| *review != Some(Review::Waives));
    let now = Assessment::for_target(settings.iter().map(|(now, ..)| *now));
    let whole = classify(Assessment::for_target(old_settings.iter().map(|old| was(old).0)), now, is_granted);
    TargetReview { whole, settings: vec![None; settings.len()], unread: usize::from(was_unread && whole.is_none()) }
}

/// The class of a finding; `None` if nothing about it changes that a reviewer should know. `is_granted`: the old policies had a
/// waiver on the terms of the new one.
fn classify(was: Assessment, now: Assessment, is_granted: bool) -> Option<Review> {
    match (was, now) {
        (Assessment::Undeclared | Assessment::Fine, Assessment::Fine)
        | (Assessment::Unread, Assessment::Unread)
        | (_, Assessment::Undeclared)
        // Whether it was a finding decides between two classes, or between a class and none.
        | (Assessment::Unknown, Assessment::Fine | Assessment::Unread | Assessment::Drifted) => None,
        (_, Assessment::Fine) => Some(Review::Accepts),
        (_, Assessment::Covered) => (!is_granted).then_some(Review::Waives),
        (Assessment::Drifted | Assessment::Unread, Assessment::Drifted | Assessment::Unread) => Some(Review::Already),
        (_, Assessment::Drifted | Assessment::Unread | Assessment::Unknown) => Some(Review::Causes),
    }
}

impl Assessment {
    fn new(outcome: Outcome, is_covered: bool) -> Self {
        match outcome {
            Outcome::InSync | Outcome::NotApplicable => Self::Fine,
            Outcome::Drifted => Self::Drifted,
            Outcome::Unread if !is_covered => Self::Unread,
            Outcome::Waived | Outcome::Unread => Self::Covered,
        }
    }

    /// The verdict of the old policies on a setting, and whether it is unread by them. What a session violates in a narrower window
    /// it violates in a wider one; nothing else is known of a window that was not read, or of another rule than an earlier report is
    /// about.
    fn by_old_policies(old: &DesiredSetting, reading: &Reading, new: TargetFinding<'_>) -> (Self, bool) {
        let found = evaluate(old, reading, new.today());
        let was = (Self::new(found.outcome, found.waiver.is_some()), found.outcome == Outcome::Unread);
        let Reading::Sessions(sessions) = reading else { return was };
        let read_by = Setting::for_id(old.setting).map(|setting| setting.read);
        let is_for_each = matches!(read_by, Some(ReadBy::Sessions(SessionRule::Each(_))));
        let rules = &new.desired.declared.settings;
        let is_same = |rule: &Arc<DesiredSetting>| {
            rule.setting == old.setting && rule.decided.accepted.accepts_same(&old.decided.accepted)
        };
        let is_listed = sessions.listed().is_some();
        if sessions.covers(old.ended_within().as_ref()) && (is_listed || !is_for_each || rules.iter().any(is_same)) {
            return was;
        }
        let window = rules.first().and_then(|rule| rule.window.clone());
        let narrowed = DesiredSetting { window, ..old.clone() };
        let is_telling = is_listed && is_for_each && narrowed.ended_within() < old.ended_within();
        match evaluate(&narrowed, reading, new.today()).outcome {
            Outcome::Drifted if is_telling => (Self::Drifted, false),
            Outcome::Waived if is_telling => (Self::Covered, false),
            _ => (Self::Unknown, false),
        }
    }

    /// The standing of a target, from those of its settings: what asks for attention first.
    fn for_target(settings: impl Iterator<Item = Self>) -> Self {
        settings.max().unwrap_or(Self::Undeclared)
    }
}

impl BaseCounts {
    /// The number of findings of a class.
    pub fn count(&self, review: Review) -> usize {
        match review {
            Review::Accepts => self.accepts,
            Review::Waives => self.waives,
            Review::Causes => self.causes,
            Review::Already => self.already,
        }
    }

    /// Counts the findings of a target.
    pub fn add(&mut self, reviewed: &TargetReview) {
        for review in reviewed.settings.iter().chain([&reviewed.whole]).flatten() {
            *match review {
                Review::Accepts => &mut self.accepts,
                Review::Waives => &mut self.waives,
                Review::Causes => &mut self.causes,
                Review::Already => &mut self.already,
            } += 1;
        }
        self.unread += reviewed.unread;
    }

    /// The counts of two parts of a run. They saturate: a saved report may hold any number.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            accepts: self.accepts.saturating_add(other.accepts),
            waives: self.waives.saturating_add(other.waives),
            causes: self.causes.saturating_add(other.causes),
            already: self.already.saturating_add(other.already),
            unread: self.unread.saturating_add(other.unread),
            unmanaged: self.unmanaged.saturating_add(other.unmanaged),
            no_longer_declared: self.no_longer_declared.saturating_add(other.no_longer_declared),
            settings_no_longer_declared: self
                .settings_no_longer_declared
                .saturating_add(other.settings_no_longer_declared),
        }
    }
}
