//! Who is in the organization and where, in the order of lists, so that each page of one is found at once.

use std::collections::BTreeMap;

use crate::account_id::AccountId;

use super::account::Account;

/// The accounts of the organization, by id. It does not change.
#[derive(Debug, Default)]
pub(super) struct Roster {
    all: Vec<AccountId>,
    /// By the id of the root or unit that they are directly in.
    by_parent: BTreeMap<String, Vec<AccountId>>,
}

impl Roster {
    pub(super) fn new(accounts: &BTreeMap<AccountId, Account>) -> Self {
        let mut roster = Self::default();
        for (id, account) in accounts {
            let Some(parent) = &account.parent else { continue };
            roster.all.push(*id);
            match roster.by_parent.get_mut(parent) {
                Some(ids) => ids.push(*id),
                None => drop(roster.by_parent.insert(parent.clone(), vec![*id])),
            }
        }
        roster
    }

    /// Those behind the first so many.
    pub(super) fn behind(&self, count: usize) -> &[AccountId] {
        self.all.get(count..).unwrap_or_default()
    }

    /// Those directly in a root or unit, behind the first so many.
    pub(super) fn directly_in(&self, parent: &str, count: usize) -> &[AccountId] {
        self.by_parent.get(parent).and_then(|ids| ids.get(count..)).unwrap_or_default()
    }
}
