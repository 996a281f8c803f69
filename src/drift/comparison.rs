//! Every declared target with its reading and its outcome.

use super::{Ledger, Verdict};
use crate::model::{DesiredState, DesiredTarget, SettingValue, SettingWish, Severity};
use crate::session::{Outcome, Reading, compare};

/// A declared target with what was learnt of it.
#[derive(Debug, Clone)]
pub struct TargetFinding {
    /// The target, and what is wanted of it.
    pub desired: DesiredTarget,
    /// What was learnt.
    pub reading: Reading,
    /// What came of comparing.
    pub outcome: Outcome,
}

/// One declared setting of a target.
#[derive(Debug, Clone, Copy)]
pub struct SettingFinding<'target> {
    /// What is wanted, and where it says so.
    pub wish: &'target SettingWish,
    /// What is live, where that is known.
    pub live: Option<SettingValue>,
    /// What came of comparing.
    pub outcome: Outcome,
}

/// Every declared target, each exactly once, sorted by account, then Region.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    targets: Vec<TargetFinding>,
    ledger: Ledger,
}

impl TargetFinding {
    fn new(desired: DesiredTarget, reading: Reading) -> Self {
        let outcomes = desired.wish.settings.iter().map(|wish| compare(wish.setting, &wish.decided.accepted, &reading));
        let outcome = overall(outcomes);
        Self { desired, reading, outcome }
    }

    /// The declared settings, in the order of [`Setting::ALL`](crate::model::Setting::ALL).
    pub fn settings(&self) -> impl Iterator<Item = SettingFinding<'_>> {
        self.desired.wish.settings.iter().map(|wish| SettingFinding {
            wish,
            live: self.reading.live_value(wish.setting),
            outcome: compare(wish.setting, &wish.decided.accepted, &self.reading),
        })
    }

    /// The greatest severity among its drifted settings.
    pub fn severity(&self) -> Option<Severity> {
        let drifted = self.settings().filter(|setting| setting.outcome == Outcome::Drifted);
        drifted.map(|setting| setting.wish.severity).max()
    }
}

/// The outcome of a target, from those of its settings: what asks for attention first.
fn overall(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Unread => 4,
        Outcome::Drifted => 3,
        Outcome::Waived => 2,
        Outcome::InSync => 1,
        Outcome::NotApplicable => 0,
    };
    outcomes.max_by_key(rank).unwrap_or(Outcome::NotApplicable)
}

impl Comparison {
    /// Compares each target with its reading. There must be one reading per target, in the same order; should one be
    /// missing, its target is unread, never lost.
    pub fn new(desired: DesiredState, readings: Vec<Reading>) -> Self {
        let mut readings = readings.into_iter();
        let targets: Vec<TargetFinding> = desired
            .into_targets()
            .into_iter()
            .map(|target| {
                let reading = readings.next().unwrap_or_else(Reading::missing);
                TargetFinding::new(target, reading)
            })
            .collect();
        let ledger = targets.iter().map(|target| target.outcome).collect();
        Self { targets, ledger }
    }

    /// The targets, sorted by account, then Region.
    pub fn targets(&self) -> &[TargetFinding] {
        &self.targets
    }

    /// The count of each outcome.
    pub fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// What the whole amounts to.
    pub fn verdict(&self) -> Verdict {
        self.ledger.verdict()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_attention_decides_about_a_target() {
        use Outcome::{Drifted, InSync, NotApplicable, Unread, Waived};
        for (outcomes, expected) in [
            (vec![InSync, Drifted], Drifted),
            (vec![Drifted, NotApplicable], Drifted),
            (vec![Waived, InSync], Waived),
            (vec![Waived, Drifted], Drifted),
            (vec![InSync, NotApplicable], InSync),
            (vec![NotApplicable, NotApplicable], NotApplicable),
            (vec![Unread, Unread], Unread),
        ] {
            assert_eq!(overall(outcomes.clone().into_iter()), expected, "{outcomes:?}");
        }
    }
}
