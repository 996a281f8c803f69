//! The fan-out itself: the only place of the run that waits.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::ask::{Event, ask, open, renew};
use super::round::Round;
use super::schedule::Step;
use super::{Limits, Question};
use crate::aws::Access;
use crate::model::{RegionTable, Unread, UnreadReason};
use crate::session::Reading;

/// Why a run ended before everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Interrupted,
    Deadline,
}

impl Cut {
    /// What it makes of the targets that were not read.
    pub(super) fn unread(self) -> Unread {
        match self {
            Self::Interrupted => {
                Unread::without_answer(UnreadReason::Interrupted, "the run was interrupted before this target was read")
            }
            Self::Deadline => {
                Unread::without_answer(UnreadReason::Deadline, "the run's deadline came before this target was read")
            }
        }
    }
}

/// What the calls of a run have in common.
pub(super) struct Run<'a> {
    pub(super) access: &'a Access,
    pub(super) questions: &'a [Question],
    pub(super) table: &'a RegionTable,
    pub(super) concurrency: NonZeroUsize,
    /// Whether accounts stay open once their targets are read.
    pub(super) keeps_open: bool,
    /// When the run may read no more, if ever.
    pub(super) ends: Option<Instant>,
    /// Told how many questions have their reading, whenever that changes.
    pub(super) progress: &'a dyn Fn(usize),
}

impl<'a> Run<'a> {
    /// A run within these limits, which begins now.
    pub(super) fn within(
        limits: &Limits,
        access: &'a Access,
        questions: &'a [Question],
        table: &'a RegionTable,
        progress: &'a dyn Fn(usize),
    ) -> Self {
        let Limits { concurrency, keeps_open, .. } = *limits;
        Self { access, questions, table, concurrency, keeps_open, ends: limits.ends(), progress }
    }

    /// Asks the accounts for all that is not `known` yet, and gives a reading for each question.
    ///
    /// When `stop` resolves, and when the run ends, calls in flight are dropped at once, what was read is kept, and the rest is
    /// unread.
    pub(super) async fn fan_out(
        &self,
        known: Vec<Option<Reading>>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> (Vec<Reading>, Option<Cut>) {
        let mut round = Round::new(self.questions, self.table, self.concurrency, known);
        let mut calls: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
        let mut deadline = pin!(until(self.ends));
        // Signs of what was asked before this say nothing about it.
        drop(self.access.take_strains());
        let mut reported = round.finished();
        (self.progress)(reported);
        let cut = loop {
            round.strained(&self.access.take_strains());
            while let Some(step) = round.next_step() {
                calls.push(match step {
                    Step::Open { errand, account, asks_regions } => {
                        Box::pin(open(self.access, errand, account, asks_regions))
                    }
                    Step::Renew { errand, open } => Box::pin(renew(self.access, errand, open)),
                    Step::Ask(asking) => match round.question(asking.place) {
                        Some(question) => Box::pin(ask(self.access, asking, &question.target.region)),
                        None => continue,
                    },
                });
            }
            if calls.is_empty() {
                break None;
            }
            tokio::select! {
                biased;
                () = stop.as_mut() => break Some(Cut::Interrupted),
                () = &mut deadline => break Some(Cut::Deadline),
                Some(event) = calls.next() => {
                    if let Some(account) = round.take(event)
                        && !self.keeps_open
                    {
                        self.access.forget(account);
                    }
                }
            }
            if round.finished() != reported {
                reported = round.finished();
                (self.progress)(reported);
            }
        };
        drop(calls);
        (round.end(cut), cut)
    }
}

/// Resolves at that moment; never if there is none.
pub(super) async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
