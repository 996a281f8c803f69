//! The count of each outcome, and the verdict.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::resource::Outcome;

/// The count of each outcome. The parts add up to `declared`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, schemars::JsonSchema)]
pub struct Ledger {
    /// Every declared target.
    pub declared: usize,
    /// Those whose live values are all accepted.
    pub in_sync: usize,
    /// Those that are not.
    pub drifted: usize,
    /// Those that are not, as a declared exception allows.
    pub waived: usize,
    /// Those that do not have the declared settings.
    pub not_applicable: usize,
    /// Those of which a declared setting is unread, and none drifts.
    pub unread: usize,
    /// Those that drift and are partly unread: no part of the sum.
    #[serde(default)]
    pub partly_unread: usize,
    /// Those of the unread ones whose unread settings are all expected to be by a waiver: no part of the sum.
    #[serde(default)]
    pub expected_unread: usize,
    /// Those of which a setting is unread that no waiver expects.
    #[serde(skip)]
    pub(crate) incomplete: usize,
    /// Those of which something is known.
    #[serde(skip)]
    pub(crate) known: usize,
    /// The day after which the first target is no longer expected to be unread.
    #[serde(skip)]
    pub(crate) expected_until: Option<Date>,
}

/// The outcomes of a target's declared settings, as far as a ledger counts them.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingOutcomes {
    is_known: bool,
    is_unread: bool,
    is_incomplete: bool,
    expected_until: Option<Date>,
}

/// What a run has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing drifts, and nothing is unread but what a waiver expects.
    InSync,
    /// Something drifts, and nothing is unread but what a waiver expects.
    Drift,
    /// Something is unread, and nothing drifts in the rest.
    Incomplete,
    /// Something drifts and something is unread.
    DriftAndIncomplete,
}

impl Ledger {
    /// The count of one outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::InSync => self.in_sync,
            Outcome::Drifted => self.drifted,
            Outcome::Waived => self.waived,
            Outcome::NotApplicable => self.not_applicable,
            Outcome::Unread => self.unread,
        }
    }

    /// Counts a target with this outcome and these of its settings.
    pub fn add(&mut self, outcome: Outcome, settings: SettingOutcomes) {
        let SettingOutcomes { is_known, is_unread, is_incomplete, expected_until } = settings;
        self.declared += 1;
        self.partly_unread += usize::from(is_unread && outcome == Outcome::Drifted);
        self.expected_unread += usize::from(is_unread && !is_incomplete && outcome == Outcome::Unread);
        self.incomplete += usize::from(is_incomplete);
        self.known += usize::from(is_known);
        self.expected_until = first(self.expected_until, expected_until.filter(|_| !is_incomplete));
        *match outcome {
            Outcome::InSync => &mut self.in_sync,
            Outcome::Drifted => &mut self.drifted,
            Outcome::Waived => &mut self.waived,
            Outcome::NotApplicable => &mut self.not_applicable,
            Outcome::Unread => &mut self.unread,
        } += 1;
    }

    /// Whether there are targets, and nothing is known of any.
    pub fn is_blind(&self) -> bool {
        self.declared > 0 && self.known == 0
    }

    /// Whether both count the same, as far as reports hold it.
    pub fn shows_same(&self, other: &Self) -> bool {
        let Self { incomplete, known, expected_until, .. } = *other;
        Self { incomplete, known, expected_until, ..*self } == *other
    }

    /// What the counts amount to. What is unread as expected makes nothing incomplete, unless nothing is known at all.
    pub fn verdict(&self) -> Verdict {
        match (self.drifted > 0, self.incomplete > 0 || self.is_blind()) {
            (false, false) => Verdict::InSync,
            (true, false) => Verdict::Drift,
            (false, true) => Verdict::Incomplete,
            (true, true) => Verdict::DriftAndIncomplete,
        }
    }
}

impl FromIterator<Outcome> for Ledger {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Self {
        let mut ledger = Self::default();
        outcomes.into_iter().for_each(|outcome| ledger.add(outcome, [(outcome, None)].into_iter().collect()));
        ledger
    }
}

impl SettingOutcomes {
    /// Adds a setting, with the last day on which a waiver expects it to be unread, if one does.
    pub fn add(&mut self, outcome: Outcome, expected_until: Option<Date>) {
        let is_unread = outcome == Outcome::Unread;
        self.is_known |= !is_unread;
        self.is_unread |= is_unread;
        self.is_incomplete |= is_unread && expected_until.is_none();
        self.expected_until = first(self.expected_until, expected_until.filter(|_| is_unread));
    }
}

