//! State of a run: what waits and what is known. Bookkeeping that makes no call itself.

use std::num::NonZeroUsize;

use super::credentials::Rejection;
use super::intern::EvidenceInterner;
use super::queues::{AccountQueue, group_by_account};
use super::region_off::{classify_refused_token, proves_credentials, settle_refused_token};
use super::request::{ReadRequest, StopReason, TargetIndex};
use super::scheduler::{Action, Scheduler};
use super::tasks::{OpenedAccount, PartialSessions, TaskResult};
use crate::aws::{CongestionEvent, RegionState, is_expired};
use crate::model::{AccountId, RegionTable, Target, Unread, UnreadReason};
use crate::resource::{Reading, Response};

/// State of a run.
pub(super) struct RunState<'a> {
    requests: &'a [ReadRequest],
    table: &'a RegionTable,
    readings: Vec<Option<Reading>>,
    interner: EvidenceInterner,
    finished: usize,
    accounts: Vec<AccountQueue>,
    scheduler: Scheduler,
}

impl<'a> RunState<'a> {
    /// The initial state: what is `known` and what needs no call has its reading.
    pub(super) fn new(
        requests: &'a [ReadRequest],
        table: &'a RegionTable,
        concurrency: NonZeroUsize,
        known: Vec<Option<Reading>>,
    ) -> Self {
        let concurrency = concurrency.get();
        let mut readings = known;
        readings.resize(requests.len(), None);
        for (request, reading) in requests.iter().zip(&mut readings) {
            if !table.hosts(request.target.resource, &request.target.region) {
                *reading = Some(Reading::without_macie(request.region_named));
            }
        }
        let open = requests.iter().enumerate().filter(|(target, _)| !matches!(readings.get(*target), Some(Some(_))));
        let accounts = group_by_account(open, table, concurrency);
        let hosted = |target: &&Target| table.hosts(target.resource, &target.region);
        let regions = requests.iter().map(|request| &request.target).filter(hosted).map(|target| &target.region);
        Self {
            requests,
            table,
            finished: readings.iter().flatten().count(),
            readings,
            interner: EvidenceInterner::default(),
            scheduler: Scheduler::new(regions, &accounts, concurrency),
            accounts,
        }
    }

    /// The number of requests with a reading.
    pub(super) fn finished(&self) -> usize {
        self.finished
    }

