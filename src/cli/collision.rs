//! What a run writes is nothing that it reads, or keeps for itself.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::inputs::Inputs;
use crate::diagnostic::Sources;
use crate::files::is_same_place;
use crate::inventory::AccountsSource;
use crate::report::{Destination, Wanted, is_asff_file};

/// The variables that name files which the AWS SDK reads, and where it looks below the home without them.
const OF_AWS: [(&str, Option<&str>); 4] = [
    ("AWS_CONFIG_FILE", Some(".aws/config")),
    ("AWS_SHARED_CREDENTIALS_FILE", Some(".aws/credentials")),
    ("AWS_CA_BUNDLE", None),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", None),
];

/// A file that must stay as it is until the run has ended.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    path: PathBuf,
    role: &'static str,
}

impl Kept {
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

impl Inputs {
    /// Refuses outputs that would be written over files of the run: those that were read, the saved inventory, and others.
    pub(super) fn keep(&self, wanted: &[Wanted], others: &[Kept]) -> Result<(), Failure> {
        let inventory = match &self.settings.accounts {
            AccountsSource::Saved(path) => Some(Kept::input(path)),
            _ => None,
        };
        let others: Vec<Kept> = others.iter().cloned().chain(inventory).collect();
        keep(wanted, self.sources(), &others)
    }
}

/// The same for files that were read without becoming the inputs of a run.
pub(super) fn keep(wanted: &[Wanted], sources: &Sources, others: &[Kept]) -> Result<(), Failure> {
    // Paths are shown as they lead there from where the run is.
    let read = sources.all().map(|source| Kept::input(Path::new(source.path())));
    let kept: Vec<Kept> = read.chain(others.iter().cloned()).chain(of_aws()).collect();
    for Wanted { destination, .. } in wanted {
        if let Some(Kept { role, .. }) = kept.iter().find(|kept| writes_over(destination, &kept.path)) {
            return Err(Failure::InUse { destination: destination.clone(), role });
        }
    }
    Ok(())
}

fn writes_over(destination: &Destination, kept: &Path) -> bool {
    match destination {
        Destination::StandardOutput => false,
        Destination::File(path) => is_same_place(path, kept),
        // Files of earlier reports are replaced or removed in it.
        Destination::Folder(path) => {
            let is_ours = kept.file_name().and_then(|name| name.to_str()).is_some_and(is_asff_file);
            is_ours && kept.file_name().is_some_and(|name| is_same_place(&path.join(name), kept))
        }
    }
}

fn of_aws() -> impl Iterator<Item = Kept> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    OF_AWS.into_iter().filter_map(move |(variable, below_home)| {
        let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = named.or_else(|| Some(home.as_ref()?.join(below_home?)))?;
        Some(Kept::input(&path))
    })
}
