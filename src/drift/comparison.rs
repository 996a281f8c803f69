//! The comparison of every declared target with its reading, and the use of each waiver.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Ledger, SettingOutcomes, Verdict};
use crate::model::{
    DesiredSetting, DesiredState, DesiredTarget, LiveValue, Origin, Resource, Severity, Target, Unread, Waivable,
    Waiver, WaiverMatch, WaiverState,
};
use crate::resource::{Outcome, Reading, SettingReading};

/// The outcome of a setting, with what led to it.
#[derive(Debug, Clone)]
pub(super) struct Evaluation<'desired> {
    pub(super) outcome: Outcome,
    /// The live value, where it is known.
    live: Option<LiveValue>,
    /// What kept the setting from being read.
    unread: Option<Arc<Unread>>,
    /// The waiver that covers the drift, or expects the setting to be unread.
    pub(super) waiver: Option<&'desired Arc<Waiver>>,
}

/// Evaluates one setting as on the day `today`. Of several waivers that cover it, the one that lasts longest counts, and of those
/// the first by place. What is unread as expected stays unread.
pub(super) fn evaluate<'desired>(
    desired: &'desired DesiredSetting,
    reading: &Reading,
    today: Date,
) -> Evaluation<'desired> {
    evaluate_setting(desired, reading.setting(desired), today)
}

fn evaluate_setting(desired: &DesiredSetting, found: SettingReading, today: Date) -> Evaluation<'_> {
    let outcome = found.outcome(&desired.decided.accepted);
    let (live, unread) = match found {
        SettingReading::Known(live) => (Some(live), None),
        SettingReading::NotApplicable => (None, None),
        SettingReading::Unread(unread) => (None, Some(unread)),
    };
    let waiver = waivable(outcome, live.as_ref(), unread.as_deref()).and_then(|found| {
        let covers = |waiver: &&Arc<Waiver>| waiver.cover(desired.setting, found, today) == WaiverMatch::Covers;
        desired.waivers.iter().rev().filter(covers).max_by_key(|waiver| waiver.expires)
    });
    let outcome = if outcome == Outcome::Drifted && waiver.is_some() { Outcome::Waived } else { outcome };
    Evaluation { outcome, live, unread, waiver }
}

/// Part of a setting that a waiver may cover; `None` if it needs none.
fn waivable<'a>(outcome: Outcome, live: Option<&'a LiveValue>, unread: Option<&Unread>) -> Option<Waivable<'a>> {
    match outcome {
        Outcome::Drifted | Outcome::Waived => live.map(Waivable::Drift),
        Outcome::Unread => unread.map(|unread| Waivable::Unread(unread.reason)),
        Outcome::InSync | Outcome::NotApplicable => None,
    }
}

/// The outcome of a setting for a reading, as on the day `today`.
pub fn outcome_of(desired: &DesiredSetting, reading: &Reading, today: Date) -> Outcome {
    evaluate(desired, reading, today).outcome
}

/// The outcome of a setting for a live value, as on the day `today`.
pub fn outcome_of_live(desired: &DesiredSetting, live: LiveValue, today: Date) -> Outcome {
    evaluate_setting(desired, SettingReading::Known(live), today).outcome
}

/// A declared target with its reading and outcome.
#[derive(Debug, Clone, Copy)]
pub struct TargetFinding<'run> {
    /// The target with its desired settings.
    pub desired: &'run DesiredTarget,
    /// The reading of the target.
    pub reading: &'run Reading,
    /// The outcome of the comparison.
    pub outcome: Outcome,
    /// The day that decides whether a waiver has expired.
    today: Date,
}

/// One declared setting of a target.
#[derive(Debug, Clone)]
pub struct SettingFinding<'target> {
    /// The desired values, with their declarations.
    pub desired: &'target DesiredSetting,
    /// The live value, where it is known.
    pub live: Option<LiveValue>,
    /// Why it is unread.
    pub unread: Option<Arc<Unread>>,
    /// The outcome of the comparison.
    pub outcome: Outcome,
    /// The waiver that covers the drift. Where several do, the one that lasts longest.
    pub waiver: Option<&'target Arc<Waiver>>,
    /// The waiver that expects the setting to be unread. Where several do, the one that lasts longest.
    pub expected: Option<&'target Arc<Waiver>>,
    today: Date,
}

