//! The state of a run: what waits, what is known. Plain bookkeeping, which makes no call itself.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ask::{Event, Opened};
use super::errand::{Errand, Place, errands};
use super::region_off::{listed_off, proves_credentials, refused_at_once, refused_in_the_end, without_macie};
use super::{Limits, Question};
use crate::aws::{OpenAccount, RegionState};
use crate::model::{AccountId, RegionTable, Unread, UnreadReason};
use crate::session::{Answer, Reading};

/// What to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Open an account.
    Open { errand: usize, account: AccountId, asks_regions: bool },
    /// Get new credentials for an account.
    Renew { errand: usize, open: Arc<OpenAccount> },
    /// Ask Macie about one target.
    Ask { errand: usize, place: Place, open: Arc<OpenAccount> },
}

/// The state of a run.
pub(super) struct Round<'a> {
    questions: &'a [Question],
    table: &'a RegionTable,
    readings: Vec<Option<Reading>>,
    finished: usize,
    errands: Vec<Errand>,
    /// Errands whose accounts wait for credentials.
    closed: VecDeque<usize>,
    /// Errands that can ask now. Each takes one turn at a time.
    ready: VecDeque<usize>,
    /// Questions of open accounts that wait.
    askable: usize,
    opening: usize,
    in_flight: usize,
    concurrency: usize,
}

impl<'a> Round<'a> {
    /// The start: what needs no call is read already.
    pub(super) fn new(questions: &'a [Question], table: &'a RegionTable, limits: &Limits) -> Self {
        let reading = |question: &Question| {
            (!table.has_macie(&question.target.region)).then(|| without_macie(question.region_named))
        };
        let readings: Vec<_> = questions.iter().map(reading).collect();
        let errands = errands(questions, table);
        Self {
            questions,
            table,
            finished: readings.iter().flatten().count(),
            readings,
            closed: (0..errands.len()).collect(),
            errands,
            ready: VecDeque::new(),
            askable: 0,
            opening: 0,
            in_flight: 0,
            concurrency: limits.concurrency.get(),
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
        if self.in_flight >= self.concurrency {
            return None;
        }
        let step = self.next_opening().or_else(|| self.next_question())?;
        self.in_flight += 1;
        Some(step)
    }

    /// Accounts are opened while few questions can be asked, so that credentials are fresh when they are needed. Openings
    /// never take more than half of the room: accounts that are slow to open must not hold up those that are open.
    fn next_opening(&mut self) -> Option<Step> {
        let most = (self.concurrency / 2).max(1);
        if self.opening >= most || self.askable >= 2 * self.concurrency {
            return None;
        }
        let errand = self.closed.pop_front()?;
        let due = self.errands.get(errand)?;
        let step = match &due.open {
            Some(open) => Step::Renew { errand, open: Arc::clone(open) },
            None => Step::Open { errand, account: due.account, asks_regions: due.asks_regions },
        };
        self.opening += 1;
        Some(step)
    }

    fn next_question(&mut self) -> Option<Step> {
        // An account that is slow to answer gets a quarter of the room at most while others wait or will.
        let share = (self.concurrency / 4).max(1);
        let alone = self.closed.is_empty() && self.opening == 0;
        loop {
            let within = |errand: &usize| self.errands.get(*errand).is_some_and(|errand| errand.in_flight < share);
            let turn = self.ready.iter().position(within).or(alone.then_some(0))?;
            let nth = self.ready.remove(turn)?;
            let errand = self.errands.get_mut(nth)?;
            let Some(open) = errand.open.clone() else { continue };
            if open.wants_renewal() {
                self.askable -= errand.waiting.len();
                self.closed.push_front(nth);
                if let Some(step) = self.next_opening() {
                    return Some(step);
                }
                continue;
            }
            let Some(place) = errand.waiting.pop() else { continue };
            self.askable -= 1;
            errand.in_flight += 1;
            if !errand.waiting.is_empty() {
                self.ready.push_back(nth);
            }
            return Some(Step::Ask { errand: nth, place, open });
        }
    }

    /// Takes in what has come back.
    pub(super) fn take(&mut self, event: Event) {
        self.in_flight -= 1;
        let (nth, settled) = match event {
            Event::Opened { errand, outcome } => {
                self.opening -= 1;
                (errand, self.take_opened(errand, outcome))
            }
            Event::Answered { errand, place, answer } => {
                (errand, self.take_answer(errand, place, answer).into_iter().collect())
            }
        };
        for (place, reading) in settled {
            self.settle(place, reading);
        }
        if self.errands.get(nth).is_some_and(Errand::is_over) {
            self.conclude(nth);
        }
    }

    fn take_opened(&mut self, nth: usize, outcome: Result<Opened, Unread>) -> Vec<(Place, Reading)> {
        let (questions, Some(errand)) = (self.questions, self.errands.get_mut(nth)) else { return Vec::new() };
        let opened = match outcome {
            Ok(opened) => opened,
            Err(unread) => {
                let spared = errand.waiting.drain(..);
                return spared.map(|place| (place, Reading::Unread(unread.clone()))).collect();
            }
        };
        errand.open = Some(opened.account);
        errand.regions = opened.regions.unwrap_or_else(|| std::mem::take(&mut errand.regions));
        let mut settled = Vec::new();
        let regions = &errand.regions;
        errand.waiting.retain(|place| {
            let Some(question) = questions.get(*place) else { return false };
            let off = regions.of(&question.target.region) == Some(RegionState::Off);
            if off {
                settled.push((*place, listed_off(question.region_named)));
            }
            !off
        });
        self.askable += errand.waiting.len();
        if !errand.waiting.is_empty() {
            self.ready.push_back(nth);
        }
        settled
    }

    fn take_answer(&mut self, nth: usize, place: Place, answer: Answer) -> Option<(Place, Reading)> {
        let (errand, question) = (self.errands.get_mut(nth)?, self.questions.get(place)?);
        errand.in_flight -= 1;
        let failure = match answer {
            Answer::Reading(reading) => {
                errand.accepted |= proves_credentials(&reading);
                return Some((place, reading));
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

    fn settle(&mut self, place: Place, reading: Reading) {
        if let Some(slot) = self.readings.get_mut(place)
            && slot.is_none()
        {
            *slot = Some(reading);
            self.finished += 1;
        }
    }

    /// The end: whatever has no reading is unread for this reason.
    pub(super) fn end(mut self, reason: UnreadReason, why: &str) -> Vec<Reading> {
        for nth in 0..self.errands.len() {
            // Where the run was cut short, other answers might still have shown that the credentials are good.
            if self.errands.get(nth).is_some_and(|errand| errand.accepted || errand.is_over()) {
                self.conclude(nth);
            }
        }
        let unread = || Reading::Unread(Unread::without_answer(reason, why));
        self.readings.into_iter().map(|reading| reading.unwrap_or_else(unread)).collect()
    }
}
