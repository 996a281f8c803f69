//! Destinations of reports: standard output, a file, or a folder.

use std::fmt;
use std::path::{Path, PathBuf};

use super::formats::is_asff_file;
use crate::files::{self, WriteError};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    StandardOutput,
    /// A file, written whole or not at all.
    File(PathBuf),
    /// A folder, whose files of earlier reports are replaced by those of this one.
    Folder(PathBuf),
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
            (Self::File(file), folder @ Self::Folder(_)) => folder.writes_over(file),
            (one, Self::File(other) | Self::Folder(other)) => one.writes_over(other),
            (other, Self::StandardOutput) => Self::StandardOutput.is_same_as(other),
        }
    }

    /// Whether a report there changes or removes a file.
    pub fn writes_over(&self, file: &Path) -> bool {
        match self {
            Self::StandardOutput => files::is_standard_output(file),
            Self::File(path) => files::is_same_place(path, file),
            // Files of earlier reports are replaced or removed in it.
            Self::Folder(path) => files::is_same_place(path, file) || files::folder_takes(path, file, is_asff_file),
        }
    }

    /// Whether a report there changes anything in a folder.
    pub fn is_below(&self, folder: &Path) -> bool {
        match self {
            Self::StandardOutput => false,
            Self::File(path) | Self::Folder(path) => files::is_below(path, folder),
        }
    }

    /// Whether a report could be written there, tried before a long run starts.
    pub fn probe(&self) -> Result<(), UnwritableReport> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::File(path) => Ok(files::probe(path)?),
            Self::Folder(path) => Ok(files::probe_folder(path, is_asff_file)?),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => out.pad("standard output"),
            Self::File(path) | Self::Folder(path) => path.display().fmt(out),
        }
    }
}
