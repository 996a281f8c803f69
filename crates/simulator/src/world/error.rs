//! What can be wrong with a world file.

use std::fmt;

use serde_yaml::{DefaultMessageFormatter, Location, MessageFormatter as _};

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

/// The error for a world file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause}")]
pub struct WorldError {
    place: Place,
    cause: String,
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
        Self { place: Place::new(file, error.location()), cause: on_one_line(&cause) }
    }

    pub(super) fn contradictory(file: &str, contradiction: Contradiction) -> Self {
        let Contradiction { at, cause } = contradiction;
        Self { place: Place::new(file, Some(at)), cause: on_one_line(&cause) }
    }

    /// The place of the error.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// The text on one line, without characters that steer a terminal or cannot be seen.
fn on_one_line(text: &str) -> String {
    let escape = |character: char| -> String {
        let is_plain = !character.is_control() && !is_invisible(character);
        if is_plain { character.to_string() } else { character.escape_default().to_string() }
    };
    text.chars().map(escape).collect()
}

/// Whether a character is ignorable, or directs the writing.
///
/// Source: Unicode Character Database, DerivedCoreProperties.txt, `Default_Ignorable_Code_Point`; the Unicode Standard, 23.8
/// "Specials", for the interlinear annotations.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
