//! Per-Region queue of targets, in the order in which they came.

use std::collections::VecDeque;

use super::aimd::AimdLimiter;
use super::request::TargetIndex;
use crate::aws::CongestionEvent;
use crate::model::{AccountId, Region};

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
    use crate::aws::{CongestionKind, Service};

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
