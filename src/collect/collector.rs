//! The event loop of a run: the only place that waits.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::request::{CollectLimits, Collected, ReadRequest, StopReason, TargetIndex};
use super::run_state::RunState;
use super::scheduler::Action;
use super::tasks::{PartialSessions, TaskContext, TaskResult, open_account, read_target, refresh_credentials};
use crate::aws::AwsSession;
use crate::model::RegionTable;
use crate::resource::Reading;
use crate::resource::macie_session::AdministratorAnswer;

/// Reads targets. What a run needs is given once; the run begins when this is created.
pub struct Collector<'a> {
    pub(super) aws: &'a AwsSession,
    pub(super) requests: &'a [ReadRequest],
    pub(super) table: &'a RegionTable,
    pub(super) limits: CollectLimits,
    /// When the run may read no more, if ever.
    pub(super) ends: Option<Instant>,
    pub(super) progress: &'a dyn Fn(usize),
}

impl<'a> Collector<'a> {
    /// A run that begins now. `progress` receives the number of requests with a reading, whenever it changes.
    pub fn new(
        aws: &'a AwsSession,
        requests: &'a [ReadRequest],
        table: &'a RegionTable,
        limits: CollectLimits,
        progress: &'a dyn Fn(usize),
    ) -> Self {
        let ends = limits.deadline.map(|deadline| Instant::now() + deadline);
        Self { aws, requests, table, limits, ends, progress }
    }

    /// Reads every target, each with the credentials of its own account. Each request gets exactly one reading, and the failure of
    /// one target never spoils another's.
    ///
    /// `stop` ends the run when it resolves, as does the deadline: calls in flight are dropped at once, what was read is kept, and
    /// the rest is unread.
    ///
    /// The readings do not depend on the order in which answers arrive, unless the run is cut short.
    pub async fn collect(&self, stop: impl Future<Output = ()>) -> Collected {
        let (readings, _) = self.read_accounts(vec![None; self.requests.len()], BTreeMap::new(), pin!(stop)).await;
        Collected { readings, requests: self.aws.requests(), list_failures: BTreeMap::new() }
    }

    /// Reads what is not `known` yet from the accounts themselves. Macie's administrator gave these `answers` about its members.
    pub(super) async fn read_accounts(
        &self,
        known: Vec<Option<Reading>>,
        answers: BTreeMap<TargetIndex, AdministratorAnswer>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> (Vec<Reading>, Option<StopReason>) {
        let mut state = RunState::new(self.requests, self.table, self.limits.concurrency, known);
        let (aws, requests, partial) = (self.aws, self.requests, PartialSessions::default());
        let context = TaskContext { aws, requests, answers, partial };
        let mut calls: FuturesUnordered<LocalBoxFuture<'_, TaskResult>> = FuturesUnordered::new();
        let mut deadline = pin!(sleep_until(self.ends));
        // Congestion of earlier calls says nothing about this run.
        drop(self.aws.take_congestion());
        let mut reported = state.finished();
        (self.progress)(reported);
        let stopped = loop {
            state.on_congestion(&self.aws.take_congestion());
            while let Some(action) = state.next_action() {
                calls.push(start(&context, action));
            }
            if calls.is_empty() {
                break None;
            }
            tokio::select! {
                biased;
                () = stop.as_mut() => break Some(StopReason::Interrupted),
                () = &mut deadline => break Some(StopReason::Deadline),
                Some(result) = calls.next() => {
                    if let Some(account) = state.on_result(result)
                        && !self.limits.keeps_open
                    {
                        self.aws.drop_credentials(account);
                    }
                }
            }
            if state.finished() != reported {
                reported = state.finished();
                (self.progress)(reported);
            }
        };
        drop(calls);
        (state.into_readings(stopped, &context.partial), stopped)
    }
}

fn start<'b>(context: &'b TaskContext<'b>, action: Action) -> LocalBoxFuture<'b, TaskResult> {
    match action {
        Action::Open { index, account, asks_regions } => {
            Box::pin(open_account(context.aws, index, account, asks_regions))
        }
        Action::Refresh { index, credentials } => Box::pin(refresh_credentials(context.aws, index, credentials)),
        Action::Read(task) => Box::pin(read_target(context, task)),
    }
}

/// Resolves at an instant; never if there is none.
pub(super) async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
