//! Version 1 of the saved inventory: an organization in a file, for runs that do not ask AWS Organizations.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::{Organization, RegionStatus};
use crate::diagnostic::{
    Code, Diagnostic, Diagnostics, DocumentHead, HeadError, SourceId, Sources, Span, Tool, truncate_line,
    write_json_document,
};
use crate::document::{Limit, accept_within, read_within};
use crate::model::{Account, AccountId, InventoryFields, Region, Unit};

const FORMAT: &str = "driftline.inventory";
const FORMAT_VERSION: u32 = 1;

/// Cap on errors about accounts: each costs a pass over the file.
const SHOWN_AT_MOST: usize = 20;

/// The accounts of an organization, as AWS Organizations listed them. Readers must ignore fields that they do not know.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Document {
    /// Always `driftline.inventory`.
    #[schemars(extend("const" = FORMAT))]
    format: String,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool<'static>,
    /// When AWS Organizations was asked. UTC, RFC 3339, whole seconds.
    #[schemars(with = "String", extend("format" = "date-time"))]
    taken_at: Timestamp,
    organization: Identity,
    caller: Caller,
    knows: KnownFields,
    /// Every account of the organization exactly once, sorted by id.
    accounts: Vec<SavedAccount>,
}

/// Which organization it is.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Identity {
    id: Box<str>,
    management_account: AccountId,
}

/// Who asked AWS Organizations.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Caller {
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
    regions: Option<BTreeMap<Region, RegionStatus>>,
}

/// Errors of a well-formed inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum InventoryError {
    #[error("it lists no account")]
    NoAccount,
    /// Choosing one would be a guess.
    #[error("account {0} appears twice")]
    Twice(AccountId),
    #[error("`knows.tags` is true, but account {0} has no `tags`")]
    NoTags(AccountId),
}

/// The JSON Schema (draft 2020-12) of a saved inventory. Unknown fields are valid, since readers must ignore them.
pub fn inventory_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document);
    schema.insert("$id".to_owned(), "urn:driftline:schema:inventory:1".into());
    schema.insert("title".to_owned(), "driftline saved inventory, version 1".into());
    schema.to_value()
}

/// The organization as JSON. Equal organizations give equal bytes.
pub fn saved_json(organization: &Organization) -> Vec<u8> {
    let document = Document::from_organization(organization);
    // All map keys are texts, so this cannot fail.
    let mut bytes = Vec::new();
    let _ = write_json_document(&document, &mut bytes);
    bytes
}

impl Document {
    fn from_organization(organization: &Organization) -> Self {
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
            tool: Tool::CURRENT,
            taken_at: truncate_to_seconds(organization.taken_at),
            organization: Identity { id: organization.id.clone(), management_account: organization.management_account },
            caller: Caller { account: organization.caller_account, arn: organization.caller_arn.clone() },
            knows: KnownFields { names, units, tags },
            accounts: organization.accounts.iter().map(account).collect(),
        }
    }

    /// The errors in the document, at most [`SHOWN_AT_MOST`].
    fn errors(&self) -> Vec<InventoryError> {
        if self.accounts.is_empty() {
            return vec![InventoryError::NoAccount];
        }
        let (mut ids, mut repeated) = (BTreeSet::new(), BTreeSet::new());
        let of_account = |saved: &SavedAccount| {
            let is_new = ids.insert(saved.id);
            let lacks_tags = is_new && self.knows.tags && saved.tags.is_none();
            let twice = (!is_new && repeated.insert(saved.id)).then_some(InventoryError::Twice(saved.id));
            twice.into_iter().chain(lacks_tags.then_some(InventoryError::NoTags(saved.id)))
        };
        self.accounts.iter().flat_map(of_account).take(SHOWN_AT_MOST).collect()
    }

    /// The organization in a document without errors.
    fn organization(self) -> Organization {
        let KnownFields { names, units, tags } = self.knows;
        let (mut accounts, mut regions) = (Vec::with_capacity(self.accounts.len()), BTreeMap::new());
        let mut lines: BTreeSet<Arc<[Unit]>> = BTreeSet::new();
        for saved in self.accounts {
            let id = saved.id;
            // Accounts of one unit share its path in memory.
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
        Organization {
            id: self.organization.id,
            management_account: self.organization.management_account,
            taken_at: self.taken_at,
            caller_account: self.caller.account,
            caller_arn: self.caller.arn,
            knowledge: InventoryFields { names, units, tags },
            accounts,
            regions,
        }
    }
}

/// Truncates to whole seconds, so that no time is in the future.
fn truncate_to_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// Size limit of a saved inventory, in bytes: room for some 200,000 accounts, four times as many as the largest
/// organization has.
pub const MAX_SAVED_BYTES: u64 = 128 * 1024 * 1024;

const LIMIT: Limit = Limit {
    bytes: MAX_SAVED_BYTES,
    whose: "a saved inventory",
    help: "recreate it with `driftline inventory --out FILE`; no organization has that many accounts",
    may_be_gzip: true,
};

