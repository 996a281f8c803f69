//! What can be wrong with a world file.

use std::fmt;

use serde_yaml::{DefaultMessageFormatter, Location, MessageFormatter as _};

use crate::diagnostic::on_one_line;
use crate::files::ReadError;

/// Where in a world file a mistake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the file, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column, counted from 1 in characters.
    pub column: u64,
}

/// Why a world file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The file cannot be read.
    #[error("cannot read the world file {file}: {source}")]
    Unreadable {
        /// The name of the file, as it was given.
        file: String,
        /// Why.
        source: ReadError,
    },
    /// The file is not YAML, or not of the shape of a world.
    #[error("{place}: {cause}")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong there.
        cause: String,
    },
    /// The file says something that cannot be so.
    #[error("{place}: {cause}")]
    Contradictory {
        /// Where.
        place: Place,
        /// What is wrong there.
        cause: String,
    },
}

/// Something that cannot be so, before the name of the file is known.
#[derive(Debug)]
pub(super) struct Contradiction {
    pub(super) at: Location,
    pub(super) cause: String,
}

impl Place {
    fn new(file: &str, at: Option<Location>) -> Self {
        // An empty file has no place of its own.
        let (line, column) = at.map_or((1, 1), |at| (at.line().max(1), at.column().max(1)));
        Self { file: file.to_owned(), line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl WorldError {
    pub(super) fn malformed(file: &str, error: &serde_yaml::Error) -> Self {
        let cause = DefaultMessageFormatter.format_message(error.without_snippet()).into_owned();
        Self::Malformed { place: Place::new(file, error.location()), cause: on_one_line(&cause) }
    }

    pub(super) fn contradictory(file: &str, contradiction: Contradiction) -> Self {
        let Contradiction { at, cause } = contradiction;
        Self::Contradictory { place: Place::new(file, Some(at)), cause: on_one_line(&cause) }
    }

    /// Where the mistake is, if the file could be read.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Malformed { place, .. } | Self::Contradictory { place, .. } => Some(place),
        }
    }
}
