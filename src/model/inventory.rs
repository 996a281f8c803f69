//! Which accounts and Regions there are for a run.

use std::collections::BTreeSet;

use super::{Account, AccountId, Region};

/// What an inventory knows of its accounts beside their ids. A selector that asks for more is a mistake, never a silent
/// non-match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct InventoryFields {
    /// Their names.
    pub names: bool,
    /// Their organizational units.
    pub units: bool,
    /// Their tags.
    pub tags: bool,
}

/// The accounts and Regions that declarations select from. Nothing outside it is a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    accounts: Vec<Account>,
    regions: Vec<Region>,
    by_name_only: BTreeSet<Region>,
    knowledge: InventoryFields,
    management_account: Option<AccountId>,
}

impl Inventory {
    /// An inventory of these accounts and Regions, sorted, each once.
    pub fn new(mut accounts: Vec<Account>, knowledge: InventoryFields, mut regions: Vec<Region>) -> Self {
        accounts.sort_by_key(|account| account.id);
        accounts.dedup_by_key(|account| account.id);
        regions.sort();
        regions.dedup();
        Self { accounts, regions, by_name_only: BTreeSet::new(), knowledge, management_account: None }
    }

    /// An inventory of accounts of which only the ids are known.
    pub fn from_ids(ids: impl IntoIterator<Item = AccountId>, regions: Vec<Region>) -> Self {
        Self::new(ids.into_iter().map(Account::from_id).collect(), InventoryFields::default(), regions)
    }

    /// Adds Regions that only a declaration that names them reaches: no pattern does, and neither does "all".
    #[must_use]
    pub fn with_regions_by_name(mut self, regions: impl IntoIterator<Item = Region>) -> Self {
        for region in regions {
            if let Err(place) = self.regions.binary_search(&region) {
                self.regions.insert(place, region.clone());
                self.by_name_only.insert(region);
            }
        }
        self
    }

    /// Says that the accounts are those of an organization, and which of them manages it.
    #[must_use]
    pub fn with_management_account(mut self, account: Option<AccountId>) -> Self {
        self.management_account = account;
        self
    }

    /// The management account of the organization that the accounts are those of, if they are.
    pub fn management_account(&self) -> Option<AccountId> {
        self.management_account
    }

    /// Whether only a declaration that names the Region reaches it.
    pub fn is_by_name_only(&self, region: &Region) -> bool {
        self.by_name_only.contains(region)
    }

    /// What is known of the accounts beside their ids.
    pub fn knowledge(&self) -> InventoryFields {
        self.knowledge
    }

    /// The accounts, sorted by id.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The Regions, sorted.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The account of that id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        let index = self.accounts.binary_search_by_key(&id, |account| account.id).ok()?;
        self.accounts.get(index)
    }
}
