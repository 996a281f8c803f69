//! Policy files at a revision.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::RevisionError;
use super::repository::Revision;
use super::tree::{Entry, Kind, Target, Tree};
use crate::document::{MAX_BYTES, Syntax, display_path};
use crate::policy::{Content, PolicyFile, language_in_folder};

/// The policy files below some paths at a revision.
#[derive(Debug, Default)]
pub struct RevisionFiles {
    /// The files, sorted by display path: `PATH@REVISION`.
    pub files: Vec<PolicyFile>,
    /// Paths that did not exist at the revision.
    pub absent: Vec<PathBuf>,
    /// Display paths of what was not read: submodules, and links that lead out of their folder.
    pub left_out: Vec<String>,
}

impl Revision {
    /// The policy files of the paths at the revision, by the rules for files on disk. Display paths are relative to
    /// `base`.
    pub fn policies(&self, paths: &[PathBuf], base: &Path) -> Result<RevisionFiles, RevisionError> {
        let mut past = RevisionFiles::default();
        let mut walk = Walk::default();
        let mut tree = self.tree()?;
        for path in paths {
            let way = self.below(path)?;
            let at = |path: &str| format!("{path}@{}", self.name);
            match tree.resolve(&way, false)? {
                Target::Out(link) | Target::Nowhere { path: link, by_link: true } => {
                    return Err(RevisionError::Link(at(&link)));
                }
                Target::Nowhere { .. } => past.absent.push(path.clone()),
                Target::To(entry) => match entry.kind {
                    Kind::Link => return Err(RevisionError::Link(at(&entry.path))),
                    Kind::Submodule => return Err(RevisionError::Submodule(at(&entry.path))),
                    Kind::Folder => walk.folder(&mut tree, &entry.path, path)?,
                    // A file of another type: either the current run reports it, or it is a folder today and was no
                    // policy.
                    Kind::File => {
                        if let Some(language) = Syntax::from_path(Path::new(&entry.path)) {
                            walk.take(entry, language, path.clone());
                        }
                    }
                },
            }
        }
        for (path, real) in &walk.left_out {
            let is_read = |real: &String| walk.files.contains_key(real) || walk.entered.contains(real);
            if !real.as_ref().is_some_and(is_read) {
                past.left_out.push(self.shown(path, base));
            }
        }
        for (entry, language, path) in walk.files.into_values() {
            let content = tree.blobs.content(&entry, MAX_BYTES)?.map_or(Content::TooLarge, Content::InMemory);
            past.files.push(PolicyFile { shown: self.shown(&path, base), language, content });
        }
        past.files.sort_by(|one, two| one.shown.cmp(&two.shown));
        past.left_out.sort();
        past.left_out.dedup();
        Ok(past)
    }

    /// A single file as it was, with its path as shown; `None` if there was none at that path, or none that this repository
    /// holds. Links are followed as they were.
    ///
    /// # Errors
    ///
    /// If git cannot tell, the file has more than `at_most` bytes, or a link or submodule led to what the repository does not hold.
    pub fn file(&self, path: &Path, base: &Path, at_most: u64) -> Result<Option<(String, Vec<u8>)>, RevisionError> {
        let Ok(way) = self.below(path) else { return Ok(None) };
        let mut tree = self.tree()?;
        let at = |path: &str| format!("{path}@{}", self.name);
        let entry = match tree.resolve(&way, true)? {
            Target::To(entry) if entry.kind == Kind::File => entry,
            Target::To(entry) if entry.kind == Kind::Submodule => {
                return Err(RevisionError::Submodule(at(&entry.path)));
            }
            // What was behind it at the revision is unknown; today it may be anything.
            Target::Out(link) => return Err(RevisionError::Link(at(&link))),
            Target::Nowhere { by_link: true, .. } => return Err(RevisionError::Link(at(&way))),
            Target::To(_) | Target::Nowhere { .. } => return Ok(None),
        };
        let shown = self.shown(path, base);
        let content = tree.blobs.content(&entry, at_most)?;
        content.map(|content| Some((shown.clone(), content))).ok_or(RevisionError::TooLarge(shown))
    }

