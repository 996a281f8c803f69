//! What is to be asked in one account, and how far that has got.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Question;
use super::window::Window;
use crate::aws::{CallFailure, OpenAccount, RegionStates, Sign, Strain};
use crate::model::{AccountId, Region, RegionTable, Unread};
use crate::session::Reading;

/// The place of a question in the list, and with it of its reading.
pub(super) type Place = usize;

/// How an open account stands with its credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// Those at hand serve.
    Idle,
    /// New ones are awaited, and nothing is asked before.
    Awaited,
    /// New ones could not be had just now: those at hand serve until their end.
    PutOff,
}

/// What is to be asked in one account.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) account: AccountId,
    /// Whether an opt-in Region is among the targets, so that it matters which Regions are on.
    pub(super) asks_regions: bool,
    /// What is to be asked once the account is open.
    pub(super) waiting: Vec<Place>,
    /// Questions that have no answer yet.
    pub(super) left: usize,
    /// The questions under way, and how many there may be.
    pub(super) window: Window,
    /// The Region that the last sign of strain was about.
    blamed: Option<Region>,
    /// The account's credentials, once there are any.
    pub(super) open: Option<Arc<OpenAccount>>,
    /// How often there have been new credentials.
    pub(super) lease: u32,
    /// Whether new credentials are awaited.
    pub(super) renewal: Renewal,
    /// Why nothing more can be asked, once no new ones could be had.
    pub(super) closed: Option<Unread>,
    /// Whether new ones were got because AWS said, before their time, that those at hand had expired.
    pub(super) expired: bool,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: RegionStates,
    /// Tokens refused by opt-in Regions, until the account's other answers are in.
    pub(super) refused: Vec<(Place, CallFailure)>,
    /// Whether Macie has accepted these credentials anywhere.
    pub(super) accepted: bool,
    /// The role that Macie uses in the account, as it was told last: nearly always the same in all Regions, so that the readings
    /// share it.
    role: Option<Arc<str>>,
}

impl Errand {
    /// Everything is answered.
    pub(super) fn is_over(&self) -> bool {
        self.left == 0
    }

    /// A reading that shares with the others of the account what they have in common.
    pub(super) fn sharing(&mut self, mut reading: Reading) -> Reading {
        if let Reading::On(session) = &mut reading {
            if session.service_role == self.role {
                session.service_role.clone_from(&self.role);
            } else {
                self.role.clone_from(&session.service_role);
            }
        }
        reading
    }

    /// A sign of strain in this account. To be throttled is about the account; to get no answer is so once two Regions have
    /// shown it.
    pub(super) fn strained(&mut self, strain: &Strain) {
        let before = std::mem::replace(&mut self.blamed, strain.region.clone());
        if strain.sign == Sign::Throttled || (before.is_some() && before != strain.region) {
            self.window.strained();
        }
    }
}

/// The errands that some questions make, sorted by account.
pub(super) fn errands<'a>(
    questions: impl Iterator<Item = (Place, &'a Question)>,
    table: &RegionTable,
    concurrency: usize,
) -> Vec<Errand> {
    let mut by_account: BTreeMap<AccountId, (Vec<Place>, bool)> = BTreeMap::new();
    for (place, question) in questions {
        let (places, asks_regions) = by_account.entry(question.target.account).or_default();
        places.push(place);
        *asks_regions |= table.is_opt_in(&question.target.region);
    }
    let errands = by_account.into_iter().map(|(account, (waiting, asks_regions))| Errand {
        account,
        asks_regions,
        left: waiting.len(),
        waiting,
        window: Window::new(concurrency),
        blamed: None,
        open: None,
        lease: 0,
        renewal: Renewal::Idle,
        closed: None,
        expired: false,
        regions: RegionStates::default(),
        refused: Vec::new(),
        accepted: false,
        role: None,
    });
    errands.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(account: &str, region: &str) -> Question {
        let target = crate::model::Target {
            account: account.parse().expect("an account id"),
            region: region.parse().expect("a Region"),
        };
        Question { target, region_named: false, list_suffices: false }
    }

    #[test]
    fn each_account_has_one_errand_and_asks_for_regions_only_where_it_must() {
        let questions = [
            question("000000000002", "eu-west-1"),
            question("000000000002", "us-east-1"),
            question("000000000001", "eu-west-1"),
            question("000000000001", "af-south-1"),
        ];
        let errands = errands(questions.iter().enumerate(), &RegionTable::bundled(), 8);
        let shape: Vec<_> = errands.iter().map(|errand| (errand.waiting.clone(), errand.asks_regions)).collect();
        assert_eq!(shape, [(vec![2, 3], true), (vec![0, 1], false)]);
    }
}
