//! The state of a run: what waits, what is known. Plain bookkeeping, which makes no call itself.

use std::num::NonZeroUsize;

use super::ReadRequest;
use super::account_queue::{AccountQueue, Refresh, TargetIndex, group_by_account};
use super::collector::StopReason;
use super::intern::EvidenceInterner;
use super::region_off::{classify_refused_token, listed_off, proves_credentials, settle_refused_token, without_macie};
use super::scheduler::{Action, Scheduler};
use super::tasks::{OpenedAccount, TaskResult};
use crate::aws::{CongestionEvent, RegionState, is_expired};
use crate::model::{AccountId, RegionTable, Unread, UnreadReason};
use crate::resource::{Reading, SessionResponse};

/// The state of a run.
pub(super) struct RunState<'a> {
    questions: &'a [ReadRequest],
    table: &'a RegionTable,
    readings: Vec<Option<Reading>>,
    shared: EvidenceInterner,
    finished: usize,
    errands: Vec<AccountQueue>,
    schedule: Scheduler,
}

impl<'a> RunState<'a> {
    /// The start: what needs no call is read already, like what is `known`.
    pub(super) fn new(
        questions: &'a [ReadRequest],
        table: &'a RegionTable,
        concurrency: NonZeroUsize,
        known: Vec<Option<Reading>>,
    ) -> Self {
        let concurrency = concurrency.get();
        let mut readings = known;
        readings.resize(questions.len(), None);
        for (question, reading) in questions.iter().zip(&mut readings) {
            if !table.has_macie(&question.target.region) {
                *reading = Some(without_macie(question.region_named));
            }
        }
        let open = questions.iter().enumerate().filter(|(place, _)| !matches!(readings.get(*place), Some(Some(_))));
        let errands = group_by_account(open, table, concurrency);
        let regions = questions.iter().map(|question| &question.target.region).filter(|region| table.has_macie(region));
        Self {
            questions,
            table,
            finished: readings.iter().flatten().count(),
            readings,
            shared: EvidenceInterner::default(),
            schedule: Scheduler::new(regions, &errands, concurrency),
            errands,
        }
    }

    /// How many questions have their reading.
    pub(super) fn finished(&self) -> usize {
        self.finished
    }

