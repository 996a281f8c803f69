//! Reading through Macie's administrator: its member lists spare calls to the members, and the traces that these leave.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::collector::{Collector, sleep_until};
use super::member_list::{MemberListing, list_members};
use super::request::{AdministratorReader, Collected, Fallback, StopReason};
use crate::model::{Unread, UnreadReason};
use crate::resource::{LiveStatus, NotEnabledEvidence, Reading};

impl Collector<'_> {
    /// Reads every target, as [`Collector::collect`] does, after the member lists of Macie's administrator.
    ///
    /// Where the list holds every setting that is declared, the account is not asked. Where both are asked and contradict each other,
    /// the administrator is asked once more about that one member. If they still do, the target is unread: to believe either would be
    /// a guess.
    pub async fn collect_through_administrator(
        &self,
        reader: AdministratorReader,
        stop: impl Future<Output = ()>,
    ) -> Collected {
        let mut stop = pin!(stop);
        let listing = RefCell::new(MemberListing::new(reader.administrator, self.requests.len()));
        let stopped = tokio::select! {
            biased;
            () = stop.as_mut() => Some(StopReason::Interrupted),
            () = sleep_until(self.ends) => Some(StopReason::Deadline),
            // Accounts must have time left to answer for themselves.
            () = sleep_until(self.patience(reader)) => None,
            () = list_members(self, reader, &listing) => None,
        };
        let listing = listing.into_inner();
        let readings = match (stopped, reader.fallback) {
            (Some(reason), _) => listing.readings(self, |_| reason.unread()),
            (None, Fallback::None) => listing.readings(self, |request| listing.missing_reason(request)),
            (None, Fallback::Accounts) => {
                let known = self.requests.iter().enumerate().map(|(target, request)| listing.reading(target, request));
                let answers = listing.answers(self.requests);
                let (mut readings, stopped) = self.read_accounts(known.collect(), answers, stop.as_mut()).await;
                let ended = async {
                    // A run that was cut short asks nobody any more.
                    if stopped.is_none() {
                        tokio::select! { () = stop => (), () = sleep_until(self.ends) => () }
                    }
                };
                self.recheck_conflicts(&listing, &mut readings, ended).await;
                readings
            }
        };
        Collected { readings, requests: self.aws.requests(), list_failures: listing.failures }
    }

    /// When to stop waiting for the lists, where the accounts can be asked as well: after a quarter of the run's time.
    fn patience(&self, reader: AdministratorReader) -> Option<Instant> {
        let quarter = self.limits.deadline.map(|deadline| Instant::now() + deadline / 4);
        quarter.filter(|_| reader.fallback == Fallback::Accounts)
    }

    /// Asks the administrator once more about each member whose list entry contradicts the account itself: the list may have been
    /// read minutes before. Where they still contradict each other, or `ended` resolves first, the target is unread.
    async fn recheck_conflicts(
        &self,
        listing: &MemberListing,
        readings: &mut [Reading],
        ended: impl Future<Output = ()>,
    ) {
        let mut conflicts: Vec<(usize, LiveStatus)> = (0..readings.len())
            .filter_map(|target| {
                let listed = listing.status(target)?;
                contradicts(listed, readings.get(target)?).then_some((target, listed))
            })
            .collect();
        if conflicts.is_empty() {
            return;
        }
        let mut ended = pin!(ended);
        // Once for all of them: each attempt to assume a role that may not be assumed is a denial.
        let credentials = tokio::select! {
            biased;
            () = &mut ended => None,
            opened = self.aws.credentials_for(listing.administrator) => opened.ok(),
        };
        let asked: Vec<_> =
            conflicts.iter().filter_map(|(target, _)| Some((*target, &self.requests.get(*target)?.target))).collect();
        let credentials = credentials.as_ref();
        let mut answers = stream::iter(asked)
            .map(|(index, target)| async move {
                let state = self.aws.member(credentials?, &target.region, target.account).await.ok()?;
                Some((index, state.live_status()))
            })
            .buffer_unordered(self.limits.concurrency.get());
        loop {
            let answer = tokio::select! {
                biased;
                () = &mut ended => break,
                answer = answers.next() => answer,
            };
            let Some(answer) = answer else { break };
            // Without an answer the conflict stands. A member without a status no longer contradicts anything.
            let Some((target, listed)) = answer else { continue };
            let still = listed.zip(readings.get(target)).is_some_and(|(listed, read)| contradicts(listed, read));
            conflicts.retain(|(conflict, _)| *conflict != target || still);
        }
        for (target, listed) in conflicts {
            if let Some(reading) = readings.get_mut(target) {
                *reading = Reading::Unread(contradicted(listing, listed, reading));
            }
        }
    }
}

/// Whether an account's reading contradicts its listed status.
fn contradicts(listed: LiveStatus, reading: &Reading) -> bool {
    match reading {
        Reading::On(session) => session.status != listed,
        Reading::NotEnabled(NotEnabledEvidence::Answer(_)) => true,
        _ => false,
    }
}

fn contradicted(listing: &MemberListing, listed: LiveStatus, reading: &Reading) -> Unread {
    let read = match reading {
        Reading::On(session) => format!("has a session that is {}", session.status.as_status().as_str()),
        _ => "says that Macie is not enabled".to_owned(),
    };
    Unread::local(
        UnreadReason::Contradicted,
        format!(
            "Macie's administrator {} lists the account as {}, and the account itself {read}",
            listing.administrator,
            listed.as_status().as_str()
        ),
    )
}
