//! Which files a policy set is made of.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::{Language, shown_path};

/// The name of the settings file, which is never a policy.
const SETTINGS_FILE: &str = "driftline.toml";

/// A policy file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How to show it: relative to where the run is if it is below it, with `/` between its parts.
    pub shown: String,
    /// The language that its ending stands for.
    pub language: Language,
    /// What is in it.
    pub content: Content,
}

/// The content of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// To be read from there.
    OnDisk(PathBuf),
    /// At hand, from wherever else files are kept.
    AtHand(Vec<u8>),
    /// Not even fetched: it is larger than any policy needs to be.
    TooLarge,
}

/// The language of a policy file in a folder, by its path below the folder; `None` if it is no policy file: hidden, the settings
/// file, or of another ending.
pub fn language_in_folder(below: &Path) -> Option<Language> {
    let is_hidden = below.components().any(|part| is_hidden(part.as_os_str()));
    let is_settings = below.file_name().is_some_and(|name| name == SETTINGS_FILE);
    if is_hidden || is_settings { None } else { Language::of(below) }
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with('.'))
}

/// Finds the policy files of some paths, sorted as shown, each once.
///
/// A folder means every policy file below it. Hidden files and folders in it are left out, and so are symbolic links that
/// lead out of it and the settings file. A path that does not exist or cannot be looked into is reported.
pub fn find(paths: &[PathBuf], base: &Path, out: &mut Diagnostics) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        let shown = shown_path(path, base);
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folder(path, base, &mut seen, &mut found, out),
            Ok(_) => match Language::of(path) {
                Some(language) => add(path, base, language, &mut seen, &mut found),
                None => out.push(
                    Diagnostic::error(Code::UnknownFileType, format!("{shown} is not a policy file by its name"))
                        .help("policy files end in .yaml, .yml, .toml or .json"),
                ),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => out.push(
                Diagnostic::error(Code::FileNotFound, format!("there is no file or folder {shown}"))
                    .help("check the path; a relative one starts at the folder in which driftline runs"),
            ),
            Err(error) => out.push(unreadable(&shown, &error)),
        }
    }
    found.sort_by(|one: &Found, two: &Found| one.shown.cmp(&two.shown));
    found
}

fn folder(root: &Path, base: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<Found>, out: &mut Diagnostics) {
    let Ok(inside) = root.canonicalize() else {
        return out.push(unreadable(&shown_path(root, base), &std::io::Error::other("its real path cannot be told")));
    };
    // Hidden folders are not even looked into.
    let visible = |entry: &walkdir::DirEntry| entry.depth() == 0 || !is_hidden(entry.file_name());
    // Links are followed so that a mounted Kubernetes ConfigMap, which is made of them, works; those out of the tree are not.
    for entry in WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
                let Some(language) = language_in_folder(below) else { continue };
                if entry.path().canonicalize().is_ok_and(|real| real.starts_with(&inside)) {
                    add(entry.path(), base, language, seen, found);
                }
            }
            Ok(_) => {}
            // A link to nowhere or in a circle holds no policy; anything else may hide one.
            Err(error) if error.loop_ancestor().is_some() || leads_nowhere(&error) => {}
            Err(error) => {
                let shown = error.path().map_or_else(|| shown_path(root, base), |path| shown_path(path, base));
                let cause = error.into_io_error().unwrap_or_else(|| std::io::Error::other("it cannot be looked into"));
                out.push(unreadable(&shown, &cause));
            }
        }
    }
}

fn leads_nowhere(error: &walkdir::Error) -> bool {
    error.path().is_some_and(Path::is_symlink)
        && error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

fn add(path: &Path, base: &Path, language: Language, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<Found>) {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if seen.insert(real) {
        found.push(Found { shown: shown_path(path, base), language, content: Content::OnDisk(path.to_owned()) });
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(Code::UnreadableFile, format!("{shown} cannot be read: {error}"))
        .help("a file left out would leave its targets unchecked")
}
