//! Where the accounts and Regions of a run come from.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Organization;
use crate::model::{Account, AccountId, Inventory, InventoryFields, Region, RegionTable};

/// Which accounts there are for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountsSource {
    /// Those that the policies select by id.
    Declared,
    /// The account of the credentials.
    Caller,
    /// These.
    Listed(BTreeSet<AccountId>),
    /// Those of the caller's organization.
    Organization,
    /// Those of a file that was made of an organization.
    Saved(PathBuf),
}

/// Which Regions there are for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionsSource {
    /// Every Region where Macie exists. A declaration that names another one exactly still reaches it.
    Macie,
    /// These, with or without Macie.
    Listed(BTreeSet<Region>),
}

/// The accounts of a run, and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts {
    /// The accounts.
    pub list: Vec<Account>,
    /// What is known of them beside their ids.
    pub knowledge: InventoryFields,
    /// The management account, where they are those of an organization.
    pub management_account: Option<AccountId>,
}

/// There is no account: the policies select none by id, and nothing else says which there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAccounts;

impl AccountsSource {
    /// The words for the sources that have one. Any other text is the path of a saved inventory.
    pub const WORDS: [&'static str; 3] = ["declared", "caller", "organization"];

    /// The source that a word or a path stands for.
    pub fn parse(text: &str) -> Self {
        match text {
            "declared" => Self::Declared,
            "caller" => Self::Caller,
            "organization" => Self::Organization,
            path => Self::Saved(PathBuf::from(path)),
        }
    }
}

impl Accounts {
    /// Accounts of which only the ids are known.
    pub fn from_ids(ids: impl IntoIterator<Item = AccountId>) -> Self {
        Self {
            list: ids.into_iter().map(Account::from_id).collect(),
            knowledge: InventoryFields::default(),
            management_account: None,
        }
    }
}

impl From<Organization> for Accounts {
    fn from(organization: Organization) -> Self {
        Self {
            list: organization.accounts,
            knowledge: organization.knowledge,
            management_account: Some(organization.management_account),
        }
    }
}

impl From<&Inventory> for Accounts {
    fn from(inventory: &Inventory) -> Self {
        Self {
            list: inventory.accounts().to_vec(),
            knowledge: inventory.knowledge(),
            management_account: inventory.management_account(),
        }
    }
}

/// The inventory of a run. `named` are the Regions that the policies select by their exact names.
pub fn assemble(
    accounts: Accounts,
    regions: &RegionsSource,
    named: impl IntoIterator<Item = Region>,
    table: &RegionTable,
) -> Result<Inventory, NoAccounts> {
    if accounts.list.is_empty() {
        return Err(NoAccounts);
    }
    let inventory = |regions| {
        Inventory::new(accounts.list, accounts.knowledge, regions).with_management_account(accounts.management_account)
    };
    Ok(match regions {
        RegionsSource::Listed(regions) => inventory(regions.iter().cloned().collect()),
        RegionsSource::Macie => {
            let by_name_only = named.into_iter().filter(|region| table.knows(region) && !table.has_macie(region));
            inventory(table.macie_regions().cloned().collect()).with_regions_by_name(by_name_only)
        }
    })
}
