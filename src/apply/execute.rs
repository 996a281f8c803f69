//! The run of a plan: steps start when their dependencies are done, and each ends with a result.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};

use super::executor::StepExecutor;
use super::step_queue::StepQueue;
use super::{Journal, StepHistory, StepOutcome, StepResult, Totals};
use crate::aws::AwsSession;
use crate::plan::{Plan, Step};

/// How a plan is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecuteOptions {
    /// Steps in flight at once.
    pub concurrency: NonZeroUsize,
    /// The number of failures after which no more steps start.
    pub max_failures: NonZeroUsize,
    /// How long a change may take to become visible.
    pub visible_within: Duration,
}

/// A plan and what its execution needs.
pub struct PlanExecutor<'a> {
    /// The session that makes the calls.
    pub aws: &'a AwsSession,
    /// The plan.
    pub plan: &'a Plan,
    /// What an earlier run knows about the steps.
    pub history: &'a BTreeMap<u32, StepHistory>,
    /// How the plan is executed.
    pub options: ExecuteOptions,
    /// Receives the number of steps with a result.
    pub progress: &'a dyn Fn(usize),
}

impl PlanExecutor<'_> {
    /// Executes the plan. Returns the result of each step, and why the journal could not be written to its end, if so.
    ///
    /// Without a journal nothing is written, neither to it nor to AWS. Once `shutdown` resolves, steps in flight finish, and no more
    /// start.
    pub async fn execute(
        &self,
        journal: Option<&mut Journal>,
        shutdown: impl Future<Output = ()>,
    ) -> (BTreeMap<u32, StepResult>, Option<String>) {
        let executor = StepExecutor {
            aws: self.aws,
            journal: journal.map(RefCell::new),
            journal_failure: RefCell::new(None),
            visible_within: self.options.visible_within,
            is_stopping: Cell::new(false),
        };
        let mut queue = StepQueue::new(self.plan, done_before(self.history), self.options.max_failures.get());
        let mut calls: FuturesUnordered<LocalBoxFuture<'_, (&Step, StepResult)>> = FuturesUnordered::new();
        let mut shutdown = pin!(shutdown);
        loop {
            (self.progress)(queue.finished());
            if executor.journal_failure.borrow().is_some() {
                queue.stop("the journal cannot be written any more");
            }
            while calls.len() < self.options.concurrency.get() {
                let Some(step) = queue.next() else { break };
                let predecessor = queue.left_by_predecessor(step).and_then(|result| result.live.clone());
                let (executor, known) = (&executor, self.history.get(&step.number));
                let work = AssertUnwindSafe(executor.execute(step, known, predecessor)).catch_unwind();
                calls.push(async move { (step, work.await.unwrap_or_else(|_| panicked())) }.boxed_local());
            }
            if calls.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                () = &mut shutdown, if !executor.is_stopping.get() => {
                    executor.is_stopping.set(true);
                    queue.stop("the run was interrupted");
                }
                Some((step, result)) = calls.next() => queue.record(step, result),
            }
        }
        drop(calls);
        let results = queue.into_results();
        let StepExecutor { journal, journal_failure, .. } = executor;
        let mut failure = journal_failure.into_inner();
        if let Some(journal) = journal
            && failure.is_none()
        {
            let totals: Totals = results.values().map(|result| result.outcome).collect();
            failure = journal.into_inner().end(totals).err().map(|cause| cause.to_string());
        }
        (results, failure)
    }
}

/// A fault of the program in one step says nothing about the others. The journal holds the intent of this one.
fn panicked() -> StepResult {
    let message = "driftline failed in this step, which is a bug in driftline: whether it was done is not known";
    StepResult::new(StepOutcome::Failed, message)
}

/// The results of the steps that an earlier run verified.
fn done_before(history: &BTreeMap<u32, StepHistory>) -> BTreeMap<u32, StepResult> {
    let done = |(number, known): (&u32, &StepHistory)| match &known.outcome {
        Some((StepOutcome::Verified, message)) if !known.is_open => {
            let result = StepResult::new(StepOutcome::Verified, format!("{message} (by the earlier run)"));
            Some((*number, StepResult { live: known.live.clone(), ..result }))
        }
        _ => None,
    };
    history.iter().filter_map(done).collect()
}
