//! Walk of a folder. Each real folder is entered once; symbolic links are resolved before they are followed.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::display_path;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Cap on the entries below a folder: no policy folder has so many, and the root of a file system would take too long.
const ENTRIES_AT_MOST: usize = 250_000;

/// Cap on entries of a kind that are named one by one.
const NAMED_AT_MOST: usize = 20;

/// The files of one or more folders.
#[derive(Debug)]
pub struct Walk {
    /// Files in walk order.
    pub files: Vec<PathBuf>,
    /// Entries that are not read although they may match.
    pub left_out: Vec<LeftOut>,
    /// Entries that could not be read.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    /// Folders with too many entries. None of their files is listed.
    pub endless: Vec<PathBuf>,
    /// Cap on entries per folder.
    most: usize,
    /// Remaining entries of the current folder.
    left: usize,
    /// Canonical paths of the entered folders.
    entered: BTreeSet<PathBuf>,
}

/// An entry that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry.
    pub path: PathBuf,
    /// The reason.
    pub why: Why,
}

/// Reasons not to read an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A link that leads out of the folder, to this path.
    Outside(PathBuf),
    /// A dangling or circular link.
    Nowhere,
    /// A link to a folder that has been entered by another path.
    Entered,
    /// A pipe, a device or a socket.
    NoFile,
}

/// A link to a folder inside the tree.
struct Linked {
    path: PathBuf,
    real: PathBuf,
}

/// Whether the name is that of a hidden file or folder.
pub fn is_hidden(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with('.'))
}

impl Default for Walk {
    fn default() -> Self {
        Self::with_limit(ENTRIES_AT_MOST)
    }
}

impl Walk {
    fn with_limit(most: usize) -> Self {
        let (files, left_out, unreadable, endless) = Default::default();
        Self { files, left_out, unreadable, endless, most, left: 0, entered: BTreeSet::new() }
    }

    /// Walks a folder. `is_wanted` filters files by their path below it; hidden files and folders are skipped.
    ///
    /// Real folders come first, then links to folders of the tree that no other path leads to, as in a mounted
    /// Kubernetes ConfigMap. The duration depends on the size of the tree, not on the number of links, and is bounded.
    pub fn folder(&mut self, root: &Path, is_wanted: &dyn Fn(&Path) -> bool) {
        let inside = match root.canonicalize() {
            Ok(inside) => inside,
            Err(error) => return self.unreadable.push((root.to_owned(), error)),
        };
        if self.entered.contains(&inside) {
            return;
        }
        let before = (self.files.len(), self.left_out.len(), self.unreadable.len());
        self.left = self.most;
        let mut linked = VecDeque::new();
        self.tree(root, root, &inside, is_wanted, &mut linked);
        while let Some(Linked { path, real }) = linked.pop_front() {
            if self.entered.contains(&real) {
                self.left_out.push(LeftOut { path, why: Why::Entered });
            } else {
                self.tree(&path, root, &inside, is_wanted, &mut linked);
            }
        }
        if self.left == 0 {
            // The files found so far are incomplete and may be many.
            self.files.truncate(before.0);
            self.left_out.truncate(before.1);
            self.unreadable.truncate(before.2);
            self.endless.push(root.to_owned());
        }
    }

    /// Message for a folder with too many entries, after its name.
    pub fn endless_because(&self) -> String {
        format!("it contains more than {} files and folders, the limit of a search", self.most)
    }

    /// Entries that are still left out after every walk: another folder may have contained them.
    pub fn left_out(&self, taken: &BTreeSet<PathBuf>) -> Vec<LeftOut> {
        let entries = self.left_out.iter().filter_map(|LeftOut { path, why }| match why {
            Why::Outside(real) if taken.contains(real) => None,
            Why::Outside(real) if self.entered.contains(real) => {
                Some(LeftOut { path: path.clone(), why: Why::Entered })
            }
            why => Some(LeftOut { path: path.clone(), why: why.clone() }),
        });
        entries.collect()
    }

