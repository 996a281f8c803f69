//! The state of a run: what waits, what is known. Plain bookkeeping, which makes no call itself.

use std::num::NonZeroUsize;

use super::Question;
use super::ask::{Event, Opened};
use super::errand::{Errand, Place, Renewal, errands};
use super::fan_out::Cut;
use super::region_off::{listed_off, proves_credentials, refused_at_once, refused_in_the_end, without_macie};
use super::schedule::{Schedule, Step};
use super::shared::Shared;
use crate::aws::{RegionState, Strain, is_expired};
use crate::model::{AccountId, RegionTable, Unread, UnreadReason};
use crate::session::{Answer, Reading};

/// The state of a run.
pub(super) struct Round<'a> {
    questions: &'a [Question],
    table: &'a RegionTable,
    readings: Vec<Option<Reading>>,
    shared: Shared,
    finished: usize,
    errands: Vec<Errand>,
    schedule: Schedule,
}

impl<'a> Round<'a> {
    /// The start: what needs no call is read already, like what is `known`.
    pub(super) fn new(
        questions: &'a [Question],
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
        let errands = errands(open, table, concurrency);
        let regions = questions.iter().map(|question| &question.target.region).filter(|region| table.has_macie(region));
        Self {
            questions,
            table,
            finished: readings.iter().flatten().count(),
            readings,
            shared: Shared::default(),
            schedule: Schedule::new(regions, &errands, concurrency),
            errands,
        }
    }

    /// How many questions have their reading.
    pub(super) fn finished(&self) -> usize {
        self.finished
    }

