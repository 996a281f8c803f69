//! Sources of accounts and Regions.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Organization;
use crate::model::{Account, AccountId, Inventory, InventoryFields, Region, RegionTable};

/// Source of the accounts of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountsSource {
    /// The ids in the policies.
    Declared,
    /// The account of the credentials.
    Caller,
    /// An explicit list.
    Listed(BTreeSet<AccountId>),
    /// The organization of the caller.
    Organization,
    /// A saved inventory.
    Saved(PathBuf),
}

/// Source of the Regions of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionsSource {
    /// Every Region with Macie. A declaration that names another one exactly still applies there.
    Macie,
    /// An explicit list, with or without Macie.
    Listed(BTreeSet<Region>),
}

/// The accounts of a run and their known fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts {
    /// The accounts.
    pub list: Vec<Account>,
    /// The known fields beside the ids.
    pub knowledge: InventoryFields,
    /// The management account, if they belong to an organization.
    pub management_account: Option<AccountId>,
}

/// Error: the policies select no account by id, and no other source is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAccounts;

impl AccountsSource {
    /// Words of the sources that have one. Any other text is the path of a saved inventory.
    pub const WORDS: [&'static str; 3] = ["declared", "caller", "organization"];

    /// Parses a word or a path.
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
    /// Creates accounts from ids, without further fields.
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

/// Builds the inventory of a run. `named` are the Regions that the policies select by their exact names.
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
