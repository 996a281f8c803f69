//! Walk of a folder: each real folder is entered once, and what symbolic links lead to is settled before it is entered.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::display_path;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// A folder with more entries below it than these is not walked to its end: nobody keeps policies among so many, and a folder such as
/// the root of a file system has no end worth the wait.
const ENTRIES_AT_MOST: usize = 250_000;

/// More entries of one kind than these are counted, not named one by one.
const NAMED_AT_MOST: usize = 20;

/// The files of one or more folders.
#[derive(Debug)]
pub struct Walk {
    /// The files, in the order of the walk.
    pub files: Vec<PathBuf>,
    /// What is not read although it may contain what is searched for.
    pub left_out: Vec<LeftOut>,
    /// What the system refuses to show.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    /// Folders that have too many entries. Nothing below them is among the files.
    pub endless: Vec<PathBuf>,
    /// How many entries a folder may have.
    most: usize,
    /// How many are left of them for the folder that is walked.
    left: usize,
    /// The real paths of the folders that were entered.
    entered: BTreeSet<PathBuf>,
}

/// An entry of a folder that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry.
    pub path: PathBuf,
    /// Why it is not read.
    pub why: Why,
}

/// Why an entry of a folder is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is a link that leads out of the folder, to this path.
    Outside(PathBuf),
    /// It is a link that leads nowhere, or in a circle.
    Nowhere,
    /// It is a link to a folder that was entered by another path.
    Entered,
    /// It is a pipe, a device or a socket.
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
        Self::of_at_most(ENTRIES_AT_MOST)
    }
}

impl Walk {
    fn of_at_most(most: usize) -> Self {
        let (files, left_out, unreadable, endless) = Default::default();
        Self { files, left_out, unreadable, endless, most, left: 0, entered: BTreeSet::new() }
    }

    /// Walks a folder. `is_wanted` judges a file by its path below the folder; hidden files and folders are passed over.
    ///
    /// Real folders come first, then links to folders of the tree that no other path leads to, as in a mounted Kubernetes
    /// ConfigMap. However many links there are, the walk takes as long as the tree is large, and it ends where that is too large.
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
            // What was found so far is of no use, and may be a flood.
            self.files.truncate(before.0);
            self.left_out.truncate(before.1);
            self.unreadable.truncate(before.2);
            self.endless.push(root.to_owned());
        }
    }

    /// What is said of each folder that has too many entries, after its name.
    pub fn endless_because(&self) -> String {
        format!("it has more than {} files and folders below it, the most that driftline looks through", self.most)
    }

    /// The entries that are still left out once every folder is walked: what one folder leaves out another may hold.
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
                    let cause = error.into_io_error().unwrap_or_else(|| io::Error::other("it cannot be looked into"));
                    self.unreadable.push((path, cause));
                    continue;
                }
            };
            // A folder that is named is walked, hidden or not.
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

    /// Whether a folder is entered for the first time.
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
            // It may hide what is searched for.
            Err(error) => self.unreadable.push((path, error)),
        }
    }
}

/// Whether a link has no end: nothing is there, or it leads in a circle.
fn is_without_end(error: &io::Error) -> bool {
    // The kind for a circle is not stable yet; it is ELOOP, on every Unix under another number.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || error.to_string().to_ascii_lowercase().contains("symbolic link")
}

/// Warns of what a walk leaves out, by name.
pub fn warn_of_left_out(left_out: &[LeftOut], base: &Path, out: &mut Diagnostics) {
    let warning = |message: String| Diagnostic::warning(Code::FileLeftOut, message);
    let (entered, others): (Vec<_>, Vec<_>) = left_out.iter().partition(|entry| entry.why == Why::Entered);
    for LeftOut { path, why } in others.iter().take(NAMED_AT_MOST) {
        let shown = display_path(path, base);
        out.push(match why {
            Why::Outside(real) => {
                let real = display_path(real, base);
                warning(format!("{shown} is not read: this symbolic link leads out of its folder, to {real}"))
                    .help(format!("move what it leads to into the folder, or name {real} as a policy path of its own"))
            }
            Why::Nowhere | Why::Entered => warning(format!("{shown} is not read: this symbolic link leads nowhere"))
                .help("create what it leads to, or remove the link"),
            Why::NoFile => warning(format!("{shown} is not read: it is not a regular file"))
                .help("replace it by a file, or give it another name"),
        });
    }
    if let Some(more) = others.len().checked_sub(NAMED_AT_MOST).filter(|more| *more > 0) {
        out.push(warning(format!("{more} more entries of the folders are not read, for the same reasons")));
    }
    if !entered.is_empty() {
        let mut names: Vec<String> =
            entered.iter().take(NAMED_AT_MOST).map(|LeftOut { path, .. }| display_path(path, base)).collect();
        if let Some(more) = entered.len().checked_sub(NAMED_AT_MOST).filter(|more| *more > 0) {
            names.push(format!("and {more} more"));
        }
        let what = if entered.len() == 1 { "symbolic link is" } else { "symbolic links are" };
        let message = format!(
            "{} {what} not entered, as the folder is read by another path: {}",
            entered.len(),
            names.join(", ")
        );
        out.push(warning(message).help("nothing is lost; remove the link, or keep what it leads to elsewhere"));
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
        let mut walk = Walk::of_at_most(10);
        for name in ["many", "few"] {
            walk.folder(&folder.path().join(name), &|_| true);
        }
        assert_eq!(walk.endless, [folder.path().join("many")]);
        assert_eq!(walk.files.len(), 8, "{:?}", walk.files);
        assert!(walk.endless_because().contains("more than 10 files"), "{}", walk.endless_because());
    }
}
