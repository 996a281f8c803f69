//! What is to be asked in one account, and how far that has got.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Question;
use crate::aws::{CallFailure, OpenAccount, RegionStates};
use crate::model::{AccountId, RegionTable};

/// The place of a question in the list, and with it of its reading.
pub(super) type Place = usize;

/// What is to be asked in one account.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) account: AccountId,
    /// Whether an opt-in Region is among the targets, so that it matters which Regions are on.
    pub(super) asks_regions: bool,
    /// What is still to be asked, the next last.
    pub(super) waiting: Vec<Place>,
    /// Calls under way.
    pub(super) in_flight: usize,
    /// The account's credentials, once there are any.
    pub(super) open: Option<Arc<OpenAccount>>,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: RegionStates,
    /// Tokens refused by opt-in Regions, until the account's other answers are in.
    pub(super) refused: Vec<(Place, CallFailure)>,
    /// Whether Macie has accepted these credentials anywhere.
    pub(super) accepted: bool,
}

impl Errand {
    /// Nothing is left to ask and nothing is under way.
    pub(super) fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.in_flight == 0
    }
}

/// The errands that some questions make, sorted by account. An account without a question that needs a call has none.
pub(super) fn errands(questions: &[Question], table: &RegionTable) -> Vec<Errand> {
    let mut by_account: BTreeMap<AccountId, Vec<Place>> = BTreeMap::new();
    for (place, question) in questions.iter().enumerate() {
        if table.has_macie(&question.target.region) {
            by_account.entry(question.target.account).or_default().push(place);
        }
    }
    let errands = by_account.into_iter().enumerate().map(|(nth, (account, mut waiting))| {
        // Accounts are opened in order: each starts with another Region, so that not all of them ask the same one at once.
        let start = nth % waiting.len();
        waiting.rotate_left(start);
        waiting.reverse();
        Errand {
            account,
            asks_regions: waiting
                .iter()
                .filter_map(|place| questions.get(*place))
                .any(|question| table.is_opt_in(&question.target.region)),
            waiting,
            in_flight: 0,
            open: None,
            regions: RegionStates::default(),
            refused: Vec::new(),
            accepted: false,
        }
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
        Question { target, region_named: false }
    }

    #[test]
    fn accounts_start_with_different_regions_and_only_where_there_is_something_to_ask() {
        let questions = [
            question("000000000002", "eu-west-1"),
            question("000000000002", "us-east-1"),
            question("000000000001", "eu-west-1"),
            question("000000000003", "ap-southeast-3"),
            question("000000000001", "af-south-1"),
        ];
        let errands = errands(&questions, &RegionTable::bundled());
        let shape: Vec<_> = errands.iter().map(|errand| (errand.waiting.clone(), errand.asks_regions)).collect();
        assert_eq!(shape, [(vec![4, 2], true), (vec![0, 1], false)]);
    }
}
