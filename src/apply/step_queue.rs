//! Which step may begin: those that it needs are done, and nothing else is under way for its target.

use std::collections::{BTreeMap, BTreeSet};

use super::{StepOutcome, StepResult};
use crate::model::Target;
use crate::plan::{Plan, Step};

/// The state of a run. Steps go by their place in the plan here.
pub(super) struct StepQueue<'a> {
    plan: &'a Plan,
    /// Those that have not begun.
    waiting: BTreeSet<usize>,
    /// Of these, those that need nothing that is not done.
    ready: BTreeSet<usize>,
    /// How many of the steps that a step needs are not done yet.
    open_needs: Vec<usize>,
    /// The steps that need a step, by its number.
    dependents: BTreeMap<u32, Vec<usize>>,
    busy: BTreeSet<&'a Target>,
    results: BTreeMap<u32, StepResult>,
    failures: usize,
    max_failures: usize,
    /// Why no more steps begin, once that is so.
    stopped: Option<String>,
}

impl<'a> StepQueue<'a> {
    /// The start. `known` are the results of steps that an earlier run has done.
    pub(super) fn new(plan: &'a Plan, known: BTreeMap<u32, StepResult>, max_failures: usize) -> Self {
        let mut dependents: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (place, step) in plan.steps.iter().enumerate() {
            for needed in &step.after {
                dependents.entry(*needed).or_default().push(place);
            }
        }
        let places = plan.steps.iter().enumerate();
        let waiting = places.filter(|(_, step)| !known.contains_key(&step.number)).map(|(place, _)| place).collect();
        let mut schedule = Self {
            plan,
            waiting,
            ready: BTreeSet::new(),
            open_needs: plan.steps.iter().map(|step| step.after.len()).collect(),
            dependents,
            busy: BTreeSet::new(),
            results: BTreeMap::new(),
            failures: 0,
            max_failures,
            stopped: None,
        };
        schedule.ready = schedule.waiting.iter().copied().filter(|place| schedule.needs(*place) == 0).collect();
        for (number, result) in known {
            schedule.settle(number, result);
        }
        schedule
    }

