//! The clock of a run, where its readings come from, and digests of its files.

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where the time of a run comes from. Nothing else in the program asks the system for the time of day.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock.
    System,
    /// Always this moment: for tests and for runs that must repeat byte by byte.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => moment,
        }
    }

    /// The present day, in UTC.
    pub fn today(self) -> Date {
        self.now().to_zoned_datetime(TimeZone::UTC).date()
    }
}

/// Whether a moment is yet to come at another one: later by more than clocks explain that differ a little.
pub fn is_to_come(moment: Timestamp, now: Timestamp) -> bool {
    moment.duration_since(now) > SignedDuration::from_mins(10)
}

/// Where readings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// AWS, or what the endpoint variables name in its place.
    Aws,
    /// A simulated AWS, from a world file.
    Simulation,
}

/// The SHA-256 of some bytes, as `sha256:` and 64 hexadecimal digits.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().fold(String::from("sha256:"), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