impl FromIterator<(Outcome, Option<Date>)> for SettingOutcomes {
    fn from_iter<I: IntoIterator<Item = (Outcome, Option<Date>)>>(settings: I) -> Self {
        let mut outcomes = Self::default();
        settings.into_iter().for_each(|(outcome, expected_until)| outcomes.add(outcome, expected_until));
        outcomes
    }
}

/// The earlier of two days, of which either may be missing.
fn first(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    one.into_iter().chain(other).min()
}

impl std::iter::Sum for Ledger {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |one, two| Self {
            declared: one.declared + two.declared,
            in_sync: one.in_sync + two.in_sync,
            drifted: one.drifted + two.drifted,
            waived: one.waived + two.waived,
            not_applicable: one.not_applicable + two.not_applicable,
            unread: one.unread + two.unread,
            partly_unread: one.partly_unread + two.partly_unread,
            expected_unread: one.expected_unread + two.expected_unread,
            incomplete: one.incomplete + two.incomplete,
            known: one.known + two.known,
            expected_until: first(one.expected_until, two.expected_until),
        })
    }
}

impl Verdict {
    /// The verdict with drift that this run could not see, and that counts all the same.
    #[must_use]
    pub fn with_drift(self, drifts: bool) -> Self {
        match self {
            Self::InSync if drifts => Self::Drift,
            Self::Incomplete if drifts => Self::DriftAndIncomplete,
            _ => self,
        }
    }

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Drift => "drift",
            Self::Incomplete => "incomplete",
            Self::DriftAndIncomplete => "drift_and_incomplete",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn unread_alone_is_never_clean_and_never_drift() {
        let verdict = |outcomes: &[Outcome]| outcomes.iter().copied().collect::<Ledger>().verdict();
        assert_eq!(verdict(&[Outcome::InSync, Outcome::Waived, Outcome::NotApplicable]), Verdict::InSync);
        assert_eq!(verdict(&[Outcome::InSync, Outcome::Drifted]), Verdict::Drift);
        assert_eq!(verdict(&[Outcome::InSync, Outcome::Unread]), Verdict::Incomplete);
        assert_eq!(verdict(&[Outcome::Drifted, Outcome::Unread]), Verdict::DriftAndIncomplete);
    }

    #[test]
    fn what_is_unread_as_expected_counts_only_where_nothing_is_known() {
        use Outcome::{Drifted, InSync, Unread};
        type Settings<'a> = &'a [(Outcome, Option<Date>)];
        let verdict = |targets: &[(Outcome, Settings<'_>)]| {
            let mut ledger = Ledger::default();
            for (outcome, settings) in targets {
                ledger.add(*outcome, settings.iter().copied().collect());
            }
            (ledger.verdict(), ledger.unread, ledger.expected_unread, ledger.partly_unread)
        };
        let day = Some(date(2027, 3, 31));
        let read: (Outcome, Settings<'_>) = (InSync, &[(InSync, None)]);
        let expected: (Outcome, Settings<'_>) = (Unread, &[(Unread, day), (Unread, day)]);
        assert_eq!(verdict(&[read, expected]), (Verdict::InSync, 1, 1, 0));
        assert_eq!(verdict(&[read, (Unread, &[(Unread, day), (Unread, None)])]), (Verdict::Incomplete, 1, 0, 0));
        assert_eq!(verdict(&[(Drifted, &[(Drifted, None), (Unread, day)])]), (Verdict::Drift, 0, 0, 1));
        assert_eq!(verdict(&[(Drifted, &[(Drifted, None), (Unread, None)])]), (Verdict::DriftAndIncomplete, 0, 0, 1));
        assert_eq!(verdict(&[(Unread, &[(InSync, None), (Unread, day)])]), (Verdict::InSync, 1, 1, 0));
        assert_eq!(verdict(&[expected, expected]), (Verdict::Incomplete, 2, 2, 0), "never green over nothing");
        assert_eq!(verdict(&[]), (Verdict::InSync, 0, 0, 0));
    }

    #[test]
    fn the_parts_add_up() {
        let ledger: Ledger = Outcome::ALL.into_iter().chain([Outcome::Drifted]).collect();
        assert_eq!(ledger.declared, Outcome::ALL.into_iter().map(|outcome| ledger.count(outcome)).sum::<usize>());
        assert_eq!(ledger.drifted, 2);
    }
}
