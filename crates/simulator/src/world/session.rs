//! The Macie session of a target, as the world starts with it.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};

use crate::region::Region;

/// The status of a session that exists, as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SessionStatus {
    /// Macie works.
    Enabled,
    /// Macie is suspended.
    Paused,
}

/// How often Macie publishes updates of existing policy findings, as the API spells it.
///
/// Source: Amazon Macie API Reference, `FindingPublishingFrequency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every 6 hours.
    SixHours,
}

impl Frequency {
    pub(crate) const WORDS: &'static [&'static str] = &["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FifteenMinutes => "FIFTEEN_MINUTES",
            Self::OneHour => "ONE_HOUR",
            Self::SixHours => "SIX_HOURS",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::FifteenMinutes, Self::OneHour, Self::SixHours].into_iter().find(|frequency| frequency.as_str() == word)
    }
}

/// A session that exists from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionStart {
    pub(crate) status: SessionStatus,
    pub(crate) frequency: Frequency,
}

/// A session as written: `off`, or a mapping whose missing keys have the values that EnableMacie gives them.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenSession(pub(super) Option<SessionStart>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    status: SessionStatus,
    #[serde(default = "default_frequency", deserialize_with = "frequency")]
    finding_publishing_frequency: Frequency,
}

/// What EnableMacie uses if nothing is said. Source: the Terraform AWS provider's acceptance tests, run on live AWS.
impl Default for SessionStatus {
    fn default() -> Self {
        Self::Enabled
    }
}

/// What EnableMacie uses if nothing is said. Source: as for the status; the API reference does not say.
pub(crate) const DEFAULT_FREQUENCY: Frequency = Frequency::FifteenMinutes;

fn default_frequency() -> Frequency {
    DEFAULT_FREQUENCY
}

impl SessionStatus {
    pub(crate) const ALL: [Self; 2] = [Self::Paused, Self::Enabled];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Paused => "PAUSED",
        }
    }
}

fn frequency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Frequency, D::Error> {
    let word = String::deserialize(deserializer)?;
    Frequency::from_word(&word).ok_or_else(|| D::Error::unknown_variant(&word, Frequency::WORDS))
}

impl<'de> Deserialize<'de> for WrittenSession {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OffOrSettings;

        impl<'de> Visitor<'de> for OffOrSettings {
            type Value = WrittenSession;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("\"off\", or a mapping with status and finding_publishing_frequency")
            }

            // An unquoted `off` is a word in YAML 1.2 and false in YAML 1.1.
            fn visit_bool<E: Error>(self, on: bool) -> Result<Self::Value, E> {
                if on { Err(E::invalid_value(Unexpected::Bool(on), &self)) } else { Ok(WrittenSession(None)) }
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                if word == "off" {
                    Ok(WrittenSession(None))
                } else {
                    Err(E::invalid_value(Unexpected::Str(word), &self))
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let settings = Settings::deserialize(MapAccessDeserializer::new(map))?;
                let (status, frequency) = (settings.status, settings.finding_publishing_frequency);
                Ok(WrittenSession(Some(SessionStart { status, frequency })))
            }
        }

        deserializer.deserialize_any(OffOrSettings)
    }
}

/// Where a session is: a Region with Macie, or every one not named.
#[derive(Debug, Clone)]
pub(super) enum SessionPlace {
    Everywhere,
    In(Region),
}

impl<'de> Deserialize<'de> for SessionPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let region = Region::deserialize(StringDeserializer::new(text))?;
        if region.has_macie() {
            Ok(Self::In(region))
        } else {
            Err(D::Error::custom(format_args!("Macie does not exist in {region}")))
        }
    }
}
