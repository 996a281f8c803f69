//! Every declared target with its reading and its outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::evaluation::{Evaluation, evaluate};
use super::waiver_usage::uses;
use super::{Ledger, Verdict, WaiverUse};
use crate::model::{
    AccountId, DesiredSetting, DesiredState, DesiredTarget, Region, Resource, Severity, Unread, Value, Waiver,
    WaiverMatch,
};
use crate::resource::{Outcome, Reading};

/// A declared target with what was learnt of it.
#[derive(Debug, Clone, Copy)]
pub struct TargetFinding<'run> {
    /// The target, and what is wanted of it.
    pub desired: &'run DesiredTarget,
    /// What was learnt.
    pub reading: &'run Reading,
    /// What came of comparing.
    pub outcome: Outcome,
    /// The day by which waivers are judged.
    today: Date,
}

/// One declared setting of a target.
#[derive(Debug, Clone)]
pub struct SettingFinding<'target> {
    /// What is wanted, and where it says so.
    pub wish: &'target DesiredSetting,
    /// What is live, where that is known.
    pub live: Option<Value>,
    /// What kept it from being read.
    pub unread: Option<Arc<Unread>>,
    /// What came of comparing.
    pub outcome: Outcome,
    /// The waiver that covers the drift. Where several do, the one that lasts longest.
    pub waiver: Option<&'target Arc<Waiver>>,
    today: Date,
}

/// Every declared target, each exactly once, sorted by account, Region, resource.
///
/// There may be hundreds of thousands, so what was wanted and what was read stay where they are, side by side.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    wanted: Vec<DesiredTarget>,
    readings: Vec<Reading>,
    outcomes: Vec<Outcome>,
    today: Date,
    ledger: Ledger,
    ledgers: BTreeMap<Resource, Ledger>,
    waivers: Vec<WaiverUse>,
}

impl<'run> TargetFinding<'run> {
    /// The declared settings, in rule order.
    pub fn settings(self) -> impl Iterator<Item = SettingFinding<'run>> {
        self.desired.wish.settings.iter().map(move |wish| {
            let Evaluation { outcome, live, unread, waiver } = evaluate(wish, self.reading, self.today);
            SettingFinding { wish, live, unread, outcome, waiver, today: self.today }
        })
    }

    /// The day by which waivers are judged.
    pub fn today(self) -> Date {
        self.today
    }

    /// The greatest severity among its drifted settings.
    pub fn severity(self) -> Option<Severity> {
        let drifted = self.settings().filter(|setting| setting.outcome == Outcome::Drifted);
        drifted.map(|setting| setting.wish.severity).max()
    }
}

impl<'target> SettingFinding<'target> {
    /// Of a drift, the waivers that select it and do not cover it, each with why.
    pub fn lapsed(&self) -> impl Iterator<Item = (&'target Arc<Waiver>, WaiverMatch)> + use<'target> {
        let Self { wish, live, outcome, today, .. } = self;
        let live = live.as_ref().filter(|_| matches!(outcome, Outcome::Drifted | Outcome::Waived));
        let covers = |waiver: &'target Arc<Waiver>| Some((waiver, waiver.cover(wish.setting, live?, *today)));
        let lapsed: Vec<_> = wish.waivers.iter().filter_map(covers).collect();
        lapsed.into_iter().filter(|(_, cover)| *cover != WaiverMatch::Covers)
    }
}

/// The outcome of a target, from those of its settings: what asks for attention first.
pub(crate) fn overall(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Drifted => 4,
        Outcome::Unread => 3,
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
        let mut readings = readings;
        let (wanted, waivers) = desired.into_parts();
        readings.resize_with(wanted.len(), Reading::missing);
        let (mut outcomes, mut ledgers) = (Vec::with_capacity(wanted.len()), BTreeMap::<Resource, Ledger>::new());
        let mut ledger = Ledger::default();
        for (target, reading) in wanted.iter().zip(&readings) {
            let settings = || target.wish.settings.iter().map(|wish| evaluate(wish, reading, today).outcome);
            let (outcome, has_unread) = (overall(settings()), settings().any(|outcome| outcome == Outcome::Unread));
            outcomes.push(outcome);
            ledger.add(outcome, has_unread);
            ledgers.entry(target.resource).or_default().add(outcome, has_unread);
        }
        let mut made = Self { wanted, readings, outcomes, today, ledger, ledgers, waivers: Vec::new() };
        made.waivers = uses(&waivers, made.targets(), today);
        made
    }

    /// How many targets there are.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The target at a place in the order.
    pub fn get(&self, nth: usize) -> Option<TargetFinding<'_>> {
        let (desired, reading) = (self.wanted.get(nth)?, self.readings.get(nth)?);
        Some(TargetFinding { desired, reading, outcome: *self.outcomes.get(nth)?, today: self.today })
    }

    /// The targets, sorted by account, Region, resource.
    pub fn targets(&self) -> impl Iterator<Item = TargetFinding<'_>> {
        (0..self.len()).filter_map(|nth| self.get(nth))
    }

    /// The finding about a Macie session.
    pub fn find(&self, account: AccountId, region: &Region) -> Option<TargetFinding<'_>> {
        let key = (account, region, Resource::MacieSession);
        let place = self.wanted.binary_search_by(|found| found.sort_key().cmp(&key));
        self.get(place.ok()?)
    }

    /// Whether something is wanted of an account.
    pub fn reaches(&self, account: AccountId) -> bool {
        self.wanted.binary_search_by(|found| found.account.cmp(&account)).is_ok()
    }

    /// Every waiver with what became of it, by place.
    pub fn waivers(&self) -> &[WaiverUse] {
        &self.waivers
    }

    /// The count of each outcome.
    pub fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// The count of each outcome, for each resource that has targets.
    pub fn ledger_by_resource(&self) -> &BTreeMap<Resource, Ledger> {
        &self.ledgers
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
            (vec![Unread, Drifted], Drifted),
            (vec![Waived, Unread], Unread),
            (vec![Unread, InSync], Unread),
        ] {
            assert_eq!(overall(outcomes.clone().into_iter()), expected, "{outcomes:?}");
        }
    }
}
