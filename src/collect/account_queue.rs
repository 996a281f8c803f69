//! What is to be asked in one account, and how far that has got.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ReadRequest;
use super::aimd::AimdLimiter;
use crate::aws::{AccountCredentials, CallFailure, CongestionEvent, CongestionKind, RegionStates};
use crate::model::{AccountId, Region, RegionTable, Unread};
use crate::resource::Reading;

/// The place of a question in the list, and with it of its reading.
pub(super) type TargetIndex = usize;

/// How an open account stands with its credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Those at hand serve.
    Current,
    /// New ones are awaited, and nothing is asked before.
    Pending,
    /// New ones could not be had just now: those at hand serve until their end.
    Deferred,
}

/// What is to be asked in one account.
#[derive(Debug)]
pub(super) struct AccountQueue {
    pub(super) account: AccountId,
    /// Whether an opt-in Region is among the targets, so that it matters which Regions are on.
    pub(super) asks_regions: bool,
    /// What is to be asked once the account is open.
    pub(super) pending: Vec<TargetIndex>,
    /// Questions that have no answer yet.
    pub(super) unanswered: usize,
    /// The questions under way, and how many there may be.
    pub(super) window: AimdLimiter,
    /// The Region that the last sign of strain was about.
    last_congested_region: Option<Region>,
    /// The account's credentials, once there are any.
    pub(super) open: Option<Arc<AccountCredentials>>,
    /// How often there have been new credentials.
    pub(super) credential_generation: u32,
    /// Whether new credentials are awaited.
    pub(super) refresh: Refresh,
    /// Why nothing more can be asked, once no new ones could be had.
    pub(super) closed: Option<Unread>,
    /// Whether new ones were got because AWS said, before their time, that those at hand had expired.
    pub(super) expired: bool,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: RegionStates,
    /// Tokens refused by opt-in Regions, until the account's other answers are in.
    pub(super) refused: Vec<(TargetIndex, CallFailure)>,
    /// Whether Macie has accepted these credentials anywhere.
    pub(super) accepted: bool,
    /// The role that Macie uses in the account, as it was told last: nearly always the same in all Regions, so that the readings
    /// share it.
    role: Option<Arc<str>>,
}

impl AccountQueue {
    /// Everything is answered.
    pub(super) fn is_finished(&self) -> bool {
        self.unanswered == 0
    }

    /// A reading that shares with the others of the account what they have in common.
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

    /// A sign of strain in this account. To be throttled is about the account; to get no answer is so once two Regions have
    /// shown it.
    pub(super) fn on_congestion(&mut self, strain: &CongestionEvent) {
        let before = std::mem::replace(&mut self.last_congested_region, strain.region.clone());
        if strain.sign == CongestionKind::Throttled || (before.is_some() && before != strain.region) {
            self.window.on_congestion();
        }
    }
}

/// The errands that some questions make, sorted by account.
pub(super) fn group_by_account<'a>(
    questions: impl Iterator<Item = (TargetIndex, &'a ReadRequest)>,
    table: &RegionTable,
    concurrency: usize,
) -> Vec<AccountQueue> {
    let mut by_account: BTreeMap<AccountId, (Vec<TargetIndex>, bool)> = BTreeMap::new();
    for (place, question) in questions {
        let (places, asks_regions) = by_account.entry(question.target.account).or_default();
        places.push(place);
        *asks_regions |= table.is_opt_in(&question.target.region);
    }
    let errands = by_account.into_iter().map(|(account, (waiting, asks_regions))| AccountQueue {
        account,
        asks_regions,
        unanswered: waiting.len(),
        pending: waiting,
        window: AimdLimiter::new(concurrency),
        last_congested_region: None,
        open: None,
        credential_generation: 0,
        refresh: Refresh::Current,
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

    fn question(account: &str, region: &str) -> ReadRequest {
        let target = crate::model::Target {
            account: account.parse().expect("an account id"),
            region: region.parse().expect("a Region"),
        };
        ReadRequest { target, region_named: false, member_list_suffices: false }
    }

    #[test]
    fn each_account_has_one_errand_and_asks_for_regions_only_where_it_must() {
        let questions = [
            question("000000000002", "eu-west-1"),
            question("000000000002", "us-east-1"),
            question("000000000001", "eu-west-1"),
            question("000000000001", "af-south-1"),
        ];
        let errands = group_by_account(questions.iter().enumerate(), &RegionTable::bundled(), 8);
        let shape: Vec<_> = errands.iter().map(|errand| (errand.pending.clone(), errand.asks_regions)).collect();
        assert_eq!(shape, [(vec![2, 3], true), (vec![0, 1], false)]);
    }
}
