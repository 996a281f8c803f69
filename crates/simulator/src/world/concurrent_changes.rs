//! Changes that somebody else makes while a client is at work.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::Spanned;

use crate::account_id::AccountId;
use crate::region::Region;

use super::account::Account;
use super::error::Contradiction;
use super::session::{SessionStart, WrittenSession};
use super::spanned::Count;

/// What somebody else makes of the session of a target; `None` is no session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interference {
    pub(crate) session: Option<SessionStart>,
}

/// All of them, by target and by the number of the answer that each follows.
#[derive(Debug, Default)]
pub(super) struct Interferences(BTreeMap<(AccountId, Region), BTreeMap<u32, Interference>>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenInterference {
    account: Spanned<AccountId>,
    region: Spanned<Region>,
    after: Spanned<Count>,
    session: WrittenSession,
}

impl Interferences {
    pub(super) fn check(
        written: Vec<WrittenInterference>,
        accounts: &BTreeMap<AccountId, Account>,
    ) -> Result<Self, Contradiction> {
        let mut all = Self::default();
        for WrittenInterference { account, region, after, session: WrittenSession(session) } in written {
            let (place, Count(number)) = (region.value, after.value);
            if number == 0 {
                let cause = "answers are counted from 1".to_owned();
                return Err(Contradiction { at: after.referenced, cause });
            }
            let Some(known) = accounts.get(&account.value) else {
                let cause = format!("account {} is not among the accounts", account.value);
                return Err(Contradiction { at: account.referenced, cause });
            };
            let contradiction = |cause: String| Err(Contradiction { at: region.referenced, cause });
            if !place.has_macie() {
                return contradiction(format!("Macie does not exist in {place}"));
            }
            if !known.is_on(place) {
                return contradiction(format!("{place} is off in account {}: name it in regions_on", account.value));
            }
            let changes = all.0.entry((account.value, place)).or_default();
            if changes.insert(number, Interference { session }).is_some() {
                let cause = format!("two changes of {}/{place} follow answer {number}", account.value);
                return Err(Contradiction { at: after.referenced, cause });
            }
        }
        Ok(all)
    }

    /// Whether there is any for a target.
    pub(super) fn concern(&self, account: AccountId, region: Region) -> bool {
        !self.0.is_empty() && self.0.contains_key(&(account, region))
    }

    /// What happens to a target right after it answered GetMacieSession that many times.
    pub(super) fn after(&self, account: AccountId, region: Region, answers: u32) -> Option<Interference> {
        self.0.get(&(account, region))?.get(&answers).copied()
    }
}
