//! Replacing a file by a new one: found possible before, as far as that can be told.

use std::fs::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::WriteErrorKind;
use super::ownership::{NewFile, keep, may_replace};
use super::temporary::{Existing, Temporary, clean};

/// A regular file that is to be written, there already or not.
#[derive(Debug)]
pub(super) struct Replaced {
    path: PathBuf,
    folder: PathBuf,
    there: Option<Metadata>,
}

/// Whether a file outlasts a loss of power from the moment that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    Synced,
    /// It may be cut off: for one file of very many, since a wait for the disk at each takes minutes.
    Unsynced,
}

impl Replaced {
    /// Looks whether the system would let a new file take this name.
    pub(super) fn at(path: PathBuf, there: Option<Metadata>) -> Result<Self, WriteErrorKind> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let about = folder.metadata()?;
        if let Some(there) = &there {
            may_replace(there, &about)?;
            marks(&path)?;
        }
        if marks(&folder).is_err_and(|error| matches!(error, WriteErrorKind::Unchangeable(_))) {
            return Err(WriteErrorKind::Unchangeable(folder));
        }
        Ok(Self { path, folder, there })
    }

    /// That there is no file yet.
    pub(super) fn none_yet(self) -> Result<Self, WriteErrorKind> {
        if self.there.is_some() { Err(WriteErrorKind::Exists) } else { Ok(self) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tries what the writing does, up to where something would change.
    pub(super) fn probe(&self) -> Result<(), WriteErrorKind> {
        clean(&self.folder);
        let temporary = Temporary::in_folder(&self.folder, NewFile::Private)?;
        Ok(temporary.try_name(&self.folder)?)
    }

    /// Writes the whole file or nothing: beside it, and only then in its place.
    pub(super) fn write(
        self,
        new: NewFile,
        existing: Existing,
        durability: Durability,
        draw: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let temporary = Temporary::in_folder(&self.folder, self.first_mode(new))?;
        let mut out = io::BufWriter::with_capacity(64 * 1024, temporary.file());
        draw(&mut out)?;
        out.flush()?;
        drop(out);
        if let Some(there) = &self.there {
            keep(temporary.file(), self.path.as_path(), there)?;
        }
        if durability == Durability::Synced {
            temporary.file().sync_all()?;
        }
        temporary.persist(&self.path, &self.folder, existing)
    }

    /// Until it has the mode of the one that it replaces, nobody else reads it.
    fn first_mode(&self, new: NewFile) -> NewFile {
        if self.there.is_some() { NewFile::Private } else { new }
    }
}

/// What the system says of a file beside its mode: mounted by itself, or not to be changed.
#[cfg(target_os = "linux")]
fn marks(path: &Path) -> Result<(), WriteErrorKind> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // Old kernels do not tell.
    let Ok(told) = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS) else { return Ok(()) };
    if told.stx_attributes.intersects(StatxAttributes::IMMUTABLE | StatxAttributes::APPEND) {
        return Err(WriteErrorKind::Unchangeable(path.to_owned()));
    }
    if told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT) {
        return Err(WriteErrorKind::Mounted);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn marks(_: &Path) -> Result<(), WriteErrorKind> {
    Ok(())
}
