//! The repository that holds some paths, and a commit of it.

use std::path::{Component, Path, PathBuf};

use super::RevisionError;
use super::git::{run, said};

/// A commit of the repository that holds some paths.
#[derive(Debug)]
pub struct Revision {
    /// What the user calls it.
    pub(super) name: String,
    /// The full id of the commit.
    pub(super) commit: String,
    /// The root of the work tree, as the system itself names it.
    pub(super) root: PathBuf,
}

impl Revision {
    /// Finds the repository of the paths, and in it the commit that `name` stands for.
    pub fn find(name: &str, paths: &[PathBuf]) -> Result<Self, RevisionError> {
        // git would take it for an option.
        if name.is_empty() || name.starts_with('-') {
            return Err(RevisionError::NoName(name.to_owned()));
        }
        let mut found: Option<(PathBuf, &PathBuf)> = None;
        for path in paths {
            let root = root_of(path)?;
            match &found {
                Some((known, one)) if *known != root => {
                    let (one, other) = (one.display().to_string(), path.display().to_string());
                    return Err(RevisionError::TwoRepositories { one, other });
                }
                _ => found = Some((root, path)),
            }
        }
        let Some((root, _)) = found else { return Err(RevisionError::Unknown(name.to_owned())) };
        let asked = format!("{name}^{{commit}}");
        let output = run(&root, ["rev-parse", "--verify", "--quiet", asked.as_str()])?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || commit.is_empty() || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(RevisionError::Unknown(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), commit, root })
    }

    /// What the user calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The full id of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// A path below the root, with `/` between its parts, as git writes it; empty for the root itself.
    pub(super) fn below(&self, path: &Path) -> Result<String, RevisionError> {
        let real = real(path);
        let outside = |_| RevisionError::NoRepository {
            folder: path.display().to_string(),
            said: "it lies outside the work tree".to_owned(),
        };
        let below = real.strip_prefix(&self.root).map_err(outside)?;
        let parts = below.components().filter(|part| matches!(part, Component::Normal(_)));
        Ok(parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/"))
    }
}

/// The root of the work tree that holds a path, which need not exist any more.
fn root_of(path: &Path) -> Result<PathBuf, RevisionError> {
    let real = real(path);
    // A folder is asked from within, so that a repository in itself counts as what it is.
    let folder = real.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let output = run(folder, ["rev-parse", "--show-toplevel"])?;
    let unusable = |said| RevisionError::NoRepository { folder: folder.display().to_string(), said };
    if !output.status.success() {
        return Err(unusable(said(&output)));
    }
    let root = String::from_utf8(output.stdout).map_err(|_| unusable("its path is not UTF-8".to_owned()))?;
    let root = root.trim_end_matches(['\n', '\r']);
    if root.is_empty() {
        return Err(unusable("it has no work tree".to_owned()));
    }
    Path::new(root).canonicalize().map_err(|error| unusable(error.to_string()))
}

/// The path with the folders on the way to it resolved, as far as they exist. Its own name stays: what it is today says
/// nothing about what it was.
fn real(path: &Path) -> PathBuf {
    use path_clean::PathClean as _;
    // A path that ends in `..` has no name of its own.
    let path =
        if path.file_name().is_none() { path.canonicalize().unwrap_or_else(|_| path.clean()) } else { path.clean() };
    let Some(name) = path.file_name() else { return path };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut missing = vec![name.to_owned()];
    for ancestor in folder.ancestors() {
        let ancestor = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        if let Ok(known) = ancestor.canonicalize() {
            return missing.iter().rev().fold(known, |path, name| path.join(name));
        }
        missing.extend(ancestor.file_name().map(ToOwned::to_owned));
    }
    path
}
