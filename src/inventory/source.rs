//! Sources of accounts and Regions.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::Organization;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::model::{Account, AccountId, Clock, Inventory, InventoryFields, Region, RegionTable, Resource};

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

impl NoAccounts {
    /// The error with its fix.
    pub fn diagnostic(self) -> Diagnostic {
        let what = "the policies list no account id, so there is no account to check";
        Diagnostic::error(Code::NoAccounts, what).help(
            "list ids under `accounts` in a declaration, or set `[inventory] accounts` in driftline.toml to \"caller\" (the \
             account of the credentials), to \"organization\" (every account of its organization) or to a list of ids",
        )
    }
}

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

/// Age from which an inventory that stands in for the organization causes a warning, in days.
const STALE_AFTER_DAYS: i64 = 30;

/// The saved inventory that stood in for the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OfflineInventory {
    /// The file.
    file: String,
    /// The id of the organization in it.
    organization: Box<str>,
    /// When AWS Organizations was asked. UTC, RFC 3339.
    #[schemars(with = "String", extend("format" = "date-time"))]
    taken_at: Timestamp,
    /// Whether it has the tags of the accounts.
    #[serde(skip)]
    has_tags: bool,
}

impl OfflineInventory {
    /// Describes a loaded inventory. `file` is the path as displayed.
    pub fn new(file: String, loaded: &Organization) -> Self {
        let has_tags = loaded.knowledge.tags;
        Self { file, organization: loaded.id.clone(), taken_at: loaded.taken_at, has_tags }
    }

    /// The warning about an old file. `named_at` is the position of the setting that names it.
    pub fn age_warning(&self, now: Timestamp, named_at: Option<Span>) -> Option<Diagnostic> {
        let Self { file, taken_at, has_tags, .. } = self;
        if now.duration_since(*taken_at) <= SignedDuration::from_hours(24 * STALE_AFTER_DAYS) {
            return None;
        }
        let day = Clock::Fixed(*taken_at).today();
        let what = format!("{file} was saved on {day}, more than {STALE_AFTER_DAYS} days ago");
        let warning = Diagnostic::warning(Code::StaleInventory, what);
        let warning = named_at.into_iter().fold(warning, |warning, span| warning.label(span, "named here"));
        let tags = if *has_tags { " --tags" } else { "" };
        Some(warning.help(format!("refresh it: driftline inventory --out {file}{tags}")))
    }
}

impl fmt::Display for OfflineInventory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = Clock::Fixed(self.taken_at).today();
        write!(out, "accounts of {} on {day}, from {}", self.organization, self.file)
    }
}

/// The error about a saved inventory that does not exist. Its path may be a misspelt word, unless it stands in for the organization.
pub fn missing_inventory(path: &Path, shown: &str, named_at: Option<Span>, is_stand_in: bool) -> Diagnostic {
    let word = path.file_name().and_then(|name| name.to_str()).and_then(|name| nearest(name, AccountsSource::WORDS));
    let words = AccountsSource::WORDS.map(|word| format!("\"{word}\"")).join(", ");
    let create = format!("`driftline inventory --out {shown}` creates one");
    let help = match word {
        _ if is_stand_in => create,
        Some(word) => {
            format!(
                "did you mean \"{word}\"? Any other text is the path of a saved inventory; the keywords are {words}"
            )
        }
        None => format!("{create}; the keywords are {words}"),
    };
    let error = Diagnostic::error(Code::FileNotFound, format!("there is no saved inventory {shown}"));
    named_at.into_iter().fold(error, |error, span| error.label(span, "named here")).help(help)
}

/// Builds the inventory of a run. `named` are the Regions that the policies select by their exact names, `resources` what they
/// declare.
pub fn assemble(
    accounts: Accounts,
    regions: &RegionsSource,
    named: impl IntoIterator<Item = Region>,
    resources: &BTreeSet<Resource>,
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
            // Without a declaration, what Macie has is what an inventory is about.
            let resources = if resources.is_empty() { &BTreeSet::from([Resource::default()]) } else { resources };
            let is_default =
                |region: &&Region| resources.iter().any(|resource| table.is_default_for(*resource, region));
            let named = named.into_iter().filter(|region| table.knows(region));
            inventory(table.known_regions().filter(is_default).cloned().chain(named).collect())
                .with_regions_by_name(|resource, region| !table.is_default_for(resource, region))
        }
    })
}
