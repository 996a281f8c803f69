//! The run: steps begin as their turn comes, and every one of them ends with a result.

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

/// How a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecuteOptions {
    /// Steps under way at once.
    pub concurrency: NonZeroUsize,
    /// After so many failures no more steps begin.
    pub max_failures: NonZeroUsize,
    /// How long a change may take to show.
    pub visible_within: Duration,
}

/// Carries a plan out, and returns what came of each step, and why the journal could not be written to its end if so.
///
/// `past` is what an earlier run knows of the steps; without a journal nothing is written, neither to it nor to AWS. Once `shutdown`
/// resolves, steps that are under way finish, and no more begin.
pub async fn execute(
    access: &AwsSession,
    plan: &Plan,
    past: &BTreeMap<u32, StepHistory>,
    journal: Option<&mut Journal>,
    orders: ExecuteOptions,
    shutdown: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> (BTreeMap<u32, StepResult>, Option<String>) {
    let crew = StepExecutor {
        access,
        journal: journal.map(RefCell::new),
        journal_failure: RefCell::new(None),
        visible_within: orders.visible_within,
        is_stopping: Cell::new(false),
    };
    let mut schedule = StepQueue::new(plan, done_before(past), orders.max_failures.get());
    let mut calls: FuturesUnordered<LocalBoxFuture<'_, (&Step, StepResult)>> = FuturesUnordered::new();
    let mut shutdown = pin!(shutdown);
    loop {
        progress(schedule.finished());
        if crew.journal_failure.borrow().is_some() {
            schedule.stop("the journal cannot be written any more");
        }
        while calls.len() < orders.concurrency.get() {
            let Some(step) = schedule.next() else { break };
            let predecessor = schedule.left_by_predecessor(step).and_then(|result| result.live.clone());
            let (crew, past) = (&crew, past.get(&step.number));
            let work = AssertUnwindSafe(crew.execute(step, past, predecessor)).catch_unwind();
            calls.push(async move { (step, work.await.unwrap_or_else(|_| broken())) }.boxed_local());
        }
        if calls.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            () = &mut shutdown, if !crew.is_stopping.get() => {
                crew.is_stopping.set(true);
                schedule.stop("the run was interrupted");
            }
            Some((step, result)) = calls.next() => schedule.take(step, result),
        }
    }
    drop(calls);
    let results = schedule.end();
    let StepExecutor { journal, journal_failure, .. } = crew;
    let mut failure = journal_failure.into_inner();
    if let Some(journal) = journal
        && failure.is_none()
    {
        let totals: Totals = results.values().map(|result| result.outcome).collect();
        failure = journal.into_inner().end(totals).err().map(|cause| cause.to_string());
    }
    (results, failure)
}

/// A fault of the program in one step says nothing about the others. Of this one the journal holds what was about to be done.
fn broken() -> StepResult {
    let message = "driftline failed in this step, which is a bug in driftline: whether it was done is not known";
    StepResult::new(StepOutcome::Failed, message)
}

/// The steps that an earlier run has seen done.
fn done_before(past: &BTreeMap<u32, StepHistory>) -> BTreeMap<u32, StepResult> {
    let done = |(number, history): (&u32, &StepHistory)| match &history.outcome {
        Some((StepOutcome::Verified, message)) if !history.is_open => {
            let result = StepResult::new(StepOutcome::Verified, format!("{message} (by the earlier run)"));
            Some((*number, StepResult { live: history.live.clone(), ..result }))
        }
        _ => None,
    };
    past.iter().filter_map(done).collect()
}
