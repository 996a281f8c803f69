//! Every declared target with its reading and its outcome.

use std::sync::Arc;

use jiff::civil::Date;

use super::judgement::judge;
use super::waiver_use::uses;
use super::{Ledger, Verdict, WaiverUse};
use crate::model::{Cover, DesiredState, DesiredTarget, SettingValue, SettingWish, Severity, Waiver};
use crate::session::{Outcome, Reading};

/// A declared target with what was learnt of it.
#[derive(Debug, Clone)]
pub struct TargetFinding {
    /// The target, and what is wanted of it.
    pub desired: DesiredTarget,
    /// What was learnt.
    pub reading: Reading,
    /// What came of comparing.
    pub outcome: Outcome,
    /// The day by which waivers are judged.
    today: Date,
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
    /// The waiver that covers the drift. Where several do, the one that lasts longest.
    pub waiver: Option<&'target Arc<Waiver>>,
    today: Date,
}

/// Every declared target, each exactly once, sorted by account, then Region.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    targets: Vec<TargetFinding>,
    ledger: Ledger,
    waivers: Vec<WaiverUse>,
}

impl TargetFinding {
    fn new(desired: DesiredTarget, reading: Reading, today: Date) -> Self {
        let outcome = overall(desired.wish.settings.iter().map(|wish| judge(wish, &reading, today).outcome));
        Self { desired, reading, outcome, today }
    }

    /// The declared settings, in the order of [`Setting::ALL`](crate::model::Setting::ALL).
    pub fn settings(&self) -> impl Iterator<Item = SettingFinding<'_>> {
        self.desired.wish.settings.iter().map(|wish| {
            let judged = judge(wish, &self.reading, self.today);
            let live = self.reading.live_value(wish.setting);
            SettingFinding { wish, live, outcome: judged.outcome, waiver: judged.waiver, today: self.today }
        })
    }

    /// The day by which waivers are judged.
    pub fn today(&self) -> Date {
        self.today
    }

    /// The greatest severity among its drifted settings.
    pub fn severity(&self) -> Option<Severity> {
        let drifted = self.settings().filter(|setting| setting.outcome == Outcome::Drifted);
        drifted.map(|setting| setting.wish.severity).max()
    }
}

impl<'target> SettingFinding<'target> {
    /// Of a drift, the waivers that select it and do not cover it, each with why.
    pub fn lapsed(&self) -> impl Iterator<Item = (&'target Arc<Waiver>, Cover)> {
        let Self { wish, live, outcome, today, .. } = *self;
        let live = live.filter(|_| matches!(outcome, Outcome::Drifted | Outcome::Waived));
        let covers = wish.waivers.iter().filter_map(move |waiver| Some((waiver, waiver.cover(live?, today))));
        covers.filter(|(_, cover)| *cover != Cover::Covers)
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
    /// Compares each target with its reading, as on the day `today`. There must be one reading per target, in the same order; should one be
    /// missing, its target is unread, never lost.
    pub fn new(desired: DesiredState, readings: Vec<Reading>, today: Date) -> Self {
        let mut readings = readings.into_iter();
        let (wanted, waivers) = desired.into_parts();
        let targets: Vec<TargetFinding> = wanted
            .into_iter()
            .map(|target| {
                let reading = readings.next().unwrap_or_else(Reading::missing);
                TargetFinding::new(target, reading, today)
            })
            .collect();
        let ledger = targets.iter().map(|target| target.outcome).collect();
        let waivers = uses(&waivers, &targets, today);
        Self { targets, ledger, waivers }
    }

    /// The targets, sorted by account, then Region.
    pub fn targets(&self) -> &[TargetFinding] {
        &self.targets
    }

    /// Every waiver with what became of it, by place.
    pub fn waivers(&self) -> &[WaiverUse] {
        &self.waivers
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
