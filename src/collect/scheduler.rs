//! What is asked next, and how much at once: by account, by Region and, where accounts are opened, for STS as a whole.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::account_queue::{AccountQueue, Refresh, TargetIndex};
use super::aimd::AimdLimiter;
use super::region_queue::RegionQueue;
use crate::aws::{AccountCredentials, CongestionEvent, Service};
use crate::model::{AccountId, Region};

/// What to do next.
#[derive(Debug)]
pub(super) enum Action {
    /// Open an account.
    Open { errand: usize, account: AccountId, asks_regions: bool },
    /// Get new credentials for an account.
    Renew { errand: usize, open: Arc<AccountCredentials> },
    /// Ask Macie about one target.
    Ask(ReadTask),
}

/// A question, and whose credentials to ask it with.
#[derive(Debug)]
pub(super) struct ReadTask {
    pub(super) errand: usize,
    pub(super) place: TargetIndex,
    /// Which of the account's credentials these are, counted from 0.
    pub(super) lease: u32,
    pub(super) open: Arc<AccountCredentials>,
}

/// Whose turn it is.
enum Next {
    /// A question can be asked.
    Ask(Action),
    /// The account that was found needs new credentials first.
    Renewal,
}

/// Who waits for what.
#[derive(Debug)]
pub(super) struct Scheduler {
    concurrency: usize,
    in_flight: usize,
    /// Errands whose accounts wait for credentials.
    closed: VecDeque<usize>,
    /// Accounts that are being opened.
    opening: AimdLimiter,
    /// The Regions, sorted, each with its questions.
    lanes: Vec<RegionQueue>,
    /// The Region whose turn it is.
    turn: usize,
}

