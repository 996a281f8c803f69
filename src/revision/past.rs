//! The policy files of some paths as they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::RevisionError;
use super::blobs::Blobs;
use super::repository::Revision;
use super::tree::{Entry, Kind};
use crate::document::{Language, MAX_BYTES, shown_path};
use crate::policy::{Content, Found, language_in_folder};

/// The policy files of some paths at a revision.
#[derive(Debug, Default)]
pub struct Past {
    /// The files, sorted as shown: `PATH@REVISION`.
    pub files: Vec<Found>,
    /// The paths, as shown, that did not exist then.
    pub absent: Vec<String>,
    /// Links and submodules below the paths, as shown, into which nobody looked.
    pub left_out: Vec<String>,
}

impl Revision {
    /// The policy files of the paths as they were, by the rules that hold for files on disk. Paths are shown relative to
    /// `base`.
    pub fn policies(&self, paths: &[PathBuf], base: &Path) -> Result<Past, RevisionError> {
        let mut past = Past::default();
        // A file that is reached twice is one file.
        let mut entries: BTreeMap<String, (Entry, Language)> = BTreeMap::new();
        for path in paths {
            let below = self.below(path)?;
            let found = self.entries(&below)?;
            if found.is_empty() && !below.is_empty() {
                past.absent.push(shown_path(path, base));
            }
            for entry in found {
                if entry.path == below {
                    self.named(entry, &mut entries)?;
                } else {
                    self.in_folder(entry, &below, base, &mut entries, &mut past);
                }
            }
        }
        let mut blobs = Blobs::open(self)?;
        for (entry, language) in entries.into_values() {
            let content = blobs.content(&entry, MAX_BYTES)?.map_or(Content::TooLarge, Content::AtHand);
            past.files.push(Found { shown: self.shown(&entry.path, base), language, content });
        }
        past.files.sort_by(|one, two| one.shown.cmp(&two.shown));
        past.left_out.sort();
        past.left_out.dedup();
        Ok(past)
    }

    /// A single file as it was, with its path as shown; `None` if there was none at that path, or none that this repository
    /// holds.
    ///
    /// # Errors
    ///
    /// If git cannot tell, or the file has more than `at_most` bytes.
    pub fn file(&self, path: &Path, base: &Path, at_most: u64) -> Result<Option<(String, Vec<u8>)>, RevisionError> {
        let Ok(below) = self.below(path) else { return Ok(None) };
        let mut entries = self.entries(&below)?.into_iter();
        let Some(entry) = entries.find(|entry| entry.path == below && entry.kind == Kind::File) else {
            return Ok(None);
        };
        let content = Blobs::open(self)?.content(&entry, at_most)?;
        let shown = self.shown(&entry.path, base);
        content.map(|content| Some((shown.clone(), content))).ok_or(RevisionError::TooLarge(shown))
    }

    /// The root of the work tree, as the system itself names it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path that was named and was no folder.
    fn named(&self, entry: Entry, entries: &mut BTreeMap<String, (Entry, Language)>) -> Result<(), RevisionError> {
        let shown = || format!("{}@{}", entry.path, self.name);
        match (entry.kind, Language::of(Path::new(&entry.path))) {
            (Kind::Link, _) => Err(RevisionError::Link(shown())),
            (Kind::Submodule, _) => Err(RevisionError::Submodule(shown())),
            // Of another ending: today's run says so, or today it is a folder and then it was no policy.
            (Kind::File, None) => Ok(()),
            (Kind::File, Some(language)) => {
                entries.insert(entry.path.clone(), (entry, language));
                Ok(())
            }
        }
    }

    fn in_folder(
        &self,
        entry: Entry,
        folder: &str,
        base: &Path,
        entries: &mut BTreeMap<String, (Entry, Language)>,
        past: &mut Past,
    ) {
        let below = entry.path.strip_prefix(folder).unwrap_or(&entry.path).trim_start_matches('/');
        match (entry.kind, language_in_folder(Path::new(below))) {
            (Kind::File, Some(language)) => {
                entries.insert(entry.path.clone(), (entry, language));
            }
            (Kind::File, None) => {}
            // A hidden one would not have been looked at anyhow.
            (Kind::Link | Kind::Submodule, _) if below.split('/').any(|part| part.starts_with('.')) => {}
            (Kind::Link | Kind::Submodule, _) => past.left_out.push(self.shown(&entry.path, base)),
        }
    }

    /// A path from the root as it is shown: as today's path would be, with the revision behind it.
    fn shown(&self, path: &str, base: &Path) -> String {
        let base = base.canonicalize().unwrap_or_else(|_| base.to_owned());
        format!("{}@{}", shown_path(&self.root.join(path), &base), self.name)
    }
}