/// Loads a saved inventory, or reports where it is invalid.
pub fn load_saved(
    path: &Path,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Organization> {
    let source = read_within(&LIMIT, path, shown, sources, diagnostics)?;
    report(source, shown, sources, diagnostics)
}

/// Loads a saved inventory from memory.
pub fn load_saved_text(
    content: Vec<u8>,
    shown: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Organization> {
    let source = accept_within(&LIMIT, content, shown, sources, diagnostics)?;
    report(source, shown, sources, diagnostics)
}

fn report(source: SourceId, shown: &str, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Organization> {
    let text = sources.get(source).text();
    let (head, document) = match parse(source, shown, text) {
        Ok(parsed) => parsed,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return None;
        }
    };
    let errors = document.errors();
    for error in &errors {
        diagnostics.push(newer(&head, at_account(*error, source, shown, text)));
    }
    errors.is_empty().then(|| document.organization())
}

fn parse(source: SourceId, shown: &str, text: &str) -> Result<(DocumentHead, Document), Box<Diagnostic>> {
    let at = |error: &serde_json::Error| at_place(error, source, shown, text);
    let head: DocumentHead = serde_json::from_str(text).map_err(|error| at(&error))?;
    let start = Span::new(source, 0, text.len().min(1));
    head.check(FORMAT, FORMAT_VERSION).map_err(|error| bad_head(&error, shown, start))?;
    let document = serde_json::from_str(text).map_err(|error| newer(&head, at(&error)))?;
    Ok((head, document))
}

/// The same error, with another fix if the file is by a newer driftline.
fn newer(head: &DocumentHead, diagnostic: Diagnostic) -> Diagnostic {
    match head.newer() {
        Some(made_by) => diagnostic.help(format!("{made_by}: update driftline, or {RECREATE}")),
        None => diagnostic,
    }
}

/// The error of a document of another format or version.
fn bad_head(error: &HeadError, shown: &str, start: Span) -> Diagnostic {
    match error {
        HeadError::OtherFormat(what) => {
            Diagnostic::error(Code::BadInventory, format!("{shown} is not a saved inventory: {what}"))
                .label(start, format!("expected the `format` \"{FORMAT}\""))
                .help("create one with `driftline inventory --out FILE`")
        }
        HeadError::NoVersion => Diagnostic::error(Code::BadInventory, format!("{shown} has no `format_version`"))
            .label(start, "missing here")
            .help(RECREATE),
        HeadError::OtherVersion(version) => {
            Diagnostic::error(Code::UnsupportedVersion, format!("{shown} has an unsupported format version: {version}"))
                .label(start, format!("this driftline reads version {FORMAT_VERSION}"))
                .help(format!("use the driftline version that made it, or {RECREATE}"))
        }
    }
}

/// The fix for a file that is not readable here.
const RECREATE: &str = "recreate the file with `driftline inventory --out FILE`";

fn at_account(error: InventoryError, source: SourceId, shown: &str, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::BadInventory, format!("{shown} is not a valid inventory: {error}"));
    let diagnostic = match error {
        InventoryError::NoAccount => diagnostic,
        InventoryError::NoTags(id) => places(id, source, text)
            .take(1)
            .fold(diagnostic, |diagnostic, place| diagnostic.label(place, "this account")),
        InventoryError::Twice(id) => {
            let mut places = places(id, source, text);
            match (places.next(), places.next()) {
                (Some(first), Some(again)) => diagnostic.label(again, "again here").label(first, "first here"),
                _ => diagnostic,
            }
        }
    };
    diagnostic.help(RECREATE)
}

/// The positions of an account id in the file.
fn places(id: AccountId, source: SourceId, text: &str) -> impl Iterator<Item = Span> {
    let quoted = format!("\"{id}\"");
    let starts: Vec<usize> = text.match_indices(&quoted).map(|(start, _)| start).collect();
    let is_id = move |start: &usize| {
        let before = text.get(..*start).unwrap_or_default().trim_end();
        before.strip_suffix(':').is_some_and(|before| before.trim_end().ends_with("\"id\""))
    };
    starts.into_iter().filter(is_id).map(move |start| Span::new(source, start, start + quoted.len()))
}

fn at_place(error: &serde_json::Error, source: SourceId, shown: &str, text: &str) -> Diagnostic {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // serde_json counts columns in bytes and points after what it has read.
    let place = text.floor_char_boundary((before + error.column().saturating_sub(1)).min(text.len().saturating_sub(1)));
    let label = Span::new(source, place, text.ceil_char_boundary((place + 1).min(text.len())));
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    let what = truncate_line(what);
    match error.classify() {
        Category::Data => Diagnostic::error(Code::BadInventory, format!("{shown} is not a valid inventory: {what}"))
            .label(label, "here")
            .help(RECREATE),
        Category::Syntax | Category::Eof | Category::Io => {
            Diagnostic::error(Code::Syntax, format!("{shown} is not valid JSON: {what}"))
                .label(label, "here")
                .help(format!("{RECREATE}; it may have been truncated in transit"))
        }
    }
}
