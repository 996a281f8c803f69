//! Loads a policy set: finds its files, reads them, and decodes them, reporting every mistake of every file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::declaration::{Declaration, DeclaredWaiver};
use super::decode::decode;
use super::files::{Content, PolicyFile, find};
use super::selector::{RegionItem, Selection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::document::{accept, display_path, parse, read, too_large};
use crate::model::{AccountId, Catalog, InventoryFields, Region, SettingId, sha256};

/// Every policy file of a run, decoded.
#[derive(Debug, Default)]
pub struct PolicySet {
    /// The declarations, by file as shown, then by place.
    pub declarations: Vec<Declaration>,
    /// The waivers, by file as shown, then by place.
    pub waivers: Vec<DeclaredWaiver>,
    /// The files as shown, sorted.
    pub files: Vec<String>,
    /// A digest of the contents: it changes when anything in a file does, and not with where the files lie.
    pub digest: String,
}

impl PolicySet {
    /// The account ids that declarations select by id, each once. Those of an `except` do not count.
    pub fn declared_accounts(&self) -> Vec<AccountId> {
        let mut ids: Vec<AccountId> = self
            .declarations
            .iter()
            .flat_map(|declaration| declaration.selection.chosen.accounts.ids())
            .map(|(id, _)| id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The settings that something declares, in rule order.
    pub fn declared_settings(&self) -> BTreeSet<SettingId> {
        self.declarations.iter().flat_map(|declaration| declaration.settings.keys().copied()).collect()
    }

    /// Every selection of declarations and waivers, in this order.
    pub(super) fn selections(&self) -> impl Iterator<Item = &Selection> {
        let declarations = self.declarations.iter().map(|declaration| &declaration.selection);
        declarations.chain(self.waivers.iter().map(|waiver| &waiver.selection))
    }

    /// What an inventory must know of its accounts for every selector to mean something.
    pub fn needs(&self) -> InventoryFields {
        let all = || self.selections().flat_map(Selection::all).map(|selectors| &selectors.accounts);
        InventoryFields {
            names: all().any(|accounts| accounts.listed.as_ref().is_some_and(|listed| !listed.names.is_empty())),
            units: all().any(|accounts| accounts.units.is_some()),
            tags: all().any(|accounts| accounts.tags.is_some()),
        }
    }

    /// The Regions that declarations select by their exact names. Those of an `except` do not count.
    pub fn named_regions(&self) -> Vec<Region> {
        let items = self.declarations.iter().flat_map(|declaration| declaration.selection.chosen.regions.items());
        let mut names: Vec<Region> = items.filter_map(RegionItem::name).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Loads the policy set of some paths. What is wrong is reported; the set is complete only if nothing was.
///
/// Paths are shown relative to `base`.
pub fn load(
    paths: &[PathBuf],
    base: &Path,
    catalog: Catalog<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> PolicySet {
    let found = find(paths, base, diagnostics);
    let set = load_found(&found, catalog, sources, diagnostics);
    if set.declarations.is_empty() && !diagnostics.has_errors() {
        let named = |path: &PathBuf| match display_path(path, base).as_str() {
            "." => "the working directory".to_owned(),
            shown => shown.to_owned(),
        };
        let looked: Vec<String> = paths.iter().map(named).collect();
        let what = if found.is_empty() { "policy file" } else { "declaration" };
        diagnostics.push(
            Diagnostic::error(Code::EmptyPolicySet, format!("no {what} in {}: nothing to check", looked.join(", ")))
                .help(if set.waivers.is_empty() {
                    "add a .yaml, .yml, .toml or .json file that lists declarations under `macie_sessions`"
                } else {
                    "add a declaration under `macie_sessions`; a waiver only waives drift from a declaration"
                }),
        );
    }
    set
}

/// Loads the policy set of some files, which may come from elsewhere than the disk. That there is no declaration in it is
/// for the caller to judge.
pub fn load_found(
    found: &[PolicyFile],
    catalog: Catalog<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> PolicySet {
    let mut set = PolicySet::default();
    let mut digests = Vec::new();
    for file in found {
        let source = match &file.content {
            Content::OnDisk(path) => read(path, &file.shown, sources, diagnostics),
            Content::InMemory(bytes) => accept(bytes.clone(), &file.shown, sources, diagnostics),
            Content::TooLarge => {
                diagnostics.push(too_large(&file.shown));
                None
            }
        };
        let Some(source) = source else { continue };
        digests.push(Sha256::digest(sources.get(source).text()));
        set.files.push(file.shown.clone());
        if let Some(root) = parse(file.language, source, sources, diagnostics) {
            let decoded = decode(&root, catalog, sources, diagnostics);
            set.declarations.extend(decoded.declarations);
            set.waivers.extend(decoded.waivers);
        }
    }
    digests.sort_unstable();
    set.digest = sha256(digests.concat());
    set
}