    /// A folder as a run at the revision would have found it: its path, links followed as they were. `None` if it lies outside
    /// the work tree.
    pub fn folder(&self, path: &Path) -> Result<Option<PathBuf>, RevisionError> {
        let Ok(way) = self.below(path) else { return Ok(None) };
        let at = |path: &str| format!("{path}@{}", self.name);
        match self.tree()?.resolve(&way, true)? {
            Target::To(entry) if entry.kind == Kind::Submodule => Err(RevisionError::Submodule(at(&entry.path))),
            Target::Out(link) | Target::Nowhere { path: link, by_link: true } => Err(RevisionError::Link(at(&link))),
            Target::To(Entry { path, .. }) | Target::Nowhere { path, .. } => Ok(Some(self.root.join(path))),
        }
    }

    /// The root of the work tree, as the system itself names it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The display path of today, followed by the revision.
    fn shown(&self, path: &Path, base: &Path) -> String {
        use path_clean::PathClean as _;
        format!("{}@{}", display_path(&path.clean(), base), self.name)
    }
}

/// Result of walking folders of a tree, by the rules of [`crate::document::Walk`].
#[derive(Default)]
struct Walk {
    /// By path: a file that is reached twice is one file.
    files: BTreeMap<String, (Entry, Syntax, PathBuf)>,
    /// Paths of the folders that were entered, links followed.
    entered: BTreeSet<String>,
    /// What was not read, with the target of a link.
    left_out: Vec<(PathBuf, Option<String>)>,
}

impl Walk {
    fn take(&mut self, entry: Entry, language: Syntax, path: PathBuf) {
        self.files.entry(entry.path.clone()).or_insert((entry, language, path));
    }

    /// Walks a folder, whose display path is `path`. Real folders come first, then links to folders in it.
    fn folder(&mut self, tree: &mut Tree<'_>, inside: &str, path: &Path) -> Result<(), RevisionError> {
        let mut linked = VecDeque::from([(inside.to_owned(), PathBuf::new())]);
        while let Some((folder, below)) = linked.pop_front() {
            let mut real = vec![(folder, below)];
            while let Some((folder, below)) = real.pop() {
                if !self.entered.insert(folder.clone()) {
                    continue;
                }
                for child in tree.children(&folder)? {
                    let name = child.path.rsplit('/').next().unwrap_or_default();
                    let below = below.join(name);
                    match child.kind {
                        // Hidden files are ignored on disk, too.
                        _ if name.starts_with('.') => {}
                        Kind::Folder => real.push((child.path, below)),
                        Kind::File => {
                            if let Some(language) = language_in_folder(&below) {
                                self.take(child, language, path.join(&below));
                            }
                        }
                        Kind::Submodule => self.left_out.push((path.join(&below), None)),
                        Kind::Link => self.link(tree.resolve(&child.path, true)?, inside, path, below, &mut linked),
                    }
                }
            }
        }
        Ok(())
    }

    fn link(
        &mut self,
        led: Target,
        inside: &str,
        path: &Path,
        below: PathBuf,
        linked: &mut VecDeque<(String, PathBuf)>,
    ) {
        let is_inside = |path: &str| {
            let rest = path.strip_prefix(inside);
            inside.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match (led, language_in_folder(&below)) {
            (Target::To(entry), _) if entry.kind == Kind::Folder && is_inside(&entry.path) => {
                linked.push_back((entry.path, below));
            }
            (Target::To(entry), None) if entry.kind == Kind::File => {}
            (Target::To(entry), Some(language)) if entry.kind == Kind::File && is_inside(&entry.path) => {
                self.take(entry, language, path.join(&below));
            }
            (Target::To(entry), _) => self.left_out.push((path.join(&below), Some(entry.path))),
            (Target::Nowhere { .. }, None) => {}
            (Target::Nowhere { .. } | Target::Out(_), _) => self.left_out.push((path.join(&below), None)),
        }
    }
}
