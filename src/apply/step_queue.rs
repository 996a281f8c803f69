//! Queue of steps: one may start once its dependencies are done and no other step of its target is in flight.

use std::collections::{BTreeMap, BTreeSet};

use super::{StepOutcome, StepResult};
use crate::model::Target;
use crate::plan::{Plan, Step};

/// Queue of steps. They are named by their index in the plan.
pub(super) struct StepQueue<'a> {
    plan: &'a Plan,
    /// Steps that have not started.
    waiting: BTreeSet<usize>,
    /// Of these, the ones whose dependencies are done.
    ready: BTreeSet<usize>,
    /// The number of dependencies of a step that are not done.
    open_dependencies: Vec<usize>,
    /// The steps that depend on a step, by its number.
    dependents: BTreeMap<u32, Vec<usize>>,
    busy: BTreeSet<&'a Target>,
    results: BTreeMap<u32, StepResult>,
    failures: usize,
    max_failures: usize,
    /// Why no more steps start, once that is so.
    stopped: Option<String>,
}

impl<'a> StepQueue<'a> {
    /// The queue of a plan. `known` are the results of an earlier run.
    pub(super) fn new(plan: &'a Plan, known: BTreeMap<u32, StepResult>, max_failures: usize) -> Self {
        let mut dependents: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            for needed in &step.after {
                dependents.entry(*needed).or_default().push(index);
            }
        }
        let indexed = plan.steps.iter().enumerate();
        let waiting = indexed.filter(|(_, step)| !known.contains_key(&step.number)).map(|(index, _)| index).collect();
        let mut queue = Self {
            plan,
            waiting,
            ready: BTreeSet::new(),
            open_dependencies: plan.steps.iter().map(|step| step.after.len()).collect(),
            dependents,
            busy: BTreeSet::new(),
            results: BTreeMap::new(),
            failures: 0,
            max_failures,
            stopped: None,
        };
        queue.ready = queue.waiting.iter().copied().filter(|index| queue.open(*index) == 0).collect();
        for (number, result) in known {
            queue.record_result(number, result);
        }
        queue
    }

    /// The next step that may start, if there is one.
    pub(super) fn next(&mut self) -> Option<&'a Step> {
        if self.stopped.is_some() {
            return None;
        }
        let plan = self.plan;
        // Passes over at most as many steps as are in flight.
        let free = |(_, step): &(usize, &Step)| !self.busy.contains(&step.target);
        let ready = self.ready.iter().filter_map(|index| Some((*index, plan.steps.get(*index)?)));
        let (index, step) = ready.into_iter().find(free)?;
        self.ready.remove(&index);
        self.waiting.remove(&index);
        self.busy.insert(&step.target);
        Some(step)
    }

    /// The result of the last step before this one that has the same target.
    pub(super) fn left_by_predecessor(&self, step: &Step) -> Option<&StepResult> {
        let same = |number: &&u32| self.plan.step(**number).is_some_and(|before| before.target == step.target);
        step.after.iter().filter(same).max().and_then(|number| self.results.get(number))
    }

    /// Records the result of a step.
    pub(super) fn record(&mut self, step: &'a Step, result: StepResult) {
        self.busy.remove(&step.target);
        if result.outcome.is_failure() {
            self.failures += 1;
        }
        self.record_result(step.number, result);
        if self.failures >= self.max_failures && self.stopped.is_none() {
            self.stopped = Some(format!(
                "the run stopped after {} failed, which is what --max-failures allows",
                if self.failures == 1 { "1 step".to_owned() } else { format!("{} steps", self.failures) }
            ));
        }
    }

    /// Lets no more steps start.
    pub(super) fn stop(&mut self, why: &str) {
        self.stopped.get_or_insert_with(|| why.to_owned());
    }

    /// The number of steps with a result.
    pub(super) fn finished(&self) -> usize {
        self.results.len()
    }

    /// The results, one per step. A step that did not start was not tried. The outcome of one that is still in flight is unknown.
    pub(super) fn into_results(mut self) -> BTreeMap<u32, StepResult> {
        let why = self.stopped.unwrap_or_else(|| "the run ended before this step".to_owned());
        for (index, step) in self.plan.steps.iter().enumerate() {
            let left = || {
                if self.waiting.contains(&index) {
                    return StepResult::new(StepOutcome::NotTried, why.clone());
                }
                let message = "the run was interrupted while this step was under way: whether it was done is not known";
                StepResult::new(StepOutcome::Failed, message)
            };
            self.results.entry(step.number).or_insert_with(left);
        }
        self.results
    }

    fn open(&self, index: usize) -> usize {
        self.open_dependencies.get(index).copied().unwrap_or_default()
    }

    /// Records a result and its effect on the steps that depend on it: they become ready, or are skipped together with those that
    /// depend on them.
    fn record_result(&mut self, number: u32, result: StepResult) {
        let mut settled = vec![(number, result)];
        while let Some((number, result)) = settled.pop() {
            let is_done = result.outcome == StepOutcome::Verified;
            let message = format!("it needs step {number}, which came out as {}", result.outcome.as_str());
            self.results.insert(number, result);
            for index in self.dependents.get(&number).cloned().unwrap_or_default() {
                if !is_done {
                    let skipped = self.plan.steps.get(index).filter(|_| self.waiting.remove(&index));
                    settled.extend(
                        skipped.map(|step| (step.number, StepResult::new(StepOutcome::NotTried, message.clone()))),
                    );
                    self.ready.remove(&index);
                } else if let Some(open) = self.open_dependencies.get_mut(index) {
                    *open = open.saturating_sub(1);
                    if *open == 0 && self.waiting.contains(&index) {
                        self.ready.insert(index);
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

    fn outcomes(queue: StepQueue<'_>) -> Vec<(u32, StepOutcome, String)> {
        queue.into_results().into_iter().map(|(number, result)| (number, result.outcome, result.message)).collect()
    }

    fn done(outcome: StepOutcome) -> StepResult {
        StepResult::new(outcome, "so it is")
    }

    #[test]
    fn a_step_begins_once_what_it_needs_is_seen_to_be_done() {
        let plan = three();
        let mut queue = StepQueue::new(&plan, BTreeMap::new(), 5);
        let first = queue.next().expect("a step");
        let other = queue.next().expect("a step");
        assert_eq!((first.number, other.number), (1, 3));
        assert!(queue.next().is_none(), "the second needs the first");
        queue.record(first, done(StepOutcome::Verified));
        let second = queue.next().expect("a step");
        assert_eq!(queue.left_by_predecessor(second).map(|left| left.outcome), Some(StepOutcome::Verified));
        assert!(queue.left_by_predecessor(other).is_none());
    }

    #[test]
    fn what_needs_a_step_that_was_not_seen_done_is_not_tried() {
        use StepOutcome::{Applied, Failed, NotTried, Refused, Stale};
        for outcome in [Applied, Failed, NotTried, Refused, Stale] {
            let plan = three();
            let mut queue = StepQueue::new(&plan, BTreeMap::new(), 5);
            let first = queue.next().expect("a step");
            queue.record(first, done(outcome));
            assert_eq!(queue.next().map(|step| step.number), Some(3), "{outcome:?}");
            let (number, second, message) = outcomes(queue).remove(1);
            assert_eq!((number, second), (2, NotTried));
            assert_eq!(message, format!("it needs step 1, which came out as {}", outcome.as_str()));
        }
    }

    #[test]
    fn whatever_hangs_on_a_step_that_failed_is_skipped_with_it() {
        let plan = plan(vec![
            step(1, (5, 5), UpdateMacieSession, PAUSE, &[]),
            step(2, (1, 5), UpdateMemberSession, PAUSE, &[1]),
            step(3, (1, 1), UpdateMacieSession, PAUSE, &[1, 2]),
            step(4, (2, 2), UpdateMacieSession, PAUSE, &[3]),
        ]);
        let mut queue = StepQueue::new(&plan, BTreeMap::new(), 5);
        let first = queue.next().expect("a step");
        queue.record(first, done(StepOutcome::Failed));
        assert!(queue.next().is_none() && queue.finished() == 4);
        let skipped: Vec<_> =
            outcomes(queue).into_iter().skip(1).map(|(_, outcome, message)| (outcome, message)).collect();
        let needs = |what: &str| (StepOutcome::NotTried, format!("it needs step {what}"));
        let failed = "1, which came out as failed";
        assert_eq!(skipped, [needs(failed), needs(failed), needs("3, which came out as not_tried")]);
    }

    #[test]
    fn only_failures_count_against_the_most_that_a_run_may_have() {
        for (outcome, goes_on) in
            [(StepOutcome::Failed, false), (StepOutcome::Applied, false), (StepOutcome::Stale, true)]
        {
            let plan = three();
            let mut queue = StepQueue::new(&plan, BTreeMap::new(), 1);
            let first = queue.next().expect("a step");
            queue.record(first, done(outcome));
            assert_eq!(queue.next().is_some(), goes_on, "{outcome:?}");
        }
    }

    #[test]
    fn what_an_earlier_run_has_done_is_not_done_again() {
        let plan = three();
        let known = BTreeMap::from([(1, done(StepOutcome::Verified))]);
        let mut queue = StepQueue::new(&plan, known, 5);
        assert_eq!(queue.finished(), 1);
        assert_eq!(queue.next().map(|step| step.number), Some(2));
    }

    #[test]
    fn of_a_step_that_is_left_under_way_nothing_is_known() {
        let plan = three();
        let mut queue = StepQueue::new(&plan, BTreeMap::new(), 5);
        assert!(queue.next().is_some());
        queue.stop("the run was interrupted");
        assert!(queue.next().is_none());
        let outcomes = outcomes(queue);
        assert_eq!(outcomes[0].1, StepOutcome::Failed);
        assert!(outcomes[0].2.ends_with("whether it was done is not known"), "{}", outcomes[0].2);
        for (_, outcome, message) in &outcomes[1..] {
            assert_eq!((*outcome, message.as_str()), (StepOutcome::NotTried, "the run was interrupted"));
        }
    }
}
