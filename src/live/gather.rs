//! The fan-out itself: the only place of the run that waits.

use std::future::Future;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;

use super::ask::{Event, ask, open, renew};
use super::round::Round;
use super::schedule::Step;
use super::{Gathering, Limits, Question};
use crate::aws::Access;
use crate::model::{RegionTable, UnreadReason};

/// Reads every target that is asked about. Each question gets exactly one reading, and failures of one target never
/// spoil another's.
///
/// `stop` ends the run when it resolves, as does the deadline: calls in flight are dropped at once, what was read is
/// kept, and the rest is unread. `progress` is told how many questions have their reading whenever that changes.
///
/// The readings do not depend on the order in which answers arrive, unless the run is cut short.
pub async fn gather(
    access: &Access,
    questions: &[Question],
    table: &RegionTable,
    limits: &Limits,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> Gathering {
    let mut round = Round::new(questions, table, limits);
    let mut calls: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut stop = pin!(stop);
    let mut deadline = pin!(until(limits.deadline));
    let mut reported = round.finished();
    progress(reported);
    let (reason, why) = loop {
        round.strained(&access.take_strains());
        while let Some(step) = round.next_step() {
            calls.push(match step {
                Step::Open { errand, account, asks_regions } => Box::pin(open(access, errand, account, asks_regions)),
                Step::Renew { errand, open } => Box::pin(renew(access, errand, open)),
                Step::Ask(asking) => match round.question(asking.place) {
                    Some(question) => Box::pin(ask(access, asking, &question.target.region)),
                    None => continue,
                },
            });
        }
        if calls.is_empty() {
            // Nothing is left; the reason stands for a fault in the bookkeeping, which must not lose a target either.
            break (UnreadReason::Unintelligible, "driftline lost sight of this target; this is a fault in driftline");
        }
        tokio::select! {
            biased;
            () = &mut stop => break (UnreadReason::Interrupted, "the run was interrupted before this target was read"),
            () = &mut deadline => break (UnreadReason::Deadline, "the run's deadline came before this target was read"),
            Some(event) = calls.next() => round.take(event),
        }
        if round.finished() != reported {
            reported = round.finished();
            progress(reported);
        }
    };
    drop(calls);
    Gathering { readings: round.end(reason, why), requests: access.requests() }
}

/// Resolves after that time; never if there is no limit.
pub(super) async fn until(deadline: Option<std::time::Duration>) {
    match deadline {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