    /// The question at a place.
    pub(super) fn question(&self, place: TargetIndex) -> Option<&'a ReadRequest> {
        self.questions.get(place)
    }

    /// The next step, if there is one and there is room for it.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.schedule.next(&mut self.errands)
    }

    /// Takes note of signs of strain.
    pub(super) fn on_congestion(&mut self, strains: &[CongestionEvent]) {
        for strain in strains {
            self.schedule.on_congestion(strain, &mut self.errands);
        }
    }

    /// Takes in what has come back. Gives the account whose last question that was, if it was.
    pub(super) fn on_event(&mut self, event: TaskResult) -> Option<AccountId> {
        let (nth, settled) = match event {
            TaskResult::Opened { errand, outcome } => {
                self.schedule.opened(outcome.is_ok());
                (errand, self.take_opened(errand, outcome))
            }
            TaskResult::Answered { errand, place, lease, answer } => {
                (errand, self.take_answer(errand, place, lease, answer).into_iter().collect())
            }
        };
        for (place, reading) in settled {
            self.record(place, reading);
        }
        if !self.errands.get(nth)?.is_finished() {
            return None;
        }
        self.finish_account(nth);
        let errand = self.errands.get_mut(nth)?;
        errand.open = None;
        Some(errand.account)
    }

    fn take_opened(&mut self, nth: usize, outcome: Result<OpenedAccount, Unread>) -> Vec<(TargetIndex, Reading)> {
        let (questions, Some(errand)) = (self.questions, self.errands.get_mut(nth)) else { return Vec::new() };
        let opened = match outcome {
            Ok(opened) => opened,
            Err(unread) => {
                let may_pass = matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable);
                let serves = errand.open.as_ref().is_some_and(|open| !open.is_expired()) && !errand.expired;
                if may_pass && serves {
                    errand.refresh = Refresh::Deferred;
                    return Vec::new();
                }
                return self.fail_account(nth, &unread);
            }
        };
        errand.credential_generation += u32::from(errand.open.is_some());
        errand.open = Some(opened.account);
        errand.refresh = Refresh::Current;
        errand.regions = opened.regions.unwrap_or_else(|| std::mem::take(&mut errand.regions));
        let mut settled = Vec::new();
        for place in std::mem::take(&mut errand.pending) {
            let Some(question) = questions.get(place) else { continue };
            let region = &question.target.region;
            if errand.regions.get(region) == Some(RegionState::Off) {
                errand.unanswered -= 1;
                settled.push((place, listed_off(question.region_named)));
            } else {
                self.schedule.enqueue(nth, place, region);
            }
        }
        settled
    }

    /// Nothing more can be asked in an account.
    fn fail_account(&mut self, nth: usize, unread: &Unread) -> Vec<(TargetIndex, Reading)> {
        let Some(errand) = self.errands.get_mut(nth) else { return Vec::new() };
        errand.closed = Some(unread.clone());
        let mut places = std::mem::take(&mut errand.pending);
        places.extend(self.schedule.withdraw(nth));
        errand.unanswered -= places.len();
        places.into_iter().map(|place| (place, Reading::Unread(unread.clone()))).collect()
    }

    fn take_answer(
        &mut self,
        nth: usize,
        place: TargetIndex,
        lease: u32,
        answer: SessionResponse,
    ) -> Option<(TargetIndex, Reading)> {
        let (errand, question) = (self.errands.get_mut(nth)?, self.questions.get(place)?);
        self.schedule.answered(errand, &question.target.region, was_answered(&answer));
        if let Some(closed) = errand.closed.as_ref().filter(|_| has_expired(&answer)) {
            // Asked before it was known that no new credentials can be had.
            let unread = Reading::Unread(closed.clone());
            errand.unanswered -= 1;
            return Some((place, unread));
        }
        if has_expired(&answer)
            && (lease != errand.credential_generation || errand.refresh == Refresh::Pending || !errand.expired)
        {
            // Asked again with new credentials, which an account gets once in this way: a machine that slept for an hour
            // must not make its targets unread.
            if lease == errand.credential_generation && errand.refresh != Refresh::Pending {
                errand.expired = true;
                errand.refresh = Refresh::Pending;
                self.schedule.renew(nth);
            }
            self.schedule.enqueue(nth, place, &question.target.region);
            return None;
        }
        errand.unanswered -= 1;
        let failure = match answer {
            SessionResponse::Reading(reading) => {
                errand.accepted |= proves_credentials(&reading);
                return Some((place, errand.intern_role(reading)));
            }
            SessionResponse::TokenRefused(failure) => failure,
        };
        let region = &question.target.region;
        let at_once = classify_refused_token(errand.regions.get(region), self.table.is_opt_in(region), &failure);
        if at_once.is_none() {
            errand.refused.push((place, failure));
        }
        at_once.map(|reading| (place, reading))
    }

    /// All that an account can say has been said: what its refused tokens mean shows now.
    fn finish_account(&mut self, nth: usize) {
        let Some(errand) = self.errands.get_mut(nth) else { return };
        let accepted = errand.accepted;
        for (place, failure) in std::mem::take(&mut errand.refused) {
            let named = self.questions.get(place).is_some_and(|question| question.region_named);
            self.record(place, settle_refused_token(accepted, named, failure));
        }
    }

    fn record(&mut self, place: TargetIndex, mut reading: Reading) {
        if let Some(slot) = self.readings.get_mut(place)
            && slot.is_none()
        {
            self.shared.intern(&mut reading);
            *slot = Some(reading);
            self.finished += 1;
        }
    }

    /// The end: whatever has no reading is unread, for the reason that cut the run short.
    pub(super) fn into_readings(mut self, cut: Option<StopReason>) -> Vec<Reading> {
        for nth in 0..self.errands.len() {
            // Where the run was cut short, other answers might still have shown that the credentials are good.
            if self.errands.get(nth).is_some_and(|errand| errand.accepted || errand.is_finished()) {
                self.finish_account(nth);
            }
        }
        let unread = || cut.map_or_else(Reading::missing, |cut| Reading::Unread(cut.unread()));
        self.readings.into_iter().map(|reading| reading.unwrap_or_else(unread)).collect()
    }
}

/// Whether an answer shows that there is room for more.
fn was_answered(answer: &SessionResponse) -> bool {
    let SessionResponse::Reading(Reading::Unread(unread)) = answer else { return true };
    !matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable)
}

/// Whether AWS says that the credentials have expired.
fn has_expired(answer: &SessionResponse) -> bool {
    let SessionResponse::Reading(Reading::Unread(unread)) = answer else { return false };
    unread.reason == UnreadReason::BadCredentials && unread.evidence.code.as_deref().is_some_and(is_expired)
}
