//! Files that a run must not overwrite.

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::github_files::GithubFiles;
use crate::aws::named_files;
use crate::diagnostic::Sources;
use crate::files::{is_below, is_same_content};
use crate::report::ReportRequest;

/// Variables that name files which the AWS SDK reads, and its default paths below the home folder.
const AWS_FILES: [(&str, Option<&str>); 4] = [
    ("AWS_CONFIG_FILE", Some(".aws/config")),
    ("AWS_SHARED_CREDENTIALS_FILE", Some(".aws/credentials")),
    ("AWS_CA_BUNDLE", None),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", None),
];

/// Role of everything in a folder of Git.
const GIT_ROLE: &str = "it is part of the Git repository that this run reads";

/// A path that must keep its content until the run has ended.
#[derive(Debug, Clone)]
pub(super) struct ReservedPath {
    path: PathBuf,
    role: &'static str,
}

impl ReservedPath {
    /// A file that the run reads.
    pub(super) fn input(path: &Path) -> Self {
        Self { path: path.to_owned(), role: "this run reads it" }
    }

    /// A policy file of the settings, whether the run reads it or not.
    pub(super) fn policy(path: PathBuf) -> Self {
        Self { path, role: "it is a policy of driftline.toml" }
    }

    /// The saved inventory for commands that do not call AWS, whether the run reads it or not.
    pub(super) fn offline_inventory(path: &Path) -> Self {
        Self { path: path.to_owned(), role: "it is the saved inventory of driftline.toml" }
    }

    /// A folder of the Git repository that the run reads.
    pub(super) fn git_folder(path: &Path) -> Self {
        Self { path: path.to_owned(), role: GIT_ROLE }
    }

    /// The journal of an apply.
    pub(super) fn journal(path: &Path) -> Self {
        Self { path: path.to_owned(), role: "it is the journal of this run" }
    }

    /// The lock file of the run.
    pub(super) fn lock(path: PathBuf) -> Self {
        Self { path, role: "it is the lock file of this run" }
    }
}

/// Refuses outputs that would overwrite a source, a reserved path, or a file that the AWS SDK reads.
pub(super) fn ensure_not_overwritten(
    requests: &[ReportRequest],
    sources: &Sources,
    others: impl IntoIterator<Item = ReservedPath>,
) -> Result<(), CliError> {
    // Paths are shown relative to the working directory, and so lead to the files.
    let inputs = sources.all().map(|source| ReservedPath::input(Path::new(source.path())));
    let reserved: Vec<ReservedPath> = inputs.chain(others).chain(aws_files()).collect();
    let ensure_free = |output: &dyn Fn() -> String, overwrites: &dyn Fn(&ReservedPath) -> bool| match reserved
        .iter()
        .find(|reserved| overwrites(reserved))
    {
        Some(ReservedPath { role, .. }) => Err(CliError::InUse { output: output(), role }),
        None => Ok(()),
    };
    for ReportRequest { destination, .. } in requests {
        ensure_free(&|| destination.to_string(), &|reserved| match reserved.role {
            GIT_ROLE => destination.is_below(&reserved.path),
            _ => destination.writes_over(&reserved.path),
        })?;
    }
    for (variable, path) in GithubFiles::from_env(requests).named() {
        ensure_free(&|| format!("{} ({variable})", path.display()), &|reserved| match reserved.role {
            GIT_ROLE => is_below(path, &reserved.path),
            // The file is appended to, whatever its name.
            _ => is_same_content(path, &reserved.path),
        })?;
    }
    Ok(())
}

/// Files that the AWS SDK reads.
fn aws_files() -> Vec<ReservedPath> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let paths: Vec<PathBuf> = AWS_FILES
        .into_iter()
        .filter_map(|(variable, below_home)| {
            let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(below_home?)))
        })
        .collect();
    // A pipe can be read only once, and the connection to AWS needs that.
    let is_pipe = |path: &PathBuf| path.metadata().is_ok_and(|metadata| !metadata.is_file());
    let named = if paths.iter().any(is_pipe) { Vec::new() } else { named_files() };
    paths.iter().chain(&named).map(|path| ReservedPath::input(path)).collect()
}
