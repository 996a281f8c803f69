//! What a run writes is nothing that it reads, or keeps for itself.

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::github_files::GithubFiles;
use super::workspace::LoadedConfig;
use crate::aws::named_files;
use crate::diagnostic::Sources;
use crate::files::{is_below, is_same_content};
use crate::inventory::AccountsSource;
use crate::report::ReportRequest;

/// The variables that name files which the AWS SDK reads, and where it looks below the home without them.
const OF_AWS: [(&str, Option<&str>); 4] = [
    ("AWS_CONFIG_FILE", Some(".aws/config")),
    ("AWS_SHARED_CREDENTIALS_FILE", Some(".aws/credentials")),
    ("AWS_CA_BUNDLE", None),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", None),
];

/// What everything in a folder of Git is.
const OF_GIT: &str = "it is part of the Git repository that this run reads";

/// A file that must stay as it is until the run has ended.
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

    /// The journal of an apply.
    pub(super) fn journal(path: &Path) -> Self {
        Self { path: path.to_owned(), role: "it is the journal of this run" }
    }

    /// The file that keeps another run away.
    pub(super) fn lock(path: PathBuf) -> Self {
        Self { path, role: "it is the lock file of this run" }
    }
}

impl LoadedConfig {
    /// Refuses outputs that would be written over files of the run: those that were read, the saved inventory, and others.
    pub(super) fn keep(&self, wanted: &[ReportRequest], others: &[ReservedPath]) -> Result<(), CliError> {
        let inventory = match &self.settings.accounts {
            AccountsSource::Saved(path) => Some(ReservedPath::input(path)),
            _ => None,
        };
        let others: Vec<ReservedPath> = others.iter().cloned().chain(inventory).collect();
        self.keep_but_inventory(wanted, &others)
    }

    /// The same but for the saved inventory, for the command that makes it.
    pub(super) fn keep_but_inventory(&self, wanted: &[ReportRequest], others: &[ReservedPath]) -> Result<(), CliError> {
        let policies = self
            .settings_policies()
            .into_iter()
            .map(|path| ReservedPath { path, role: "it is a policy of driftline.toml" });
        let git = self.git_folders.iter().map(|path| ReservedPath { path: path.clone(), role: OF_GIT });
        let others: Vec<ReservedPath> = others.iter().cloned().chain(policies).chain(git).collect();
        keep(wanted, self.sources(), &others)
    }
}

/// The same for files that were read without becoming the inputs of a run.
pub(super) fn keep(wanted: &[ReportRequest], sources: &Sources, others: &[ReservedPath]) -> Result<(), CliError> {
    // Paths are shown as they lead there from where the run is.
    let read = sources.all().map(|source| ReservedPath::input(Path::new(source.path())));
    let kept: Vec<ReservedPath> = read.chain(others.iter().cloned()).chain(of_aws()).collect();
    for ReportRequest { destination, .. } in wanted {
        let is_in_the_way = |kept: &&ReservedPath| match kept.role {
            OF_GIT => destination.is_below(&kept.path),
            _ => destination.writes_over(&kept.path),
        };
        if let Some(ReservedPath { role, .. }) = kept.iter().find(is_in_the_way) {
            return Err(CliError::InUse { output: destination.to_string(), role });
        }
    }
    for (variable, path) in GithubFiles::of(wanted).named() {
        let is_in_the_way = |kept: &&ReservedPath| match kept.role {
            OF_GIT => is_below(path, &kept.path),
            // It is added to, under all its names.
            _ => is_same_content(path, &kept.path),
        };
        if let Some(ReservedPath { role, .. }) = kept.iter().find(is_in_the_way) {
            return Err(CliError::InUse { output: format!("{} ({variable})", path.display()), role });
        }
    }
    Ok(())
}

fn of_aws() -> Vec<ReservedPath> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let paths: Vec<PathBuf> = OF_AWS
        .into_iter()
        .filter_map(|(variable, below_home)| {
            let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(below_home?)))
        })
        .collect();
    // A pipe can be read once, and that is for the way to AWS.
    let is_read_twice = |path: &PathBuf| path.metadata().is_ok_and(|metadata| !metadata.is_file());
    let named = if paths.iter().any(is_read_twice) { Vec::new() } else { named_files() };
    paths.iter().chain(&named).map(|path| ReservedPath::input(path)).collect()
}
