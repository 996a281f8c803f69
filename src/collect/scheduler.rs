//! Scheduler: what is done next, and how much at once, by account, by Region and for STS as a whole.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::aimd::AimdLimiter;
use super::queues::AccountQueue;
use super::queues::RegionQueue;
use super::request::TargetIndex;
use crate::aws::{AccountCredentials, CongestionEvent, Service};
use crate::model::{AccountId, Region};

/// What to do next. Accounts are named by the index of their queue.
#[derive(Debug)]
pub(super) enum Action {
    /// Get an account's credentials.
    Open { index: usize, account: AccountId, asks_regions: bool },
    /// Get new credentials for an account.
    Refresh { index: usize, credentials: Arc<AccountCredentials> },
    /// Read one target.
    Read(ReadTask),
}

/// A target to read, and the credentials to read it with.
#[derive(Debug)]
pub(super) struct ReadTask {
    pub(super) index: usize,
    pub(super) target: TargetIndex,
    /// The generation of the credentials.
    pub(super) generation: u32,
    pub(super) credentials: Arc<AccountCredentials>,
}

/// What the Region queues have to offer.
enum Next {
    Read(ReadTask),
    /// The account of the next target needs new credentials first.
    RefreshNeeded,
}

/// Scheduler of a run.
#[derive(Debug)]
pub(super) struct Scheduler {
    concurrency: usize,
    in_flight: usize,
    /// Accounts that wait for credentials.
    accounts_waiting: VecDeque<usize>,
    /// Limits the accounts whose credentials are fetched.
    opening: AimdLimiter,
    /// The queues, sorted by Region.
    regions: Vec<RegionQueue>,
    /// The Region whose turn it is.
    turn: usize,
}

