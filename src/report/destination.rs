//! Destinations of reports: standard output, a file, or a folder.

use std::fmt;
use std::path::{Path, PathBuf};

use super::formats::{OWNER_MARK, is_asff_file, is_owner_file};
use crate::files::{self, FolderFiles, NewFile, WriteError};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    StandardOutput,
    /// A file, written whole or not at all.
    File(PathBuf),
    /// A folder, whose files of earlier reports are replaced by those of this one.
    Folder(PathBuf, FolderFormat),
}

/// A format whose reports are folders of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderFormat {
    /// Imports of findings in the AWS Security Finding Format.
    Asff,
    /// Texts to the owners of unread accounts.
    Owners,
}

impl FolderFormat {
    /// The files of such a folder.
    pub(crate) fn files(self) -> FolderFiles {
        match self {
            Self::Asff => FolderFiles { is_ours: is_asff_file, mark: "", new: NewFile::Ordinary },
            Self::Owners => FolderFiles { is_ours: is_owner_file, mark: OWNER_MARK, new: NewFile::Private },
        }
    }
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be written to {}: {}", .0.path, .0.cause)]
pub struct UnwritableReport(#[from] pub WriteError);

impl Destination {
    /// The destination of a name, which may be one for standard output: `-`, `/dev/stdout`, or the file that it goes to.
    pub fn named(path: &Path) -> Self {
        let is_spoken = path.as_os_str() == "-" || files::is_standard_output(path);
        if is_spoken { Self::StandardOutput } else { Self::File(path.to_owned()) }
    }

    /// Whether a report there and one here would be one, or one would take the place of the other. Different spellings and links
    /// may name one file.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::StandardOutput, Self::StandardOutput) => true,
            (Self::File(file), folder @ Self::Folder(..)) => folder.writes_over(file),
            (one, Self::File(other) | Self::Folder(other, _)) => one.writes_over(other),
            (other, Self::StandardOutput) => Self::StandardOutput.is_same_as(other),
        }
    }

    /// Whether a report there changes or removes a file.
    pub fn writes_over(&self, file: &Path) -> bool {
        match self {
            Self::StandardOutput => files::is_standard_output(file),
            Self::File(path) => files::is_same_place(path, file),
            // Files of earlier reports are replaced or removed in it.
            Self::Folder(path, format) => {
                files::is_same_place(path, file) || files::folder_takes(path, file, format.files())
            }
        }
    }

    /// Whether a report there changes anything in a folder.
    pub fn is_below(&self, folder: &Path) -> bool {
        match self {
            Self::StandardOutput => false,
            Self::File(path) | Self::Folder(path, _) => files::is_below(path, folder),
        }
    }

    /// Whether a report could be written there, tried before a long run starts.
    pub fn probe(&self) -> Result<(), UnwritableReport> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::File(path) => Ok(files::probe(path)?),
            Self::Folder(path, format) => Ok(files::probe_folder(path, format.files())?),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => out.pad("standard output"),
            Self::File(path) | Self::Folder(path, _) => path.display().fmt(out),
        }
    }
}
