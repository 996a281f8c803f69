//! Work queues: per account, with its progress, and per Region.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::aimd::AimdLimiter;
use super::credentials::Credentials;
use super::request::{ReadRequest, TargetIndex};
use crate::aws::{CallFailure, CongestionEvent, CongestionKind, RegionStates};
use crate::model::{AccountId, Region, RegionTable};
use crate::resource::Reading;

/// Per-account work queue.
#[derive(Debug)]
pub(super) struct AccountQueue {
    pub(super) account: AccountId,
    /// Whether an opt-in Region is among the targets, so that it matters which Regions are on.
    pub(super) asks_regions: bool,
    /// Targets that wait for the account's first credentials.
    pub(super) pending: Vec<TargetIndex>,
    /// Targets without an answer.
    pub(super) unanswered: usize,
    /// Limits the account's calls in flight.
    pub(super) limiter: AimdLimiter,
    last_congested_region: Option<Region>,
    pub(super) credentials: Credentials,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: RegionStates,
    /// Tokens refused by opt-in Regions, until the account's other answers are in.
    pub(super) refused: Vec<(TargetIndex, CallFailure)>,
    /// Whether Macie has accepted the account's credentials anywhere.
    pub(super) accepted: bool,
    /// The service role of the last reading. It is nearly always the same in all Regions, so that the readings share it.
    role: Option<Arc<str>>,
}

impl AccountQueue {
    /// Whether every target has its answer.
    pub(super) fn is_finished(&self) -> bool {
        self.unanswered == 0
    }

    /// Whether a call may begin, with at most `share` calls of the account in flight.
    pub(super) fn has_capacity(&self, share: usize) -> bool {
        self.credentials.usable().is_some() && self.limiter.in_flight() < share && self.limiter.has_capacity()
    }

    /// The reading, which shares its service role with the account's other readings.
    pub(super) fn intern_role(&mut self, mut reading: Reading) -> Reading {
        if let Reading::On(session) = &mut reading {
            if session.service_role == self.role {
                session.service_role.clone_from(&self.role);
            } else {
                self.role.clone_from(&session.service_role);
            }
        }
        reading
    }

    /// Records congestion. Throttling concerns the account; a missing answer does so only once two Regions give none.
    pub(super) fn on_congestion(&mut self, event: &CongestionEvent) {
        let before = std::mem::replace(&mut self.last_congested_region, event.region.clone());
        if event.sign == CongestionKind::Throttled || (before.is_some() && before != event.region) {
            self.limiter.on_congestion();
        }
    }
}

/// Groups requests by account, sorted.
pub(super) fn group_by_account<'a>(
    requests: impl Iterator<Item = (TargetIndex, &'a ReadRequest)>,
    table: &RegionTable,
    concurrency: usize,
) -> Vec<AccountQueue> {
    let mut by_account: BTreeMap<AccountId, (Vec<TargetIndex>, bool)> = BTreeMap::new();
    for (target, request) in requests {
        let (targets, asks_regions) = by_account.entry(request.target.account).or_default();
        targets.push(target);
        *asks_regions |= table.is_opt_in(&request.target.region);
    }
    let queues = by_account.into_iter().map(|(account, (pending, asks_regions))| AccountQueue {
        account,
        asks_regions,
        unanswered: pending.len(),
        pending,
        limiter: AimdLimiter::new(concurrency),
        last_congested_region: None,
        credentials: Credentials::missing(),
        regions: RegionStates::default(),
        refused: Vec::new(),
        accepted: false,
        role: None,
    });
    queues.collect()
}

/// The queued targets of one Region. Accounts are named by the index of their queue.
#[derive(Debug)]
pub(super) struct RegionQueue {
    region: Region,
    waiting: VecDeque<(usize, TargetIndex)>,
    /// Limits the Region's calls in flight.
    pub(super) limiter: AimdLimiter,
    last_congested_account: Option<AccountId>,
}

impl RegionQueue {
    pub(super) fn new(region: Region, concurrency: usize) -> Self {
        Self { region, waiting: VecDeque::new(), limiter: AimdLimiter::new(concurrency), last_congested_account: None }
    }

    pub(super) fn region(&self) -> &Region {
        &self.region
    }

    pub(super) fn push(&mut self, account: usize, target: TargetIndex) {
        self.waiting.push_back((account, target));
    }

    /// The number of queued targets.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the first target whose account may be asked.
    pub(super) fn next(&mut self, mut may_ask: impl FnMut(usize) -> bool) -> Option<(usize, TargetIndex)> {
        let nth = self.waiting.iter().position(|(account, _)| may_ask(*account))?;
        self.waiting.remove(nth)
    }

    /// Takes the targets of an account out of the queue.
    pub(super) fn drain_account(&mut self, account: usize) -> Vec<TargetIndex> {
        let mut taken = Vec::new();
        self.waiting.retain(|(of, target)| {
            let stays = *of != account;
            if !stays {
                taken.push(*target);
            }
            stays
        });
        taken
    }

    /// Records congestion. The Region's limit shrinks only after two accounts report it: one account that is throttled, or one
    /// connection that breaks, says nothing about the others.
    pub(super) fn on_congestion(&mut self, event: &CongestionEvent) {
        let before = std::mem::replace(&mut self.last_congested_account, event.account);
        if before.is_some() && before != event.account {
            self.limiter.on_congestion();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Service;

    fn request(account: &str, region: &str) -> ReadRequest {
        let target = crate::model::Target::macie_session(
            account.parse().expect("an account id"),
            region.parse().expect("a Region"),
        );
        ReadRequest { target, region_named: false, member_list_suffices: false, declared: None }
    }

    #[test]
    fn each_account_has_one_queue_and_asks_for_regions_only_where_it_must() {
        let requests = [
            request("000000000002", "eu-west-1"),
            request("000000000002", "us-east-1"),
            request("000000000001", "eu-west-1"),
            request("000000000001", "af-south-1"),
        ];
        let queues = group_by_account(requests.iter().enumerate(), &RegionTable::bundled(), 8);
        let shape: Vec<_> = queues.iter().map(|queue| (queue.pending.clone(), queue.asks_regions)).collect();
        assert_eq!(shape, [(vec![2, 3], true), (vec![0, 1], false)]);
    }

    #[test]
    fn one_account_says_nothing_about_a_region_and_two_do() {
        let region: Region = "eu-west-1".parse().expect("a Region");
        let mut queue = RegionQueue::new(region.clone(), 8);
        let event = |account: &str| CongestionEvent {
            service: Service::Macie,
            region: Some(region.clone()),
            account: Some(account.parse().expect("an id")),
            sign: CongestionKind::Throttled,
        };
        queue.limiter.begin();
        for _ in 0..5 {
            queue.on_congestion(&event("000000000001"));
        }
        let mut untouched = AimdLimiter::new(8);
        untouched.begin();
        assert_eq!(queue.limiter, untouched);
        queue.on_congestion(&event("000000000002"));
        assert_ne!(queue.limiter, untouched);
    }

    #[test]
    fn a_target_whose_account_has_to_wait_holds_up_no_other() {
        let mut queue = RegionQueue::new("eu-west-1".parse().expect("a Region"), 8);
        for account in [3, 4, 3, 5] {
            queue.push(account, 10 + account);
        }
        assert_eq!(queue.next(|account| account != 3), Some((4, 14)));
        assert_eq!(queue.drain_account(3), [13, 13]);
        assert_eq!((queue.next(|_| true), queue.len()), (Some((5, 15)), 0));
    }
}
