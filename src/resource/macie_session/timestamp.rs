//! A moment that a session is said to have begun or changed at.

use std::fmt;
use std::num::NonZeroI64;
use std::str::FromStr;

use jiff::Timestamp;

/// A moment, in a third of the room that a timestamp takes where it may be absent: there are two in each of hundreds of
/// thousands of readings.
///
/// From 1677 to 2262, to the nanosecond, without the very beginning of 1970: Macie is younger, and nobody reads older times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompactTimestamp(NonZeroI64);

/// Why a text is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a moment is a time in RFC 3339, from 1677 to 2262")]
pub struct InvalidMoment;

impl CompactTimestamp {
    /// The moment of a timestamp, where it has one.
    pub fn from_timestamp(time: Timestamp) -> Option<Self> {
        i64::try_from(time.as_nanosecond()).ok().and_then(NonZeroI64::new).map(Self)
    }

    /// The timestamp of the moment.
    pub fn timestamp(self) -> Timestamp {
        // Every moment lies within what timestamps hold.
        Timestamp::from_nanosecond(self.0.get().into()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl FromStr for CompactTimestamp {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        text.parse().ok().and_then(Self::from_timestamp).ok_or(InvalidMoment)
    }
}

impl fmt::Display for CompactTimestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(out)
    }
}

impl fmt::Debug for CompactTimestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_timestamp_that_it_came_from() {
        for text in ["2026-01-01T00:00:00Z", "2026-11-22T15:13:07.062Z", "1969-12-31T23:59:59.999999999Z"] {
            let moment: CompactTimestamp = text.parse().expect("a moment");
            assert_eq!(moment.to_string(), text);
            assert_eq!(CompactTimestamp::from_timestamp(moment.timestamp()), Some(moment));
        }
        for none in ["1970-01-01T00:00:00Z", "2263-01-01T00:00:00Z", "yesterday", ""] {
            assert_eq!(none.parse::<CompactTimestamp>(), Err(InvalidMoment), "{none}");
        }
        assert_eq!(size_of::<Option<CompactTimestamp>>(), 8);
    }
}
