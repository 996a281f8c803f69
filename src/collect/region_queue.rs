//! The questions about one Region, in the order in which they came.

use std::collections::VecDeque;

use super::account_queue::TargetIndex;
use super::aimd::AimdLimiter;
use crate::aws::CongestionEvent;
use crate::model::{AccountId, Region};

/// The questions of open accounts about one Region.
#[derive(Debug)]
pub(super) struct RegionQueue {
    region: Region,
    waiting: VecDeque<(usize, TargetIndex)>,
    pub(super) window: AimdLimiter,
    /// The account that the last sign of strain was about.
    blamed: Option<AccountId>,
}

impl RegionQueue {
    /// An empty one.
    pub(super) fn new(region: Region, concurrency: usize) -> Self {
        Self { region, waiting: VecDeque::new(), window: AimdLimiter::new(concurrency), blamed: None }
    }

    pub(super) fn region(&self) -> &Region {
        &self.region
    }

    pub(super) fn push(&mut self, errand: usize, place: TargetIndex) {
        self.waiting.push_back((errand, place));
    }

    /// How many questions wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The first question whose account may be asked.
    pub(super) fn next(&mut self, mut may_ask: impl FnMut(usize) -> bool) -> Option<(usize, TargetIndex)> {
        let nth = self.waiting.iter().position(|(errand, _)| may_ask(*errand))?;
        self.waiting.remove(nth)
    }

    /// Takes back the questions of an account.
    pub(super) fn drain_account(&mut self, errand: usize) -> Vec<TargetIndex> {
        let mut taken = Vec::new();
        self.waiting.retain(|(of, place)| {
            let stays = *of != errand;
            if !stays {
                taken.push(*place);
            }
            stays
        });
        taken
    }

    /// A sign of strain in this Region. It counts against the Region once two accounts have shown it: one account that is
    /// throttled, or one connection that breaks, says nothing about the others.
    pub(super) fn on_congestion(&mut self, strain: &CongestionEvent) {
        let before = std::mem::replace(&mut self.blamed, strain.account);
        if before.is_some() && before != strain.account {
            self.window.on_congestion();
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
        let mut lane = RegionQueue::new(region.clone(), 8);
        let strain = |account: &str| CongestionEvent {
            service: Service::Macie,
            region: Some(region.clone()),
            account: Some(account.parse().expect("an id")),
            sign: CongestionKind::Throttled,
        };
        lane.window.begin();
        for _ in 0..5 {
            lane.on_congestion(&strain("000000000001"));
        }
        let mut untouched = AimdLimiter::new(8);
        untouched.begin();
        assert_eq!(lane.window, untouched);
        lane.on_congestion(&strain("000000000002"));
        assert_ne!(lane.window, untouched);
    }

    #[test]
    fn a_question_whose_account_has_to_wait_holds_up_no_other() {
        let mut lane = RegionQueue::new("eu-west-1".parse().expect("a Region"), 8);
        for errand in [3, 4, 3, 5] {
            lane.push(errand, 10 + errand);
        }
        assert_eq!(lane.next(|errand| errand != 3), Some((4, 14)));
        assert_eq!(lane.drain_account(3), [13, 13]);
        assert_eq!((lane.next(|_| true), lane.len()), (Some((5, 15)), 0));
    }
}
