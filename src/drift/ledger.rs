//! The count of each outcome, the verdict, and the settings that a change of the policies leaves unmanaged.

use std::fmt;

use schemars::JsonSchema;
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
}

/// What a run has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every declared target was read and none drifts.
    InSync,
    /// Everything was read, and something drifts.
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

    /// Counts a target, given whether a declared setting of it is unread.
    pub fn add(&mut self, outcome: Outcome, has_unread_setting: bool) {
        self.declared += 1;
        self.partly_unread += usize::from(has_unread_setting && outcome == Outcome::Drifted);
        *match outcome {
            Outcome::InSync => &mut self.in_sync,
            Outcome::Drifted => &mut self.drifted,
            Outcome::Waived => &mut self.waived,
            Outcome::NotApplicable => &mut self.not_applicable,
            Outcome::Unread => &mut self.unread,
        } += 1;
    }

    /// What the counts amount to.
    pub fn verdict(&self) -> Verdict {
        match (self.drifted > 0, self.unread + self.partly_unread > 0) {
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
        outcomes.into_iter().for_each(|outcome| ledger.add(outcome, false));
        ledger
    }
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
        })
    }
}

impl Verdict {
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

/// The git revision that policies are compared with, and what of it they do not manage any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseFacts {
    /// The git revision, as it was named.
    pub revision: String,
    /// Settings of targets of this run that drifted by the old policies, and of which the new ones want nothing.
    pub unmanaged: usize,
    /// Targets that the old policies want something of, and the new ones do not. They were not read.
    pub no_longer_declared: usize,
    /// Settings of which the old policies want something and the new ones nothing, drifted or not, of targets that are still
    /// declared.
    #[serde(default)]
    pub settings_no_longer_declared: usize,
}

#[cfg(test)]
mod tests {
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
    fn the_parts_add_up() {
        let ledger: Ledger = Outcome::ALL.into_iter().chain([Outcome::Drifted]).collect();
        assert_eq!(ledger.declared, Outcome::ALL.into_iter().map(|outcome| ledger.count(outcome)).sum::<usize>());
        assert_eq!(ledger.drifted, 2);
    }
}
