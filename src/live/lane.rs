//! The questions about one Region, in the order in which they came.

use std::collections::VecDeque;

use super::errand::Place;
use super::window::Window;
use crate::aws::Strain;
use crate::model::{AccountId, Region};

/// The questions of open accounts about one Region.
#[derive(Debug)]
pub(super) struct Lane {
    region: Region,
    waiting: VecDeque<(usize, Place)>,
    pub(super) window: Window,
    /// The account that the last sign of strain was about.
    blamed: Option<AccountId>,
}

impl Lane {
    /// An empty one.
    pub(super) fn new(region: Region, concurrency: usize) -> Self {
        Self { region, waiting: VecDeque::new(), window: Window::new(concurrency), blamed: None }
    }

    pub(super) fn region(&self) -> &Region {
        &self.region
    }

    pub(super) fn push(&mut self, errand: usize, place: Place) {
        self.waiting.push_back((errand, place));
    }

    /// How many questions wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The first question whose account may be asked.
    pub(super) fn next(&mut self, mut may_ask: impl FnMut(usize) -> bool) -> Option<(usize, Place)> {
        let nth = self.waiting.iter().position(|(errand, _)| may_ask(*errand))?;
        self.waiting.remove(nth)
    }

    /// Takes back the questions of an account.
    pub(super) fn withdraw(&mut self, errand: usize) -> Vec<Place> {
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
    pub(super) fn strained(&mut self, strain: &Strain) {
        let before = std::mem::replace(&mut self.blamed, strain.account);
        if before.is_some() && before != strain.account {
            self.window.strained();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Service, Sign};

    #[test]
    fn one_account_says_nothing_about_a_region_and_two_do() {
        let region: Region = "eu-west-1".parse().expect("a Region");
        let mut lane = Lane::new(region.clone(), 8);
        let strain = |account: &str| Strain {
            service: Service::Macie,
            region: Some(region.clone()),
            account: Some(account.parse().expect("an id")),
            sign: Sign::Throttled,
        };
        lane.window.begin();
        for _ in 0..5 {
            lane.strained(&strain("000000000001"));
        }
        let mut untouched = Window::new(8);
        untouched.begin();
        assert_eq!(lane.window, untouched);
        lane.strained(&strain("000000000002"));
        assert_ne!(lane.window, untouched);
    }

    #[test]
    fn a_question_whose_account_has_to_wait_holds_up_no_other() {
        let mut lane = Lane::new("eu-west-1".parse().expect("a Region"), 8);
        for errand in [3, 4, 3, 5] {
            lane.push(errand, 10 + errand);
        }
        assert_eq!(lane.next(|errand| errand != 3), Some((4, 14)));
        assert_eq!(lane.withdraw(3), [13, 13]);
        assert_eq!((lane.next(|_| true), lane.len()), (Some((5, 15)), 0));
    }
}
