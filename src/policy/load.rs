//! Policy sets: the files that are found, and what they declare.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::declaration::{Declaration, DeclaredWaiver};
use super::decode::decode;
use super::selector::{RegionItem, Selection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::document::{
    Syntax, Walk, accept, display_path, is_hidden, leads_nowhere, parse, read, too_large, warn_of_left_out,
};
use crate::model::{AccountId, Catalog, InventoryFields, Region, Resource, SettingId, sha256};

/// Every policy file of a run, decoded.
#[derive(Debug, Default)]
pub struct PolicySet {
    /// The declarations, by file as shown, then by place.
    pub declarations: Vec<Declaration>,
    /// The waivers, by file as shown, then by place.
    pub waivers: Vec<DeclaredWaiver>,
    /// The files as shown, sorted.
    pub files: Vec<String>,
    /// The resources of which more may be declared, in files or declarations that could not be decoded.
    pub incomplete: BTreeSet<Resource>,
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

    /// The resources that something declares.
    pub fn declared_resources(&self) -> BTreeSet<Resource> {
        self.declarations.iter().map(|declaration| declaration.resource).collect()
    }

    /// Whether all is known of the declarations.
    pub fn is_complete(&self) -> bool {
        let is_known =
            |declaration: &Declaration| !declaration.unknown.selection && declaration.unknown.settings.is_empty();
        self.incomplete.is_empty() && self.declarations.iter().all(is_known)
    }

    /// Notes that anything may be declared that is not known.
    fn miss_anything(&mut self) {
        self.incomplete.extend(Resource::ALL);
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
    let (errors, _) = diagnostics.counts();
    let found = find(paths, base, diagnostics);
    let has_all_files = diagnostics.counts().0 == errors;
    let mut set = load_found(&found, catalog, sources, diagnostics);
    if !has_all_files {
        set.miss_anything();
    }
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
        let Some(source) = source else {
            set.miss_anything();
            continue;
        };
        digests.push(Sha256::digest(sources.get(source).text()));
        set.files.push(file.shown.clone());
        let (errors, _) = diagnostics.counts();
        let root = parse(file.language, source, sources, diagnostics);
        if diagnostics.counts().0 > errors {
            set.miss_anything();
        }
        if let Some(root) = root {
            let decoded = decode(&root, catalog, sources, diagnostics);
            set.declarations.extend(decoded.declarations);
            set.waivers.extend(decoded.waivers);
            set.incomplete.extend(decoded.incomplete);
        }
    }
    digests.sort_unstable();
    set.digest = sha256(digests.concat());
    set
}

/// The name of the settings file, which is never a policy.
const SETTINGS_FILE: &str = "driftline.toml";

/// A policy file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// How to show it: relative to where the run is if it is below it, with `/` between its parts.
    pub shown: String,
    /// The language that its ending stands for.
    pub language: Syntax,
    /// What is in it.
    pub content: Content,
}

/// The content of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// To be read from there.
    OnDisk(PathBuf),
    /// At hand, from wherever else files are kept.
    InMemory(Vec<u8>),
    /// Not even fetched: it is larger than any policy needs to be.
    TooLarge,
}

/// The language of a policy file in a folder, by its path below the folder; `None` if it is no policy file: hidden, the settings
/// file, or of another ending.
pub fn language_in_folder(below: &Path) -> Option<Syntax> {
    let is_hidden = below.components().any(|part| is_hidden(part.as_os_str()));
    let is_settings = below.file_name().is_some_and(|name| name == SETTINGS_FILE);
    if is_hidden || is_settings { None } else { Syntax::from_path(below) }
}

/// Finds the policy files of some paths, sorted as shown, each once.
///
/// A folder means every policy file below it. Hidden files and folders in it are passed over, and so is the settings file.
/// Symbolic links that lead out of it, or nowhere, are not followed, and are warned of. A path that does not exist or cannot be
/// looked into is an error, and so is a folder with too many entries.
pub fn find(paths: &[PathBuf], base: &Path, out: &mut Diagnostics) -> Vec<PolicyFile> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut walk = Walk::default();
    for path in paths {
        let shown = display_path(path, base);
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() && is_root(path) => out.push(too_wide(
                &shown,
                if path.is_symlink() {
                    "this symbolic link points to the root of the file system"
                } else {
                    "it is the root of the file system"
                },
            )),
            Ok(metadata) if metadata.is_dir() => walk.folder(path, &|below| language_in_folder(below).is_some()),
            Ok(_) => match Syntax::from_path(path) {
                Some(language) => add(path, base, language, &mut seen, &mut found),
                None => out.push(
                    Diagnostic::error(
                        Code::UnknownFileType,
                        format!("{shown} is not a policy file: unsupported file extension"),
                    )
                    .help("name a file that ends in .yaml, .yml, .toml or .json"),
                ),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_symlink() => {
                out.push(leads_nowhere(path, &shown));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => out.push(
                Diagnostic::error(Code::FileNotFound, format!("no such file or folder: {shown}"))
                    .help("check the path; relative paths start at the working directory"),
            ),
            Err(error) => out.push(unreadable(&shown, &error)),
        }
    }
    for path in &walk.files {
        if let Some(language) = Syntax::from_path(path) {
            add(path, base, language, &mut seen, &mut found);
        }
    }
    for (path, error) in &walk.unreadable {
        out.push(unreadable(&display_path(path, base), error));
    }
    for path in &walk.endless {
        out.push(too_wide(&display_path(path, base), &walk.endless_because()));
    }
    warn_of_left_out(&walk.left_out(&seen), base, out);
    found.sort_by(|one: &PolicyFile, two: &PolicyFile| one.shown.cmp(&two.shown));
    found
}

/// The policy files of the configured paths that the loaded paths do not lead to, as shown, sorted. A configured path that does not
/// exist is one of them: what it should hold is not loaded.
pub fn left_out(configured: &[PathBuf], loaded: &[PathBuf], base: &Path) -> Vec<String> {
    let find = |paths| find(paths, base, &mut Diagnostics::default()).into_iter().filter_map(on_disk);
    let known: BTreeSet<PathBuf> = find(loaded).map(|(_, real)| real).collect();
    let absent = configured.iter().filter(|path| path.metadata().is_err()).map(|path| display_path(path, base));
    let left_out = find(configured).filter(|(_, real)| !known.contains(real)).map(|(shown, _)| shown);
    left_out.chain(absent).collect::<BTreeSet<String>>().into_iter().collect()
}

/// The path of a policy file as shown, and without symbolic links.
fn on_disk(file: PolicyFile) -> Option<(String, PathBuf)> {
    match file.content {
        Content::OnDisk(path) => Some((file.shown, path.canonicalize().unwrap_or(path))),
        Content::InMemory(_) | Content::TooLarge => None,
    }
}

fn add(path: &Path, base: &Path, language: Syntax, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<PolicyFile>) {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if seen.insert(real) {
        found.push(PolicyFile { shown: display_path(path, base), language, content: Content::OnDisk(path.to_owned()) });
    }
}

/// Whether a folder is the root of a file system, by whatever link.
fn is_root(folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|real| real.parent().is_none())
}

fn too_wide(shown: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::UnreadableFile, format!("the folder {shown} is not searched for policies: {why}"))
        .help("name the folder that contains the policies, on the command line or under `policies` in driftline.toml")
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(Code::UnreadableFile, format!("{shown} cannot be read: {error}"))
        .help("make it readable; without it, its targets would not be checked")
}
