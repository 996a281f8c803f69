//! Version 1 of the saved inventory.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::write_json_document;
use crate::inventory::{Organization, RegionStatus};
use crate::model::{Account, AccountId, InventoryFields, Region, Unit};

pub(super) const FORMAT: &str = "driftline.inventory";
pub(super) const FORMAT_VERSION: u64 = 1;

/// The accounts of an organization, as AWS Organizations told them. Readers must ignore fields that they do not know.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Document {
    /// Always `driftline.inventory`.
    #[schemars(extend("const" = FORMAT))]
    format: String,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u64,
    tool: Tool,
    /// When AWS Organizations was asked. UTC, RFC 3339, whole seconds.
    #[schemars(with = "String", extend("format" = "date-time"))]
    taken_at: Timestamp,
    organization: Identity,
    caller: Caller,
    knows: KnownFields,
    /// Every account of the organization exactly once, sorted by id.
    accounts: Vec<SavedAccount>,
}

/// The program that made the file.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Tool {
    name: String,
    version: String,
}

/// Which organization it is.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Identity {
    id: Box<str>,
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    management_account: AccountId,
}

/// Who asked AWS Organizations.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Caller {
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    account: AccountId,
    arn: Box<str>,
}

/// What is known of the accounts beside their ids. What is not known is empty or null, and means nothing.
#[derive(Serialize, Deserialize, JsonSchema)]
struct KnownFields {
    names: bool,
    units: bool,
    tags: bool,
}

/// An account.
#[derive(Serialize, Deserialize, JsonSchema)]
struct SavedAccount {
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    id: AccountId,
    name: Option<Box<str>>,
    email: Option<Box<str>>,
    /// PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED; null if that is not known. Readers must take a word
    /// that they do not know for null.
    state: Option<String>,
    /// The organizational units that hold it, from below the root downwards.
    units: Vec<Unit>,
    /// Its tags; null where they are not known.
    tags: Option<BTreeMap<Box<str>, Box<str>>>,
    /// Whether its Regions are on; null where that is not known.
    #[schemars(with = "Option<BTreeMap<String, RegionStatus>>")]
    regions: Option<BTreeMap<Region, RegionStatus>>,
}

/// What is wrong with an inventory that is well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InventoryError {
    #[error("it lists no account")]
    NoAccount,
    /// Which of them counts would be a guess.
    #[error("account {0} stands twice")]
    Twice(AccountId),
    #[error("`knows.tags` is true, but account {0} has no `tags`")]
    NoTags(AccountId),
}

/// The JSON Schema (draft 2020-12) of a saved inventory. It lets unknown fields pass, as readers must.
pub fn inventory_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document);
    schema.insert("$id".to_owned(), "urn:driftline:schema:inventory:1".into());
    schema.insert("title".to_owned(), "driftline saved inventory, version 1".into());
    schema.to_value()
}

/// The organization as a file: the same one always gives the same bytes.
pub fn saved_json(organization: &Organization) -> Vec<u8> {
    let document = Document::of(organization);
    // Maps have texts for keys, so that nothing here can fail.
    let mut bytes = Vec::new();
    let _ = write_json_document(&document, &mut bytes);
    bytes
}

impl Document {
    fn of(organization: &Organization) -> Self {
        let InventoryFields { names, units, tags } = organization.knowledge;
        let account = |account: &Account| SavedAccount {
            id: account.id,
            name: account.name.clone(),
            email: account.email.clone(),
            state: account.state.map(|state| state.as_str().to_owned()),
            units: account.units.to_vec(),
            tags: tags.then(|| account.tags.clone()),
            regions: organization.regions.get(&account.id).cloned(),
        };
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            taken_at: whole_seconds(organization.taken_at),
            organization: Identity { id: organization.id.clone(), management_account: organization.management_account },
            caller: Caller { account: organization.caller_account, arn: organization.caller_arn.clone() },
            knows: KnownFields { names, units, tags },
            accounts: organization.accounts.iter().map(account).collect(),
        }
    }

    /// The organization of a file, or what is wrong with it.
    pub(super) fn organization(self) -> Result<Organization, InventoryError> {
        if self.accounts.is_empty() {
            return Err(InventoryError::NoAccount);
        }
        let mut ids = BTreeSet::new();
        let KnownFields { names, units, tags } = self.knows;
        let (mut accounts, mut regions) = (Vec::with_capacity(self.accounts.len()), BTreeMap::new());
        let mut lines: BTreeSet<Arc<[Unit]>> = BTreeSet::new();
        for saved in self.accounts {
            let id = saved.id;
            if !ids.insert(id) {
                return Err(InventoryError::Twice(id));
            }
            if tags && saved.tags.is_none() {
                return Err(InventoryError::NoTags(id));
            }
            // Accounts of one unit share it in memory, too.
            let line = lines.get(saved.units.as_slice()).cloned().unwrap_or_else(|| {
                let line: Arc<[Unit]> = saved.units.into();
                lines.insert(Arc::clone(&line));
                line
            });
            regions.extend(saved.regions.map(|found| (id, found)));
            accounts.push(Account {
                id,
                name: saved.name.filter(|_| names),
                email: saved.email,
                state: saved.state.and_then(|word| word.parse().ok()),
                units: if units { line } else { Arc::default() },
                tags: saved.tags.filter(|_| tags).unwrap_or_default(),
            });
        }
        accounts.sort_by_key(|account| account.id);
        Ok(Organization {
            id: self.organization.id,
            management_account: self.organization.management_account,
            taken_at: self.taken_at,
            caller_account: self.caller.account,
            caller_arn: self.caller.arn,
            knowledge: InventoryFields { names, units, tags },
            accounts,
            regions,
        })
    }
}

/// UTC, RFC 3339, whole seconds; the fraction is cut off, so that no time lies in the future.
fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}
