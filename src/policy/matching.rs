//! Which declarations and waivers select which accounts.

use std::collections::BTreeMap;

use super::selector::Selection;
use crate::model::{Account, AccountSpecificity, Inventory, Unit};

/// A declaration or waiver that selects an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AccountMatch {
    /// Which one, counted through all of them.
    pub(super) selection: usize,
    pub(super) reach: AccountSpecificity,
    /// Whether the account is among those that it excepts, in the excepted Regions.
    pub(super) excepted: bool,
}

/// The matches of each account of the inventory, in the inventory's order, each list by selection.
///
/// Thousands of accounts by hundreds of selections are too many pairs to look at each: a list of ids is looked up, and
/// organizational units are compared once for all the accounts that they hold.
pub(super) fn matches<'set>(
    selections: impl Iterator<Item = &'set Selection>,
    inventory: &Inventory,
) -> Vec<Vec<AccountMatch>> {
    let accounts = inventory.accounts();
    let mut matches: Vec<Vec<AccountMatch>> = vec![Vec::new(); accounts.len()];
    let houses = accounts_by_unit_path(accounts);
    for (index, selection) in selections.enumerate() {
        let mut consider = |place: usize| {
            let (Some(account), Some(found)) = (accounts.get(place), matches.get_mut(place)) else { return };
            let Some(reach) = selection.chosen.accounts.reach(account) else { return };
            let excepted = selection.except.as_ref().is_some_and(|except| except.accounts.reach(account).is_some());
            found.push(AccountMatch { selection: index, reach, excepted });
        };
        let chosen = &selection.chosen.accounts;
        if let Some(ids) = chosen.only_ids() {
            let places = ids.keys().filter_map(|id| accounts.binary_search_by_key(id, |account| account.id).ok());
            places.for_each(&mut consider);
        } else if let Some(units) = &chosen.units {
            let held = houses.iter().filter(|(house, _)| units.iter().any(|unit| unit.name.reach(house).is_some()));
            held.flat_map(|(_, places)| places).copied().for_each(&mut consider);
        } else {
            (0..accounts.len()).for_each(&mut consider);
        }
    }
    matches
}

/// The accounts by the units that hold them.
fn accounts_by_unit_path(accounts: &[Account]) -> BTreeMap<&[Unit], Vec<usize>> {
    let mut houses: BTreeMap<&[Unit], Vec<usize>> = BTreeMap::new();
    for (place, account) in accounts.iter().enumerate() {
        houses.entry(&account.units).or_default().push(place);
    }
    houses
}
