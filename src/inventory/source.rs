//! Where the accounts and Regions of a run come from.

use std::collections::BTreeSet;

use crate::model::{AccountId, Inventory, Region, RegionTable};

/// Which accounts there are for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountsSource {
    /// Those that the policies select by id.
    Declared,
    /// The account of the credentials.
    Caller,
    /// These.
    Listed(BTreeSet<AccountId>),
}

/// Which Regions there are for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionsSource {
    /// Every Region where Macie exists. A declaration that names another one exactly still reaches it.
    Macie,
    /// These, with or without Macie.
    Listed(BTreeSet<Region>),
}

/// The policies select no account by id, and nothing else says which there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAccounts;

/// The inventory of a run.
///
/// `declared` are the ids and `named` the Regions that the policies select by their exact names. `caller` is asked for only if
/// the accounts come from there.
pub fn assemble(
    accounts: &AccountsSource,
    regions: &RegionsSource,
    declared: impl IntoIterator<Item = AccountId>,
    named: impl IntoIterator<Item = Region>,
    caller: impl FnOnce() -> AccountId,
    table: &RegionTable,
) -> Result<Inventory, NoAccounts> {
    let ids: BTreeSet<AccountId> = match accounts {
        AccountsSource::Declared => declared.into_iter().collect(),
        AccountsSource::Caller => BTreeSet::from([caller()]),
        AccountsSource::Listed(ids) => ids.clone(),
    };
    if ids.is_empty() {
        return Err(NoAccounts);
    }
    let inventory = match regions {
        RegionsSource::Listed(regions) => Inventory::of_ids(ids, regions.iter().cloned().collect()),
        RegionsSource::Macie => {
            let by_name_only = named.into_iter().filter(|region| table.knows(region) && !table.has_macie(region));
            Inventory::of_ids(ids, table.macie_regions().cloned().collect()).with_regions_by_name(by_name_only)
        }
    };
    Ok(inventory)
}
