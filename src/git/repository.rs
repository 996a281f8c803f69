//! The repository that holds some paths, and a commit of it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::RevisionError;
use super::command::{exception, first_error_line, run};
use super::tree::{Kind, Target, Tree};

/// A commit of the repository that holds some paths.
#[derive(Debug)]
pub struct Revision {
    /// The name given by the user.
    pub(super) name: String,
    /// The full id of the commit.
    pub(super) commit: String,
    /// The canonical root of the work tree.
    pub(super) root: PathBuf,
}

impl Revision {
    /// Finds the repository of the first of the `holders` that is in one, and the commit that `name` stands for in it.
    /// All paths must be in that repository: what a change names must not choose the repository. If no holder is in a
    /// repository, the paths decide.
    pub fn find(name: &str, holders: &[PathBuf], paths: &[PathBuf]) -> Result<Self, RevisionError> {
        // git would take it for an option.
        if name.is_empty() || name.starts_with('-') {
            return Err(RevisionError::NoName(name.to_owned()));
        }
        let mut found: Option<(PathBuf, &PathBuf)> = None;
        for holder in holders {
            match find_root(holder) {
                Ok(root) => {
                    found = Some((root, holder));
                    break;
                }
                Err(RevisionError::NoRepository { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for path in paths {
            let root = find_root(path)?;
            match &found {
                Some((known, one)) if *known != root => {
                    let (one, other) = (one.display().to_string(), path.display().to_string());
                    return Err(RevisionError::TwoRepositories { one, other });
                }
                _ => found = Some((root, path)),
            }
        }
        let Some((root, _)) = found else { return Err(RevisionError::Unknown(name.to_owned())) };
        let commit = find_commit(name, &root)?;
        let revision = Self { name: name.to_owned(), commit, root };
        revision.reject_new_repository()?;
        Ok(revision)
    }

    /// Rejects a submodule of today in the place of files that belonged to the outer repository at the revision.
    fn reject_new_repository(&self) -> Result<(), RevisionError> {
        let Some(Ok(root)) = self.root.parent().map(root_at) else { return Ok(()) };
        let Ok(commit) = find_commit(&self.name, &root) else { return Ok(()) };
        let outer = Self { name: self.name.clone(), commit, root };
        match outer.tree()?.resolve(&outer.below(&self.root)?, false)? {
            Target::To(entry) if entry.kind != Kind::Submodule => Err(RevisionError::NewRepository {
                path: format!("{}@{}", entry.path, self.name),
                outer: outer.root.display().to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// The tree of the commit.
    pub(super) fn tree(&self) -> Result<Tree<'_>, RevisionError> {
        Tree::open(&self.root, &self.commit)
    }

    /// The name given by the user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The full id of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The folders in which git keeps the repository, and the `.git` of the work tree, which may be a file.
    pub fn git_folders(&self) -> Vec<PathBuf> {
        let asked = ["--absolute-git-dir", "--git-common-dir"].into_iter().filter_map(|what| {
            let output = run(&self.root, ["rev-parse", what]).ok().filter(|output| output.status.success())?;
            let path = String::from_utf8(output.stdout).ok()?;
            Some(self.root.join(path.trim_end_matches(['\n', '\r'])))
        });
        asked.chain([self.root.join(".git")]).collect()
    }

    /// The path from the root, with `/` between its parts: as written, and empty for the root itself.
    pub(super) fn below(&self, path: &Path) -> Result<String, RevisionError> {
        use path_clean::PathClean as _;
        // A path that leads_above_start the root and returns to it is cleaned first.
        let way = parts_below(path, &self.root).filter(|way| !leads_above_start(way));
        let way = way.or_else(|| parts_below(&path.clean(), &self.root).filter(|way| !leads_above_start(way)));
        way.map(|parts| parts.join("/")).ok_or_else(|| RevisionError::NoRepository {
            folder: path.display().to_string(),
            said: "it is outside the work tree".to_owned(),
        })
    }
}

/// The root of the work tree that holds a folder.
///
/// # Errors
///
/// If it is in none that git may read.
pub fn work_tree(folder: &Path) -> Result<PathBuf, RevisionError> {
    find_root(folder)
}

/// The root of the work tree that holds a path, which need not exist any more. A link belongs to the work tree that it
/// is in, wherever it leads today.
fn find_root(path: &Path) -> Result<PathBuf, RevisionError> {
    let mut way = PathWalk::new(path);
    while let Some(step) = way.step() {
        let Step::Link(target) = step else { continue };
        match root_at(&way.at) {
            Err(RevisionError::NoRepository { .. }) => way.follow(&target),
            known => return known,
        }
    }
    root_at(&way.at)
}

/// The root of the work tree that holds a path without links in it.
///
/// Only the repository of a work tree answers: its `.git`, or what the `.git` file of a linked work tree or submodule names. Git
/// never checks out a path of that name, so what a commit contains cannot pose as the repository.
fn root_at(path: &Path) -> Result<PathBuf, RevisionError> {
    // git runs in the folder, so that a repository in itself counts as one.
    let folder = path.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let shown = || folder.display().to_string();
    let unusable = |said| RevisionError::NoRepository { folder: shown(), said };
    let asked = |folder: &Path, arguments: &[&str]| {
        let output = run(folder, arguments)?;
        if output.status.success() {
            let path = String::from_utf8(output.stdout).map_err(|_| unusable("its path is not UTF-8".to_owned()))?;
            return Ok(PathBuf::from(path.trim_end_matches(['\n', '\r'])));
        }
        let said = first_error_line(&output);
        Err(match exception(&output) {
            Some(exception) => RevisionError::OfAnotherUser { folder: shown(), said, exception },
            None => match said.strip_prefix("cannot use bare repository '").and_then(|rest| rest.split_once('\'')) {
                Some((repository, _)) => {
                    RevisionError::NotOfWorkTree { folder: shown(), repository: repository.to_owned() }
                }
                None => unusable(said),
            },
        })
    };
    let answering = asked(folder, &["rev-parse", "--absolute-git-dir"])?;
    let not_of_work_tree =
        || RevisionError::NotOfWorkTree { folder: shown(), repository: answering.display().to_string() };
    let root = asked(folder, &["rev-parse", "--show-toplevel"])?;
    if root.as_os_str().is_empty() {
        return Err(unusable("it has no work tree".to_owned()));
    }
    let root = root.canonicalize().map_err(|error| unusable(error.to_string()))?;
    // A `.git` file names the folder of a linked work tree or submodule.
    let dot_git = root.join(".git");
    let named = asked(&root, &["rev-parse", "--resolve-git-dir", &dot_git.to_string_lossy()]);
    let named = named.map_err(|_| not_of_work_tree())?;
    match (named.canonicalize(), answering.canonicalize()) {
        (Ok(named), Ok(answering)) if named == answering => Ok(root),
        _ => Err(not_of_work_tree()),
    }
}

/// The commit of a name, unless the name is ambiguous.
fn find_commit(name: &str, root: &Path) -> Result<String, RevisionError> {
    let (commit, is_ambiguous) = resolved(name, root)?.ok_or_else(|| RevisionError::Unknown(name.to_owned()))?;
    // The rest of a name such as `main~1` is a path from its commit.
    let end = name.find(['~', '^', ':']).or_else(|| name.find("@{")).unwrap_or(name.len());
    let (start, way) = name.split_at(end);
    let is_hexadecimal = start.len() >= 4 && start.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_ambiguous || (is_hexadecimal && matches!(start.len(), 40 | 64)) {
        // A full commit id wins over any branch of that name.
        return Ok(commit);
    }
    let mut candidates = Vec::new();
    for full in ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|kind| format!("{kind}{start}")) {
        if let Some((found, _)) = resolved(&format!("{full}{way}"), root)? {
            candidates.push((full, found));
        }
    }
    let differs = candidates.iter().any(|(_, found)| *found != commit);
    if is_hexadecimal && !differs {
        candidates.push((format!("the commit id that begins with {start}"), String::new()));
    } else if !differs {
        return Ok(commit);
    }
    let candidates = candidates.into_iter().map(|(full, found)| match found.get(..12) {
        Some(short) => format!("{full} is {short}"),
        None => full,
    });
    Err(RevisionError::Ambiguous { name: name.to_owned(), candidates: candidates.collect() })
}

/// The commit that git resolves a name to, and whether git calls the name ambiguous.
fn resolved(name: &str, root: &Path) -> Result<Option<(String, bool)>, RevisionError> {
    let asked = format!("{name}^{{commit}}");
    let output = run(root, ["rev-parse", "--verify", asked.as_str()])?;
    let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || commit.is_empty() || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    Ok(Some((commit, String::from_utf8_lossy(&output.stderr).contains("is ambiguous"))))
}

/// Limit of links on a path, against circles.
const MAX_LINKS: usize = 40;

/// A step of a path walk.
pub(super) enum Step {
    /// The walk is at the next folder, or at the end.
    Taken,
    /// The walk is before a link with this target.
    Link(PathBuf),
}

/// A walk along a path. Each link is shown before it is followed.
pub(super) struct PathWalk {
    /// The part that has been walked, with every link followed.
    pub(super) at: PathBuf,
    rest: VecDeque<OsString>,
    links: usize,
}

impl PathWalk {
    pub(super) fn new(path: &Path) -> Self {
        let mut way = Self { at: PathBuf::new(), rest: VecDeque::new(), links: 0 };
        way.begin(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        way
    }

    /// The next step. The walk stops before a link.
    pub(super) fn step(&mut self) -> Option<Step> {
        let part = self.rest.pop_front()?;
        if part == ".." {
            self.at.pop();
            return Some(Step::Taken);
        }
        let next = self.at.join(&part);
        match std::fs::read_link(&next) {
            Ok(target) if self.links < MAX_LINKS => Some(Step::Link(target)),
            _ => {
                self.at = next;
                Some(Step::Taken)
            }
        }
    }

    /// Follows the link that the walk is at.
    pub(super) fn follow(&mut self, target: &Path) {
        self.links += 1;
        self.begin(target);
    }

    fn begin(&mut self, path: &Path) {
        let mut parts = Vec::new();
        for part in path.components() {
            match part {
                Component::Prefix(_) => self.at = PathBuf::from(part.as_os_str()),
                Component::RootDir if self.at.as_os_str().is_empty() || path.is_absolute() => {
                    let prefix = self.at.components().next().filter(|part| matches!(part, Component::Prefix(_)));
                    self.at = prefix.map_or_else(PathBuf::new, |part| PathBuf::from(part.as_os_str()));
                    self.at.push(part.as_os_str());
                }
                Component::RootDir | Component::CurDir => {}
                Component::ParentDir | Component::Normal(_) => parts.push(part.as_os_str().to_owned()),
            }
        }
        parts.into_iter().rev().for_each(|part| self.rest.push_front(part));
    }
}

/// The parts of a path below a folder, as written: links below the folder are not followed.
pub(super) fn parts_below(path: &Path, root: &Path) -> Option<Vec<String>> {
    let mut way = PathWalk::new(path);
    loop {
        if way.at.canonicalize().is_ok_and(|at| at == root) {
            return Some(way.rest.iter().map(|part| part.to_string_lossy().into_owned()).collect());
        }
        if let Step::Link(target) = way.step()? {
            way.follow(&target);
        }
    }
}

/// Whether a relative path leads above its start.
pub(super) fn leads_above_start(way: &[String]) -> bool {
    let mut depth = 0_usize;
    way.iter().any(|part| match part.as_str() {
        ".." if depth == 0 => true,
        ".." => {
            depth -= 1;
            false
        }
        _ => {
            depth += 1;
            false
        }
    })
}