impl Scheduler {
    pub(super) fn new<'a>(
        regions: impl IntoIterator<Item = &'a Region>,
        accounts: &[AccountQueue],
        concurrency: usize,
    ) -> Self {
        let regions: BTreeSet<&Region> = regions.into_iter().collect();
        Self {
            concurrency,
            in_flight: 0,
            accounts_waiting: (0..accounts.len()).collect(),
            // Accounts that are slow to open must not hold up those that are open.
            opening: AimdLimiter::new(concurrency / 2),
            regions: regions.into_iter().map(|region| RegionQueue::new(region.clone(), concurrency)).collect(),
            turn: 0,
        }
    }

    /// The next action, if there is one and there is capacity for it.
    pub(super) fn next(&mut self, accounts: &mut [AccountQueue]) -> Option<Action> {
        if self.in_flight >= self.concurrency {
            return None;
        }
        let action = loop {
            if let Some(opening) = self.next_account(accounts) {
                break opening;
            }
            match self.next_read(accounts)? {
                Next::Read(task) => break Action::Read(task),
                // That account waits for new credentials now; another one may be asked.
                Next::RefreshNeeded => {}
            }
        };
        self.in_flight += 1;
        Some(action)
    }

    /// A Region's share of the concurrency while others wait: one that is slow to answer must not hold them up.
    fn share_of_region(&self) -> usize {
        (self.concurrency / 2).max(1)
    }

    /// An account's share of the concurrency while others wait or will.
    fn share_of_account(&self) -> usize {
        (self.concurrency / 4).max(1)
    }

    /// Accounts are opened while few targets can be read, so that credentials are fresh when they are needed.
    fn next_account(&mut self, accounts: &mut [AccountQueue]) -> Option<Action> {
        if !self.opening.has_capacity() {
            return None;
        }
        let account = accounts.get(*self.accounts_waiting.front()?)?;
        // Targets of a Region that does not answer are no reason not to open another account.
        let of_region = self.share_of_region();
        let alone = self.regions.len() < 2;
        let moving =
            |queue: &&RegionQueue| queue.limiter.has_capacity() && (alone || queue.limiter.in_flight() < of_region);
        let readable = || self.regions.iter().filter(moving).map(RegionQueue::len).sum::<usize>();
        // The targets of an account to be refreshed are among those that could be read.
        let to_refresh = account.credentials.to_refresh();
        if to_refresh.is_none() && self.in_flight > 0 && readable() >= 2 * self.concurrency {
            return None;
        }
        let index = self.accounts_waiting.pop_front()?;
        self.opening.begin();
        Some(match to_refresh {
            Some(credentials) => Action::Refresh { index, credentials: Arc::clone(credentials) },
            None => Action::Open { index, account: account.account, asks_regions: account.asks_regions },
        })
    }

    fn next_read(&mut self, accounts: &mut [AccountQueue]) -> Option<Next> {
        let is_crowded = self.regions.iter().filter(|queue| queue.len() > 0).count() > 1;
        let of_region = if is_crowded { self.share_of_region() } else { usize::MAX };
        // An account may exceed its share once no other one waits for credentials.
        let alone = self.accounts_waiting.is_empty() && self.opening.in_flight() == 0;
        let fair = self.share_of_account();
        let shares = if alone { &[fair, usize::MAX][..] } else { &[fair] };
        shares.iter().find_map(|of_account| {
            (0..self.regions.len()).find_map(|step| {
                let nth = (self.turn + step) % self.regions.len();
                self.next_in_region(nth, of_region, *of_account, accounts)
            })
        })
    }

    /// The next target of a Region, if the Region and the target's account are within their shares.
    fn next_in_region(
        &mut self,
        nth: usize,
        of_region: usize,
        of_account: usize,
        accounts: &mut [AccountQueue],
    ) -> Option<Next> {
        let queue = self.regions.get_mut(nth)?;
        if queue.limiter.in_flight() >= of_region || !queue.limiter.has_capacity() {
            return None;
        }
        let may_ask = |index: usize| accounts.get(index).is_some_and(|account| account.has_capacity(of_account));
        let (index, target) = queue.next(may_ask)?;
        let account = accounts.get_mut(index)?;
        if account.credentials.refresh_if_due() {
            queue.push(index, target);
            self.accounts_waiting.push_front(index);
            return Some(Next::RefreshNeeded);
        }
        let credentials = account.credentials.usable().map(Arc::clone)?;
        queue.limiter.begin();
        account.limiter.begin();
        self.turn = nth + 1;
        Some(Next::Read(ReadTask { index, target, generation: account.credentials.generation(), credentials }))
    }

    fn region(&mut self, region: &Region) -> Option<&mut RegionQueue> {
        let nth = self.regions.binary_search_by(|queue| queue.region().cmp(region)).ok()?;
        self.regions.get_mut(nth)
    }

    /// The credentials of an account arrived, or not.
    pub(super) fn on_opened(&mut self, succeeded: bool) {
        self.in_flight -= 1;
        self.opening.end(succeeded);
    }

    /// A target has its answer.
    pub(super) fn on_answered(&mut self, account: &mut AccountQueue, region: &Region, succeeded: bool) {
        self.in_flight -= 1;
        account.limiter.end(succeeded);
        if let Some(queue) = self.region(region) {
            queue.limiter.end(succeeded);
        }
    }

    /// An account of which AWS called the credentials expired gets new ones first.
    pub(super) fn refresh_first(&mut self, index: usize) {
        self.accounts_waiting.push_front(index);
    }

    /// Queues a target of an open account.
    pub(super) fn enqueue(&mut self, index: usize, target: TargetIndex, region: &Region) {
        if let Some(queue) = self.region(region) {
            queue.push(index, target);
        }
    }

    /// Takes all targets of an account out of the queues.
    pub(super) fn drain_account(&mut self, index: usize) -> Vec<TargetIndex> {
        self.regions.iter_mut().flat_map(|queue| queue.drain_account(index)).collect()
    }

    /// Reduces the concurrency of what shows congestion.
    pub(super) fn on_congestion(&mut self, event: &CongestionEvent, accounts: &mut [AccountQueue]) {
        match event.service {
            Service::Sts => self.opening.on_congestion(),
            Service::Macie | Service::SystemsManager => {
                // The queues are sorted by account.
                let index = |account| accounts.binary_search_by_key(&account, |queue| queue.account).ok();
                if let Some(account) = event.account.and_then(index).and_then(|index| accounts.get_mut(index)) {
                    account.on_congestion(event);
                }
                if let Some(queue) = event.region.as_ref().and_then(|region| self.region(region)) {
                    queue.on_congestion(event);
                }
            }
            // Each account is asked once, and the organization has a rate limiter of its own.
            Service::Account | Service::Organizations => {}
        }
    }
}
