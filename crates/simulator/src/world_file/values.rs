//! Values of a world file with their places, and the errors that name a place.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_yaml::{DefaultMessageFormatter, Location, MessageFormatter as _, Spanned};

use crate::operation::OperationPattern;
use crate::region::Region;
use crate::world::policy::ActionPattern;

/// A mapping whose keys keep their places, in the order of the file.
#[derive(Debug)]
pub(crate) struct Entries<K, V>(pub(crate) Vec<(Spanned<K>, V)>);

/// A Region that must be opted into.
#[derive(Debug, Clone)]
pub(crate) struct OptInRegion(pub(crate) Region);

/// A length of time, such as `100ms` or `2s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause(pub(crate) Duration);

/// The offset of a clock, such as `10m` or `-10m`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockOffset(pub(crate) SignedDuration);

/// A moment, such as `2025-01-31T12:00:00Z`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) Timestamp);

/// A number of things.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count(pub(crate) u32);

/// A pattern of operations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operations(pub(crate) OperationPattern);

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Entries<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for InOrder<K, V> {
            type Value = Entries<K, V>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

impl<'de> Deserialize<'de> for OptInRegion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let region = Region::deserialize(deserializer)?;
        if region.is_opt_in() {
            Ok(Self(region))
        } else {
            Err(D::Error::custom(format_args!("{region} is no opt-in Region of the accounts here")))
        }
    }
}

impl<'de> Deserialize<'de> for Pause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let length: SignedDuration = parsed::<SignedDuration, D>(deserializer)?;
        Duration::try_from(length).map(Self).map_err(|_| D::Error::custom("a length of time cannot be negative"))
    }
}

impl<'de> Deserialize<'de> for ClockOffset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<SignedDuration, D>(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<Timestamp, D>(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let count = text.parse().map(Self);
        count.map_err(|_| D::Error::custom(format_args!("{text:?} is no count: a whole number from 0 to {}", u32::MAX)))
    }
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<OperationPattern, D>(deserializer).map(Self)
    }
}

/// A value parsed from a string.
pub(crate) fn parsed<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| D::Error::custom(format_args!("{text:?}: {error}")))
}

/// The place of an error in a world file.
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

/// A value that contradicts others or a rule, with its place in the file.
#[derive(Debug)]
pub(crate) struct Contradiction {
    pub(crate) at: Location,
    pub(crate) cause: String,
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
    pub(crate) fn malformed(file: &str, error: &serde_yaml::Error) -> Self {
        let cause = DefaultMessageFormatter.format_message(error.without_snippet()).into_owned();
        Self { place: Place::new(file, error.location()), cause: on_one_line(&cause) }
    }

    pub(crate) fn contradictory(file: &str, contradiction: Contradiction) -> Self {
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

impl<'de> Deserialize<'de> for ActionPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<Self, D>(deserializer)
    }
}
