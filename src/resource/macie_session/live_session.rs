//! A live session: its values, and the types that hold them.

use std::fmt;
use std::num::NonZeroI64;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{AccountId, SettingId, Unread, Value};
use crate::resource::SettingReading;

/// A session that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whether it monitors.
    pub status: LiveStatus,
    /// How often it publishes updates of policy findings.
    pub frequency: Frequency,
    /// ARN of the role that Macie uses, as AWS gives it.
    pub service_role: Option<Arc<str>>,
    /// When Macie was enabled.
    pub created_at: Option<CompactTimestamp>,
    /// When status or settings last changed.
    pub updated_at: Option<CompactTimestamp>,
    /// What of the answer could not be understood and is left out here: nothing that is compared.
    pub note: Option<Arc<str>>,
    /// The settings that other calls read, in rule order; `None` where there were none to make.
    pub further: Option<Box<[(SettingId, SettingReading)]>>,
}

impl LiveSession {
    /// Adds settings that other calls have read.
    pub fn add(&mut self, readings: impl IntoIterator<Item = (SettingId, SettingReading)>) {
        let mut further: Vec<_> = self.further.take().into_iter().flatten().chain(readings).collect();
        further.sort_by_key(|(setting, _)| *setting);
        self.further = (!further.is_empty()).then(|| further.into());
    }

    /// Whether other calls have read a setting, or could not.
    pub fn has(&self, setting: SettingId) -> bool {
        self.further.iter().flatten().any(|(known, _)| *known == setting)
    }

    /// Makes those of these settings unread that have not been read.
    pub fn end_reading(&mut self, settings: impl Iterator<Item = SettingId>, why: &Unread) {
        let why = Arc::new(why.clone());
        let missing: Vec<_> = settings.filter(|setting| !self.has(*setting)).collect();
        self.add(missing.into_iter().map(|setting| (setting, SettingReading::Unread(Arc::clone(&why)))));
    }
}

/// A session as the administrator's list of members has it.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedSession {
    /// Whether it monitors.
    pub status: LiveStatus,
    /// Who says so.
    pub administrator: AccountId,
}

/// The status of a session that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// `ENABLED`.
    Enabled,
    /// `PAUSED`.
    Paused,
}

impl LiveStatus {
    /// The status as a value of the setting.
    pub fn as_status(self) -> Status {
        match self {
            Self::Enabled => Status::Enabled,
            Self::Paused => Status::Paused,
        }
    }
}

/// Whether Macie is on in a target.
///
/// Source: Amazon Macie API Reference, GetMacieSession: `status` is `ENABLED` or `PAUSED`; an account without a session
/// answers with an error, for which driftline's own word is `NOT_ENABLED`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Macie monitors.
    Enabled,
    /// Macie is suspended: its settings and findings are kept for a while.
    Paused,
    /// There is no session.
    NotEnabled,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The status as a value of the setting.
    pub fn value(self) -> Value {
        Value::Word(self.as_str())
    }

    /// The status that a value of the setting stands for.
    pub fn from_value(value: &Value) -> Option<Self> {
        value.text().parse().ok()
    }
}

/// How often updates of existing policy findings are published.
///
/// Source: Amazon Macie API Reference, `FindingPublishingFrequency`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every 6 hours.
    SixHours,
}

impl Frequency {
    /// The word for it, as the API spells it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The frequency that a word of the API stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// The frequency as a value of the setting.
    pub fn value(self) -> Value {
        Value::Word(self.as_str())
    }

    /// The frequency that a value of the setting stands for.
    pub fn from_value(value: &Value) -> Option<Self> {
        Self::from_word(&value.text())
    }
}

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