    /// The question at a place.
    pub(super) fn question(&self, place: Place) -> Option<&'a Question> {
        self.questions.get(place)
    }

    /// The next step, if there is one and there is room for it.
    pub(super) fn next_step(&mut self) -> Option<Step> {
        self.schedule.next(&mut self.errands)
    }

    /// Takes note of signs of strain.
    pub(super) fn strained(&mut self, strains: &[Strain]) {
        for strain in strains {
            self.schedule.strained(strain, &mut self.errands);
        }
    }

    /// Takes in what has come back. Gives the account whose last question that was, if it was.
    pub(super) fn take(&mut self, event: Event) -> Option<AccountId> {
        let (nth, settled) = match event {
            Event::Opened { errand, outcome } => {
                self.schedule.opened(outcome.is_ok());
                (errand, self.take_opened(errand, outcome))
            }
            Event::Answered { errand, place, lease, answer } => {
                (errand, self.take_answer(errand, place, lease, answer).into_iter().collect())
            }
        };
        for (place, reading) in settled {
            self.settle(place, reading);
        }
        if !self.errands.get(nth)?.is_over() {
            return None;
        }
        self.conclude(nth);
        let errand = self.errands.get_mut(nth)?;
        errand.open = None;
        Some(errand.account)
    }

    fn take_opened(&mut self, nth: usize, outcome: Result<Opened, Unread>) -> Vec<(Place, Reading)> {
        let (questions, Some(errand)) = (self.questions, self.errands.get_mut(nth)) else { return Vec::new() };
        let opened = match outcome {
            Ok(opened) => opened,
            Err(unread) => {
                let may_pass = matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable);
                let serves = errand.open.as_ref().is_some_and(|open| !open.has_ended()) && !errand.expired;
                if may_pass && serves {
                    errand.renewal = Renewal::PutOff;
                    return Vec::new();
                }
                return self.spare(nth, &unread);
            }
        };
        errand.lease += u32::from(errand.open.is_some());
        errand.open = Some(opened.account);
        errand.renewal = Renewal::Idle;
        errand.regions = opened.regions.unwrap_or_else(|| std::mem::take(&mut errand.regions));
        let mut settled = Vec::new();
        for place in std::mem::take(&mut errand.waiting) {
            let Some(question) = questions.get(place) else { continue };
            let region = &question.target.region;
            if errand.regions.of(region) == Some(RegionState::Off) {
                errand.left -= 1;
                settled.push((place, listed_off(question.region_named)));
            } else {
                self.schedule.admit(nth, place, region);
            }
        }
        settled
    }

    /// Nothing more can be asked in an account.
    fn spare(&mut self, nth: usize, unread: &Unread) -> Vec<(Place, Reading)> {
        let Some(errand) = self.errands.get_mut(nth) else { return Vec::new() };
        errand.closed = Some(unread.clone());
        let mut places = std::mem::take(&mut errand.waiting);
        places.extend(self.schedule.withdraw(nth));
        errand.left -= places.len();
        places.into_iter().map(|place| (place, Reading::Unread(unread.clone()))).collect()
    }

    fn take_answer(&mut self, nth: usize, place: Place, lease: u32, answer: Answer) -> Option<(Place, Reading)> {
        let (errand, question) = (self.errands.get_mut(nth)?, self.questions.get(place)?);
        self.schedule.answered(errand, &question.target.region, was_answered(&answer));
        if let Some(closed) = errand.closed.as_ref().filter(|_| has_expired(&answer)) {
            // Asked before it was known that no new credentials can be had.
            let unread = Reading::Unread(closed.clone());
            errand.left -= 1;
            return Some((place, unread));
        }
        if has_expired(&answer) && (lease != errand.lease || errand.renewal == Renewal::Awaited || !errand.expired) {
            // Asked again with new credentials, which an account gets once in this way: a machine that slept for an hour
            // must not make its targets unread.
            if lease == errand.lease && errand.renewal != Renewal::Awaited {
                errand.expired = true;
                errand.renewal = Renewal::Awaited;
                self.schedule.renew(nth);
            }
            self.schedule.admit(nth, place, &question.target.region);
            return None;
        }
        errand.left -= 1;
        let failure = match answer {
            Answer::Reading(reading) => {
                errand.accepted |= proves_credentials(&reading);
                return Some((place, errand.sharing(reading)));
            }
            Answer::TokenRefused(failure) => failure,
        };
        let region = &question.target.region;
        let at_once = refused_at_once(errand.regions.of(region), self.table.is_opt_in(region), &failure);
        if at_once.is_none() {
            errand.refused.push((place, failure));
        }
        at_once.map(|reading| (place, reading))
    }

    /// All that an account can say has been said: what its refused tokens mean shows now.
    fn conclude(&mut self, nth: usize) {
        let Some(errand) = self.errands.get_mut(nth) else { return };
        let accepted = errand.accepted;
        for (place, failure) in std::mem::take(&mut errand.refused) {
            let named = self.questions.get(place).is_some_and(|question| question.region_named);
            self.settle(place, refused_in_the_end(accepted, named, failure));
        }
    }

    fn settle(&mut self, place: Place, mut reading: Reading) {
        if let Some(slot) = self.readings.get_mut(place)
            && slot.is_none()
        {
            self.shared.share(&mut reading);
            *slot = Some(reading);
            self.finished += 1;
        }
    }

    /// The end: whatever has no reading is unread, for the reason that cut the run short.
    pub(super) fn end(mut self, cut: Option<Cut>) -> Vec<Reading> {
        for nth in 0..self.errands.len() {
            // Where the run was cut short, other answers might still have shown that the credentials are good.
            if self.errands.get(nth).is_some_and(|errand| errand.accepted || errand.is_over()) {
                self.conclude(nth);
            }
        }
        let unread = || cut.map_or_else(Reading::missing, |cut| Reading::Unread(cut.unread()));
        self.readings.into_iter().map(|reading| reading.unwrap_or_else(unread)).collect()
    }
}

/// Whether an answer shows that there is room for more.
fn was_answered(answer: &Answer) -> bool {
    let Answer::Reading(Reading::Unread(unread)) = answer else { return true };
    !matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable)
}

/// Whether AWS says that the credentials have expired.
fn has_expired(answer: &Answer) -> bool {
    let Answer::Reading(Reading::Unread(unread)) = answer else { return false };
    unread.reason == UnreadReason::BadCredentials && unread.evidence.code.as_deref().is_some_and(is_expired)
}