    fn tree(
        &mut self,
        folder: &Path,
        root: &Path,
        inside: &Path,
        is_wanted: &dyn Fn(&Path) -> bool,
        linked: &mut VecDeque<Linked>,
    ) {
        let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let cause = error.into_io_error().unwrap_or_else(|| io::Error::other("it cannot be opened"));
                    self.unreadable.push((path, cause));
                    continue;
                }
            };
            // A folder that is named is walked even if it is hidden.
            let is_root = entry.depth() == 0;
            if entry.file_type().is_dir() || is_root {
                let enters = (is_root || !is_hidden(entry.file_name())) && self.enters(entry.path());
                if !enters {
                    entries.skip_current_dir();
                }
            } else if !is_hidden(entry.file_name()) {
                let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
                self.entry(&entry, is_wanted(below), inside, linked);
            }
        }
    }

    /// Marks a folder as entered; false if it was before.
    fn enters(&mut self, folder: &Path) -> bool {
        match folder.canonicalize() {
            Ok(real) => self.entered.insert(real),
            Err(error) => {
                self.unreadable.push((folder.to_owned(), error));
                false
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, is_wanted: bool, inside: &Path, linked: &mut VecDeque<Linked>) {
        let path = entry.path().to_owned();
        let mut leave_out = |path, why| self.left_out.push(LeftOut { path, why });
        if entry.file_type().is_file() {
            if is_wanted {
                self.files.push(path);
            }
            return;
        }
        if !entry.file_type().is_symlink() {
            if is_wanted {
                leave_out(path, Why::NoFile);
            }
            return;
        }
        let followed = path.canonicalize().and_then(|real| Ok((std::fs::metadata(&real)?, real)));
        match followed {
            Ok((found, real)) if found.is_dir() && real.starts_with(inside) => linked.push_back(Linked { path, real }),
            Ok((found, real)) if found.is_dir() => leave_out(path, Why::Outside(real)),
            Ok(_) if !is_wanted => {}
            Ok((found, _)) if !found.is_file() => leave_out(path, Why::NoFile),
            Ok((_, real)) if real.starts_with(inside) => self.files.push(path),
            Ok((_, real)) => leave_out(path, Why::Outside(real)),
            Err(error) if is_without_end(&error) => {
                if is_wanted {
                    leave_out(path, Why::Nowhere);
                }
            }
            // It may hide a matching file.
            Err(error) => self.unreadable.push((path, error)),
        }
    }
}

/// Whether a link is dangling or circular.
fn is_without_end(error: &io::Error) -> bool {
    // The kind for a circle is unstable; ELOOP has a different number on each Unix.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || error.to_string().to_ascii_lowercase().contains("symbolic link")
}

/// Warns of entries that a walk leaves out, by name.
pub fn warn_of_left_out(left_out: &[LeftOut], base: &Path, out: &mut Diagnostics) {
    let warning = |message: String| Diagnostic::warning(Code::FileLeftOut, message);
    let (entered, others): (Vec<_>, Vec<_>) = left_out.iter().partition(|entry| entry.why == Why::Entered);
    for LeftOut { path, why } in others.iter().take(NAMED_AT_MOST) {
        let shown = display_path(path, base);
        out.push(match why {
            Why::Outside(real) => {
                let real = display_path(real, base);
                warning(format!("{shown} is not read: this symbolic link points outside its folder, to {real}"))
                    .help(format!("move its target into the folder, or name {real} as a policy path"))
            }
            Why::Nowhere | Why::Entered => warning(format!("{shown} is not read: this symbolic link is broken"))
                .help("create its target, or remove the link"),
            Why::NoFile => warning(format!("{shown} is not read: it is not a regular file"))
                .help("replace it with a file, or rename it"),
        });
    }
    if let Some(more) = others.len().checked_sub(NAMED_AT_MOST).filter(|more| *more > 0) {
        out.push(warning(format!("{more} more entries are not read, for the same reasons")));
    }
    if !entered.is_empty() {
        let mut names: Vec<String> =
            entered.iter().take(NAMED_AT_MOST).map(|LeftOut { path, .. }| display_path(path, base)).collect();
        if let Some(more) = entered.len().checked_sub(NAMED_AT_MOST).filter(|more| *more > 0) {
            names.push(format!("and {more} more"));
        }
        let what = if entered.len() == 1 { "symbolic link is" } else { "symbolic links are" };
        let message = format!(
            "{} {what} not followed, because another path already leads to the folder: {}",
            entered.len(),
            names.join(", ")
        );
        out.push(warning(message).help("nothing is lost; remove the link, or move its target elsewhere"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_too_many_entries_is_named_and_the_others_are_walked() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, files) in [("few", 8), ("many", 10)] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
            for file in 0..files {
                std::fs::write(folder.path().join(name).join(format!("{file}.yaml")), "").expect("a file");
            }
        }
        let mut walk = Walk::with_limit(10);
        for name in ["many", "few"] {
            walk.folder(&folder.path().join(name), &|_| true);
        }
        assert_eq!(walk.endless, [folder.path().join("many")]);
        assert_eq!(walk.files.len(), 8, "{:?}", walk.files);
        assert!(walk.endless_because().contains("more than 10 files"), "{}", walk.endless_because());
    }
}