    /// The next step that may begin, if there is one.
    pub(super) fn next(&mut self) -> Option<&'a Step> {
        if self.stopped.is_some() {
            return None;
        }
        let plan = self.plan;
        // No more steps are passed over here than there are under way.
        let free = |(_, step): &(usize, &Step)| !self.busy.contains(&step.target);
        let ready = self.ready.iter().filter_map(|place| Some((*place, plan.steps.get(*place)?)));
        let (place, step) = ready.into_iter().find(free)?;
        self.ready.remove(&place);
        self.waiting.remove(&place);
        self.busy.insert(&step.target);
        Some(step)
    }

    /// What the last step before this one left of its target, where the plan has one.
    pub(super) fn left_by_predecessor(&self, step: &Step) -> Option<&StepResult> {
        let same = |number: &&u32| self.plan.step(**number).is_some_and(|before| before.target == step.target);
        step.after.iter().filter(same).max().and_then(|number| self.results.get(number))
    }

    /// Takes in what came of a step.
    pub(super) fn take(&mut self, step: &'a Step, result: StepResult) {
        self.busy.remove(&step.target);
        if result.outcome.is_failure() {
            self.failures += 1;
        }
        self.settle(step.number, result);
        if self.failures >= self.max_failures && self.stopped.is_none() {
            self.stopped = Some(format!(
                "the run stopped after {} failed, which is what --max-failures allows",
                if self.failures == 1 { "1 step".to_owned() } else { format!("{} steps", self.failures) }
            ));
        }
    }

    /// Lets no more steps begin.
    pub(super) fn stop(&mut self, why: &str) {
        self.stopped.get_or_insert_with(|| why.to_owned());
    }

    /// How many steps have their result.
    pub(super) fn finished(&self) -> usize {
        self.results.len()
    }

    /// The results, one for every step: what was not come to was not tried, and of what was left under way nothing is known.
    pub(super) fn end(mut self) -> BTreeMap<u32, StepResult> {
        let why = self.stopped.unwrap_or_else(|| "the run ended before this step".to_owned());
        for (place, step) in self.plan.steps.iter().enumerate() {
            let left = || {
                if self.waiting.contains(&place) {
                    return StepResult::new(StepOutcome::NotTried, why.clone());
                }
                let message = "the run was interrupted while this step was under way: whether it was done is not known";
                StepResult::new(StepOutcome::Failed, message)
            };
            self.results.entry(step.number).or_insert_with(left);
        }
        self.results
    }

    fn needs(&self, place: usize) -> usize {
        self.open_needs.get(place).copied().unwrap_or_default()
    }

    /// Takes in a result, and what follows from it for the steps that need this one: they come nearer, or are given up, and with
    /// them those that need them.
    fn settle(&mut self, number: u32, result: StepResult) {
        let mut settled = vec![(number, result)];
        while let Some((number, result)) = settled.pop() {
            let is_done = result.outcome == StepOutcome::Verified;
            let message = format!("it needs step {number}, which came out as {}", result.outcome.as_str());
            self.results.insert(number, result);
            for place in self.dependents.get(&number).cloned().unwrap_or_default() {
                if !is_done {
                    let given_up = self.plan.steps.get(place).filter(|_| self.waiting.remove(&place));
                    settled.extend(
                        given_up.map(|step| (step.number, StepResult::new(StepOutcome::NotTried, message.clone()))),
                    );
                    self.ready.remove(&place);
                } else if let Some(open) = self.open_needs.get_mut(place) {
                    *open = open.saturating_sub(1);
                    if *open == 0 && self.waiting.contains(&place) {
                        self.ready.insert(place);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_fixtures::{plan, step};
    use crate::resource::Operation::{UpdateMacieSession, UpdateMemberSession};
    use crate::resource::macie_session::Status;

    const PAUSE: (Status, Status) = (Status::Enabled, Status::Paused);

    /// Two steps for one target, of which the second needs the first, and one for another.
    fn three() -> Plan {
        plan(vec![
            step(1, (1, 5), UpdateMemberSession, PAUSE, &[]),
            step(2, (1, 1), UpdateMacieSession, PAUSE, &[1]),
            step(3, (2, 2), UpdateMacieSession, PAUSE, &[]),
        ])
    }

    fn outcomes(schedule: StepQueue<'_>) -> Vec<(u32, StepOutcome, String)> {
        schedule.end().into_iter().map(|(number, result)| (number, result.outcome, result.message)).collect()
    }

    fn done(outcome: StepOutcome) -> StepResult {
        StepResult::new(outcome, "so it is")
    }

    #[test]
    fn a_step_begins_once_what_it_needs_is_seen_to_be_done() {
        let plan = three();
        let mut schedule = StepQueue::new(&plan, BTreeMap::new(), 5);
        let first = schedule.next().expect("a step");
        let other = schedule.next().expect("a step");
        assert_eq!((first.number, other.number), (1, 3));
        assert!(schedule.next().is_none(), "the second needs the first");
        schedule.take(first, done(StepOutcome::Verified));
        let second = schedule.next().expect("a step");
        assert_eq!(schedule.left_by_predecessor(second).map(|left| left.outcome), Some(StepOutcome::Verified));
        assert!(schedule.left_by_predecessor(other).is_none());
    }

    #[test]
    fn what_needs_a_step_that_was_not_seen_done_is_not_tried() {
        use StepOutcome::{Applied, Failed, NotTried, Refused, Stale};
        for outcome in [Applied, Failed, NotTried, Refused, Stale] {
            let plan = three();
            let mut schedule = StepQueue::new(&plan, BTreeMap::new(), 5);
            let first = schedule.next().expect("a step");
            schedule.take(first, done(outcome));
            assert_eq!(schedule.next().map(|step| step.number), Some(3), "{outcome:?}");
            let (number, second, message) = outcomes(schedule).remove(1);
            assert_eq!((number, second), (2, NotTried));
            assert_eq!(message, format!("it needs step 1, which came out as {}", outcome.as_str()));
        }
    }

    #[test]
    fn whatever_hangs_on_a_step_that_failed_is_given_up_with_it() {
        let plan = plan(vec![
            step(1, (5, 5), UpdateMacieSession, PAUSE, &[]),
            step(2, (1, 5), UpdateMemberSession, PAUSE, &[1]),
            step(3, (1, 1), UpdateMacieSession, PAUSE, &[1, 2]),
            step(4, (2, 2), UpdateMacieSession, PAUSE, &[3]),
        ]);
        let mut schedule = StepQueue::new(&plan, BTreeMap::new(), 5);
        let first = schedule.next().expect("a step");
        schedule.take(first, done(StepOutcome::Failed));
        assert!(schedule.next().is_none() && schedule.finished() == 4);
        let given_up: Vec<_> =
            outcomes(schedule).into_iter().skip(1).map(|(_, outcome, message)| (outcome, message)).collect();
        let needs = |what: &str| (StepOutcome::NotTried, format!("it needs step {what}"));
        let failed = "1, which came out as failed";
        assert_eq!(given_up, [needs(failed), needs(failed), needs("3, which came out as not_tried")]);
    }

    #[test]
    fn only_failures_count_against_the_most_that_a_run_may_have() {
        for (outcome, goes_on) in
            [(StepOutcome::Failed, false), (StepOutcome::Applied, false), (StepOutcome::Stale, true)]
        {
            let plan = three();
            let mut schedule = StepQueue::new(&plan, BTreeMap::new(), 1);
            let first = schedule.next().expect("a step");
            schedule.take(first, done(outcome));
            assert_eq!(schedule.next().is_some(), goes_on, "{outcome:?}");
        }
    }

    #[test]
    fn what_an_earlier_run_has_done_is_not_done_again() {
        let plan = three();
        let known = BTreeMap::from([(1, done(StepOutcome::Verified))]);
        let mut schedule = StepQueue::new(&plan, known, 5);
        assert_eq!(schedule.finished(), 1);
        assert_eq!(schedule.next().map(|step| step.number), Some(2));
    }

    #[test]
    fn of_a_step_that_is_left_under_way_nothing_is_known() {
        let plan = three();
        let mut schedule = StepQueue::new(&plan, BTreeMap::new(), 5);
        assert!(schedule.next().is_some());
        schedule.stop("the run was interrupted");
        assert!(schedule.next().is_none());
        let outcomes = outcomes(schedule);
        assert_eq!(outcomes[0].1, StepOutcome::Failed);
        assert!(outcomes[0].2.ends_with("whether it was done is not known"), "{}", outcomes[0].2);
        for (_, outcome, message) in &outcomes[1..] {
            assert_eq!((*outcome, message.as_str()), (StepOutcome::NotTried, "the run was interrupted"));
        }
    }
}