    /// The next action, if there is one and there is capacity for it.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.scheduler.next(&mut self.accounts)
    }

    pub(super) fn on_congestion(&mut self, events: &[CongestionEvent]) {
        for event in events {
            self.scheduler.on_congestion(event, &mut self.accounts);
        }
    }

    /// Records the end of a task. Returns the account whose last target this was, if so.
    pub(super) fn on_result(&mut self, result: TaskResult) -> Option<AccountId> {
        let (index, settled) = match result {
            TaskResult::Opened { index, outcome } => {
                self.scheduler.on_opened(outcome.is_ok());
                (index, self.on_opened(index, outcome))
            }
            TaskResult::Answered { index, target, generation, answer } => {
                (index, self.on_answered(index, target, generation, answer).into_iter().collect())
            }
        };
        for (target, reading) in settled {
            self.record(target, reading);
        }
        if !self.accounts.get(index)?.is_finished() {
            return None;
        }
        self.finish_account(index);
        let account = self.accounts.get_mut(index)?;
        account.credentials.release();
        Some(account.account)
    }

    fn on_opened(&mut self, index: usize, outcome: Result<OpenedAccount, Unread>) -> Vec<(TargetIndex, Reading)> {
        let (requests, Some(account)) = (self.requests, self.accounts.get_mut(index)) else { return Vec::new() };
        let opened = match outcome {
            Ok(opened) => opened,
            Err(unread) if account.credentials.unavailable(&unread) => return self.fail_account(index, &unread),
            Err(_) => return Vec::new(),
        };
        account.credentials.arrived(opened.credentials);
        if let Some(regions) = opened.regions {
            account.regions = regions;
        }
        let mut settled = Vec::new();
        for target in std::mem::take(&mut account.pending) {
            let Some(request) = requests.get(target) else { continue };
            let region = &request.target.region;
            if account.regions.get(region) == Some(RegionState::Off) {
                account.unanswered -= 1;
                settled.push((target, Reading::region_off(request.target.resource, request.region_named)));
            } else {
                self.scheduler.enqueue(index, target, region);
            }
        }
        settled
    }

    /// Settles every target of an account that is not in flight.
    fn fail_account(&mut self, index: usize, unread: &Unread) -> Vec<(TargetIndex, Reading)> {
        let Some(account) = self.accounts.get_mut(index) else { return Vec::new() };
        let mut targets = std::mem::take(&mut account.pending);
        targets.extend(self.scheduler.drain_account(index));
        account.unanswered -= targets.len();
        targets.into_iter().map(|target| (target, Reading::Unread(unread.clone()))).collect()
    }

    fn on_answered(
        &mut self,
        index: usize,
        target: TargetIndex,
        generation: u32,
        answer: Response,
    ) -> Option<(TargetIndex, Reading)> {
        let (account, request) = (self.accounts.get_mut(index)?, self.requests.get(target)?);
        let region = &request.target.region;
        self.scheduler.on_answered(account, region, was_answered(&answer));
        if has_expired(&answer) {
            let rejection = account.credentials.rejected(generation);
            if rejection == Rejection::RefreshAndRetry {
                self.scheduler.refresh_first(index);
            }
            match rejection {
                Rejection::Retry | Rejection::RefreshAndRetry => {
                    self.scheduler.enqueue(index, target, region);
                    return None;
                }
                Rejection::Failed(unread) => {
                    account.unanswered -= 1;
                    return Some((target, Reading::Unread(unread)));
                }
                Rejection::Final => {}
            }
        }
        account.unanswered -= 1;
        let failure = match answer {
            Response::Reading(reading) => {
                account.accepted |= proves_credentials(&reading);
                return Some((target, account.intern_role(reading)));
            }
            Response::TokenRefused(failure) => failure,
        };
        let reading = classify_refused_token(account.regions.get(region), self.table.is_opt_in(region), &failure);
        if reading.is_none() {
            account.refused.push((target, failure));
        }
        reading.map(|reading| (target, reading))
    }

    /// All answers of an account are in: what its refused tokens mean is known now.
    fn finish_account(&mut self, index: usize) {
        let Some(account) = self.accounts.get_mut(index) else { return };
        let accepted = account.accepted;
        for (target, failure) in std::mem::take(&mut account.refused) {
            let named = self.requests.get(target).is_some_and(|request| request.region_named);
            self.record(target, settle_refused_token(accepted, named, failure));
        }
    }

    fn record(&mut self, target: TargetIndex, mut reading: Reading) {
        if let Some(slot) = self.readings.get_mut(target)
            && slot.is_none()
        {
            self.interner.intern(&mut reading);
            *slot = Some(reading);
            self.finished += 1;
        }
    }

    /// One reading per request. Targets without one are unread, for the reason that stopped the run.
    /// What is known of a session of which some settings were still to be read stays.
    pub(super) fn into_readings(mut self, stopped: Option<StopReason>, partial: &PartialSessions) -> Vec<Reading> {
        if let Some(reason) = stopped {
            for target in partial.targets() {
                let known = partial.take(target, self.requests, &reason.unread_setting());
                if let Some(session) = known {
                    self.record(target, Reading::On(session));
                }
            }
        }
        for index in 0..self.accounts.len() {
            // Where the run was cut short, further answers might still have shown that the credentials are good.
            if self.accounts.get(index).is_some_and(|account| account.accepted || account.is_finished()) {
                self.finish_account(index);
            }
        }
        let unread = || stopped.map_or_else(Reading::missing, |reason| Reading::Unread(reason.unread()));
        self.readings.into_iter().map(|reading| reading.unwrap_or_else(unread)).collect()
    }
}

/// Whether an answer shows that there is capacity for more.
fn was_answered(answer: &Response) -> bool {
    let Response::Reading(Reading::Unread(unread)) = answer else { return true };
    !matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable)
}

/// Whether AWS calls the credentials expired.
fn has_expired(answer: &Response) -> bool {
    let Response::Reading(Reading::Unread(unread)) = answer else { return false };
    unread.reason == UnreadReason::BadCredentials && unread.evidence.code.as_deref().is_some_and(is_expired)
}
