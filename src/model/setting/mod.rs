//! The settings of a Macie session that a policy can declare, one file per setting.
//!
//! A new setting is a new file beside `status.rs`, a variant of [`SettingValue`], and an entry in [`Setting::ALL`].

mod frequency;
mod status;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use frequency::Frequency;
pub use status::Status;

/// A setting that a declaration can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Whether Macie is on.
    Status,
    /// How often updates of policy findings are published.
    FindingPublishingFrequency,
}

/// A value of some setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingValue {
    /// A value of `status`.
    Status(Status),
    /// A value of `finding_publishing_frequency`.
    FindingPublishingFrequency(Frequency),
}

impl Setting {
    /// Every setting, in the order in which reports show them.
    pub const ALL: [Self; 2] = [Self::Status, Self::FindingPublishingFrequency];

    /// The key in policy files and the name in reports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Status => status::KEY,
            Self::FindingPublishingFrequency => frequency::KEY,
        }
    }

    /// What the setting means, for the JSON Schema and the documentation.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Status => status::MEANING,
            Self::FindingPublishingFrequency => frequency::MEANING,
        }
    }

    /// Whether Macie's administrator is told it of its members, so that the account itself need not be asked.
    pub const fn in_member_list(self) -> bool {
        match self {
            Self::Status => status::IS_LISTED,
            Self::FindingPublishingFrequency => frequency::IS_LISTED,
        }
    }

    /// The words that a policy file may use for it.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Status => Status::WORDS,
            Self::FindingPublishingFrequency => Frequency::WORDS,
        }
    }

    /// The value that a word stands for, or `None` if it is none of [`Setting::words`].
    pub fn value(self, word: &str) -> Option<SettingValue> {
        match self {
            Self::Status => Status::from_word(word).map(SettingValue::Status),
            Self::FindingPublishingFrequency => {
                Frequency::from_word(word).map(SettingValue::FindingPublishingFrequency)
            }
        }
    }
}

impl SettingValue {
    /// The word used in policy files and reports, which is also that of the AWS API where the API has one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::FindingPublishingFrequency(frequency) => frequency.as_str(),
        }
    }
}

impl SettingValue {
    /// The setting that it is a value of.
    pub fn setting(self) -> Setting {
        match self {
            Self::Status(_) => Setting::Status,
            Self::FindingPublishingFrequency(_) => Setting::FindingPublishingFrequency,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.key())
    }
}

impl fmt::Display for SettingValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl Serialize for SettingValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_for_the_value_that_prints_it() {
        for setting in Setting::ALL {
            for word in setting.words() {
                assert_eq!(setting.value(word).map(SettingValue::as_str), Some(*word));
            }
            assert_eq!(setting.value("enabled"), None, "words are taken as AWS spells them");
        }
    }
}