impl Scheduler {
    pub(super) fn new<'a>(
        regions: impl IntoIterator<Item = &'a Region>,
        errands: &[AccountQueue],
        concurrency: usize,
    ) -> Self {
        let regions: BTreeSet<&Region> = regions.into_iter().collect();
        let lanes: Vec<RegionQueue> =
            regions.into_iter().map(|region| RegionQueue::new(region.clone(), concurrency)).collect();
        Self {
            concurrency,
            in_flight: 0,
            closed: (0..errands.len()).collect(),
            // Accounts that are slow to open must not hold up those that are open.
            opening: AimdLimiter::new(concurrency / 2),
            lanes,
            turn: 0,
        }
    }

    /// The next step, if there is one and there is room for it.
    pub(super) fn next(&mut self, errands: &mut [AccountQueue]) -> Option<Action> {
        if self.in_flight >= self.concurrency {
            return None;
        }
        let step = loop {
            if let Some(opening) = self.next_account(errands) {
                break opening;
            }
            match self.next_question(errands)? {
                Next::Ask(step) => break step,
                // Its account waits for new credentials now; somebody else may be asked.
                Next::Renewal => {}
            }
        };
        self.in_flight += 1;
        Some(step)
    }

    /// How much of the room one Region gets while others wait.
    fn share_of_region(&self) -> usize {
        (self.concurrency / 2).max(1)
    }

    /// Accounts are opened while few questions can be asked, so that credentials are fresh when they are needed.
    fn next_account(&mut self, errands: &mut [AccountQueue]) -> Option<Action> {
        if !self.opening.has_capacity() {
            return None;
        }
        let due = errands.get(*self.closed.front()?)?;
        // What waits for a Region that does not answer is no reason to open no further account.
        let of_region = self.share_of_region();
        let alone = self.lanes.len() < 2;
        let moving = |lane: &&RegionQueue| lane.window.has_capacity() && (alone || lane.window.in_flight() < of_region);
        let askable = || self.lanes.iter().filter(moving).map(RegionQueue::len).sum::<usize>();
        // Who waits for new credentials has questions among those that could be asked.
        if due.refresh != Refresh::Pending && self.in_flight > 0 && askable() >= 2 * self.concurrency {
            return None;
        }
        let errand = self.closed.pop_front()?;
        self.opening.begin();
        Some(match &due.open {
            Some(open) => Action::Renew { errand, open: Arc::clone(open) },
            None => Action::Open { errand, account: due.account, asks_regions: due.asks_regions },
        })
    }

    fn next_question(&mut self, errands: &mut [AccountQueue]) -> Option<Next> {
        // While others wait or will, an account gets a quarter of the room at most, and a Region half of it: one that is slow
        // to answer must not hold them up.
        let alone = self.closed.is_empty() && self.opening.in_flight() == 0;
        let of_account = (self.concurrency / 4).max(1);
        let of_region = self.share_of_region();
        let waiting = self.lanes.iter().filter(|lane| lane.len() > 0).count();
        for lifted in [false, true] {
            if lifted && !alone {
                return None;
            }
            for step in 0..self.lanes.len() {
                let nth = (self.turn + step) % self.lanes.len();
                let Some(lane) = self.lanes.get_mut(nth) else { continue };
                let share = waiting < 2 || lane.window.in_flight() < of_region;
                if !share || !lane.window.has_capacity() {
                    continue;
                }
                let may_ask = |errand: usize| {
                    errands.get(errand).is_some_and(|errand| {
                        let share = lifted || errand.window.in_flight() < of_account;
                        errand.refresh != Refresh::Pending && share && errand.window.has_capacity()
                    })
                };
                let Some((errand, place)) = lane.next(may_ask) else { continue };
                let Some(due) = errands.get_mut(errand) else { continue };
                let Some(open) = due.open.clone() else { continue };
                if open.wants_refresh() && (due.refresh != Refresh::Deferred || open.is_expired()) {
                    lane.push(errand, place);
                    due.refresh = Refresh::Pending;
                    self.closed.push_front(errand);
                    return Some(Next::Renewal);
                }
                lane.window.begin();
                due.window.begin();
                self.turn = nth + 1;
                return Some(Next::Ask(Action::Ask(ReadTask {
                    errand,
                    place,
                    lease: due.credential_generation,
                    open,
                })));
            }
        }
        None
    }

    /// The questions about a Region.
    fn lane(&mut self, region: &Region) -> Option<&mut RegionQueue> {
        let nth = self.lanes.binary_search_by(|lane| lane.region().cmp(region)).ok()?;
        self.lanes.get_mut(nth)
    }

    /// An account has been opened, or not.
    pub(super) fn opened(&mut self, well: bool) {
        self.in_flight -= 1;
        self.opening.end(well);
    }

    /// An open account needs new credentials.
    pub(super) fn renew(&mut self, errand: usize) {
        self.closed.push_front(errand);
    }

    /// A question of an open account can be asked from now on.
    pub(super) fn enqueue(&mut self, errand: usize, place: TargetIndex, region: &Region) {
        if let Some(lane) = self.lane(region) {
            lane.push(errand, place);
        }
    }

    /// Takes back every question of an account that has not been asked.
    pub(super) fn withdraw(&mut self, errand: usize) -> Vec<TargetIndex> {
        self.lanes.iter_mut().flat_map(|lane| lane.drain_account(errand)).collect()
    }

    /// A question has come back.
    pub(super) fn answered(&mut self, errand: &mut AccountQueue, region: &Region, well: bool) {
        self.in_flight -= 1;
        errand.window.end(well);
        if let Some(lane) = self.lane(region) {
            lane.window.end(well);
        }
    }

    /// Something showed strain: less of that is asked at once.
    pub(super) fn on_congestion(&mut self, strain: &CongestionEvent, errands: &mut [AccountQueue]) {
        match strain.service {
            Service::Sts => self.opening.on_congestion(),
            Service::Macie => {
                // Errands are sorted by account.
                let place = |account| errands.binary_search_by_key(&account, |errand| errand.account).ok();
                if let Some(errand) = strain.account.and_then(place).and_then(|nth| errands.get_mut(nth)) {
                    errand.on_congestion(strain);
                }
                if let Some(lane) = strain.region.as_ref().and_then(|region| self.lane(region)) {
                    lane.on_congestion(strain);
                }
            }
            // Each account is asked once, and the organization at a pace of its own.
            Service::Account | Service::Organizations => {}
        }
    }
}
