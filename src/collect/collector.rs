//! The fan-out itself: the only place of the run that waits.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::run_state::RunState;
use super::scheduler::Action;
use super::tasks::{TaskResult, open_account, read_target, refresh_credentials};
use super::{CollectLimits, ReadRequest};
use crate::aws::AwsSession;
use crate::model::{RegionTable, Unread, UnreadReason};
use crate::resource::Reading;

/// Why a run ended before everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopReason {
    Interrupted,
    Deadline,
}

impl StopReason {
    /// What it makes of the targets that were not read.
    pub(super) fn unread(self) -> Unread {
        match self {
            Self::Interrupted => {
                Unread::local(UnreadReason::Interrupted, "the run was interrupted before this target was read")
            }
            Self::Deadline => {
                Unread::local(UnreadReason::Deadline, "the run's deadline came before this target was read")
            }
        }
    }
}

/// What the calls of a run have in common.
pub(super) struct Collector<'a> {
    pub(super) access: &'a AwsSession,
    pub(super) questions: &'a [ReadRequest],
    pub(super) table: &'a RegionTable,
    pub(super) concurrency: NonZeroUsize,
    /// Whether accounts stay open once their targets are read.
    pub(super) keeps_open: bool,
    /// When the run may read no more, if ever.
    pub(super) ends: Option<Instant>,
    /// Told how many questions have their reading, whenever that changes.
    pub(super) progress: &'a dyn Fn(usize),
}

impl<'a> Collector<'a> {
    /// A run within these limits, which begins now.
    pub(super) fn new(
        limits: &CollectLimits,
        access: &'a AwsSession,
        questions: &'a [ReadRequest],
        table: &'a RegionTable,
        progress: &'a dyn Fn(usize),
    ) -> Self {
        let CollectLimits { concurrency, keeps_open, .. } = *limits;
        Self { access, questions, table, concurrency, keeps_open, ends: limits.ends(), progress }
    }

    /// Asks the accounts for all that is not `known` yet, and gives a reading for each question.
    ///
    /// When `stop` resolves, and when the run ends, calls in flight are dropped at once, what was read is kept, and the rest is
    /// unread.
    pub(super) async fn run(
        &self,
        known: Vec<Option<Reading>>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> (Vec<Reading>, Option<StopReason>) {
        let mut round = RunState::new(self.questions, self.table, self.concurrency, known);
        let mut calls: FuturesUnordered<LocalBoxFuture<'_, TaskResult>> = FuturesUnordered::new();
        let mut deadline = pin!(sleep_until(self.ends));
        // Signs of what was asked before this say nothing about it.
        drop(self.access.take_congestion());
        let mut reported = round.finished();
        (self.progress)(reported);
        let cut = loop {
            round.on_congestion(&self.access.take_congestion());
            while let Some(step) = round.next_action() {
                calls.push(match step {
                    Action::Open { errand, account, asks_regions } => {
                        Box::pin(open_account(self.access, errand, account, asks_regions))
                    }
                    Action::Renew { errand, open } => Box::pin(refresh_credentials(self.access, errand, open)),
                    Action::Ask(asking) => match round.question(asking.place) {
                        Some(question) => Box::pin(read_target(self.access, asking, &question.target.region)),
                        None => continue,
                    },
                });
            }
            if calls.is_empty() {
                break None;
            }
            tokio::select! {
                biased;
                () = stop.as_mut() => break Some(StopReason::Interrupted),
                () = &mut deadline => break Some(StopReason::Deadline),
                Some(event) = calls.next() => {
                    if let Some(account) = round.on_event(event)
                        && !self.keeps_open
                    {
                        self.access.drop_credentials(account);
                    }
                }
            }
            if round.finished() != reported {
                reported = round.finished();
                (self.progress)(reported);
            }
        };
        drop(calls);
        (round.into_readings(cut), cut)
    }
}

/// Resolves at that moment; never if there is none.
pub(super) async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