/// Every declared target, each exactly once, sorted by account, Region, resource.
///
/// There may be hundreds of thousands, so desired targets and readings stay in place, side by side.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    desired: DesiredState,
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
        self.desired.declared.settings.iter().map(move |desired| {
            let Evaluation { outcome, live, unread, waiver } = evaluate(desired, self.reading, self.today);
            let (waiver, expected) = if outcome == Outcome::Unread { (None, waiver) } else { (waiver, None) };
            SettingFinding { desired, live, unread, outcome, waiver, expected, today: self.today }
        })
    }

    /// The waiver that expects what is unread of the target: of those of its unread settings the one that ends first. `None` if
    /// a setting is unread that no waiver expects, or none is unread.
    pub fn expected(self) -> Option<&'run Arc<Waiver>> {
        let unread = self.settings().filter(|setting| setting.outcome == Outcome::Unread);
        let expected: Option<Vec<_>> = unread.map(|setting| setting.expected).collect();
        expected?.into_iter().min_by_key(|waiver| waiver.expires)
    }

    /// The day that decides whether a waiver has expired.
    pub fn today(self) -> Date {
        self.today
    }

    /// The greatest severity among its drifted settings.
    pub fn severity(self) -> Option<Severity> {
        let drifted = self.settings().filter(|setting| setting.outcome == Outcome::Drifted);
        drifted.map(|setting| setting.desired.severity).max()
    }
}

impl<'target> SettingFinding<'target> {
    /// Of what drifts or is unread, the waivers that select it and do not cover it, each with why.
    pub fn lapsed(&self) -> impl Iterator<Item = (&'target Arc<Waiver>, WaiverMatch)> + use<'target> {
        let found = waivable(self.outcome, self.live.as_ref(), self.unread.as_deref());
        let cover = |waiver: &'target Arc<Waiver>| Some((waiver, self.cover(waiver, found?)));
        let lapsed: Vec<_> = self.desired.waivers.iter().filter_map(cover).collect();
        lapsed.into_iter().filter(|(_, cover)| !matches!(cover, WaiverMatch::Covers | WaiverMatch::NotMeant))
    }

    fn cover(&self, waiver: &Waiver, found: Waivable<'_>) -> WaiverMatch {
        waiver.cover(self.desired.setting, found, self.today)
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
        let targets = desired.targets();
        readings.resize_with(targets.len(), Reading::missing);
        let (mut outcomes, mut ledgers) = (Vec::with_capacity(targets.len()), BTreeMap::<Resource, Ledger>::new());
        let mut ledger = Ledger::default();
        for (target, reading) in targets.iter().zip(&readings) {
            let mut counted = SettingOutcomes::default();
            let settings = target.declared.settings.iter().map(|desired| evaluate(desired, reading, today));
            let outcome = overall(settings.map(|found| {
                counted.add(found.outcome, found.waiver.map(|waiver| waiver.expires));
                found.outcome
            }));
            outcomes.push(outcome);
            ledger.add(outcome, counted);
            ledgers.entry(target.resource).or_default().add(outcome, counted);
        }
        let mut made = Self { desired, readings, outcomes, today, ledger, ledgers, waivers: Vec::new() };
        made.waivers = uses(&made.desired, made.targets(), today);
        made
    }

    /// How many targets there are.
    pub fn len(&self) -> usize {
        self.desired.targets().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.desired.targets().is_empty()
    }

    /// The target at a place in the order.
    pub fn get(&self, nth: usize) -> Option<TargetFinding<'_>> {
        let (desired, reading) = (self.desired.targets().get(nth)?, self.readings.get(nth)?);
        Some(TargetFinding { desired, reading, outcome: *self.outcomes.get(nth)?, today: self.today })
    }

    /// The targets, sorted by account, Region, resource.
    pub fn targets(&self) -> impl Iterator<Item = TargetFinding<'_>> {
        (0..self.len()).filter_map(|nth| self.get(nth))
    }

    /// The finding about a target.
    pub fn find_target(&self, target: &DesiredTarget) -> Option<TargetFinding<'_>> {
        let place = self.desired.targets().binary_search_by(|found| found.sort_key().cmp(&target.sort_key()));
        self.get(place.ok()?)
    }

    /// The desired value of a setting that is unread, and the day of the comparison; `None` if it is known or not declared.
    pub fn unread_setting(&self, target: &Target, key: &str) -> Option<(&DesiredSetting, Date)> {
        let finding = self.find_target(self.desired.find(target)?)?;
        let mut settings = finding.settings().filter(|found| found.outcome == Outcome::Unread);
        settings.find(|found| found.desired.setting.key() == key).map(|found| (found.desired, self.today))
    }

    /// The desired state that the readings are compared with.
    pub fn desired(&self) -> &DesiredState {
        &self.desired
    }

    /// Every waiver with its use, by place.
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

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.ledger.verdict()
    }
}

/// The use of a waiver: the settings that it selects by outcome, each counted once per target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// Whether it still covers, and for how long.
    pub state: WaiverState,
    /// What it covers: drift, or what is unread as it expects.
    pub covered: usize,
    /// What nothing covers although it selects it: its last day is past, or the live value or the reason is another.
    pub uncovered: usize,
    /// What it could cover, and is as desired; of a waiver that expects something to be unread, what was read.
    pub in_sync: usize,
    /// What is unread, of a waiver that is for drift.
    pub unread: usize,
    /// What is not selected, so that nothing is known of it.
    pub not_selected: usize,
}

impl WaiverUse {
    /// Whether it covers something, and selects settings that need no waiver besides.
    pub fn is_wide(&self) -> bool {
        self.covered > 0 && self.in_sync > 0
    }

    /// Whether it could end today without a difference: it covers nothing, and nothing that it selects is unknown.
    pub fn is_idle(&self) -> bool {
        self.covered == 0 && self.unread == 0 && self.not_selected == 0
    }
}

/// The use of each waiver, by place.
fn uses<'run>(
    desired: &DesiredState,
    targets: impl Iterator<Item = TargetFinding<'run>>,
    today: Date,
) -> Vec<WaiverUse> {
    let unused = |waiver: &Arc<Waiver>| WaiverUse {
        waiver: Arc::clone(waiver),
        state: WaiverState::for_waiver(waiver, today),
        covered: 0,
        uncovered: 0,
        in_sync: 0,
        unread: 0,
        not_selected: 0,
    };
    let mut by_place: BTreeMap<&Origin, WaiverUse> =
        desired.waivers().iter().map(|waiver| (&waiver.origin, unused(waiver))).collect();
    // What is not selected may need the waiver.
    for waiver in desired.unselected_waivers() {
        by_place.entry(&waiver.origin).and_modify(|used| used.not_selected += 1);
    }
    for setting in targets.flat_map(TargetFinding::settings) {
        let found = waivable(setting.outcome, setting.live.as_ref(), setting.unread.as_deref());
        for waiver in &setting.desired.waivers {
            let Some(used) = by_place.get_mut(&waiver.origin) else { continue };
            let covers = found.is_some_and(|found| setting.cover(waiver, found) == WaiverMatch::Covers);
            let count = match (setting.outcome, waiver.expects_unread()) {
                (Outcome::Waived, false) | (Outcome::Unread, true) if covers => &mut used.covered,
                (Outcome::Unread, true) if setting.expected.is_none() => &mut used.uncovered,
                (Outcome::Drifted, false) => &mut used.uncovered,
                (Outcome::InSync, _) | (Outcome::Drifted | Outcome::Waived, true) => &mut used.in_sync,
                (Outcome::Unread, false) => &mut used.unread,
                // Covered by another one, or nothing that it could be about.
                (Outcome::Waived, false) | (Outcome::Unread, true) | (Outcome::NotApplicable, _) => continue,
            };
            *count += 1;
        }
    }
    by_place.into_values().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{
        AccountSpecificity, Candidate, Evidence, Origin, RegionSpecificity, Severity, Specificity, Value,
    };
    use crate::resource::NotEnabledEvidence;
    use crate::resource::macie_session::STATUS;

    const OFF: Value = Value::Word("NOT_ENABLED");
    const PAUSED: Value = Value::Word("PAUSED");

    fn waiver(line: u32, expires: Date, while_live: &[Value]) -> Arc<Waiver> {
        Arc::new(Waiver {
            origin: Origin { file: "p".to_owned(), line, column: 1, declaration: None },
            reason: "".into(),
            owner: None,
            expires,
            while_live: while_live.iter().map(|value| (STATUS.id(), value.clone())).collect(),
            while_live_by_setting: false,
            unread: Vec::new(),
            resource: Resource::default(),
        })
    }

    fn desired(accepted: Value, waivers: Vec<Arc<Waiver>>) -> DesiredSetting {
        let origin = Origin { file: "p".to_owned(), line: 1, column: 1, declaration: None };
        let specificity = Specificity { accounts: AccountSpecificity::Everyone, regions: RegionSpecificity::All };
        DesiredSetting {
            setting: STATUS.id(),
            severity: Severity::default(),
            decided: Candidate { origin: Arc::new(origin), accepted: [accepted].into(), written: None, specificity },
            agreeing: Vec::new(),
            overridden: Vec::new(),
            waivers,
            window: None,
        }
    }

    #[test]
    fn the_longest_that_covers_counts_and_only_drift_is_waived() {
        let off = Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence::default()));
        let today = date(2027, 1, 15);
        let (past, soon, late) = (date(2027, 1, 14), date(2027, 1, 15), date(2027, 2, 1));
        let enabled = Value::Word("ENABLED");
        let rows = [
            (enabled.clone(), Vec::new(), Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, past, &[])], Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, soon, &[])], Outcome::Waived, Some(1)),
            (enabled.clone(), vec![waiver(1, late, &[PAUSED])], Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, late, &[PAUSED]), waiver(2, soon, &[OFF])], Outcome::Waived, Some(2)),
            (
                enabled.clone(),
                vec![waiver(1, soon, &[]), waiver(2, late, &[]), waiver(3, late, &[])],
                Outcome::Waived,
                Some(2),
            ),
            (OFF, vec![waiver(1, late, &[])], Outcome::InSync, None),
        ];
        for (nth, (accepted, waivers, outcome, line)) in rows.into_iter().enumerate() {
            let desired = desired(accepted, waivers);
            let evaluation = evaluate(&desired, &off, today);
            assert_eq!((evaluation.outcome, evaluation.waiver.map(|it| it.origin.line)), (outcome, line), "row {nth}");
        }
    }

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
