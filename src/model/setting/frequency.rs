//! The setting `finding_publishing_frequency`.

pub(super) const KEY: &str = "finding_publishing_frequency";
pub(super) const MEANING: &str = "How often Macie publishes updates of existing policy findings to Amazon EventBridge and AWS Security Hub. A list: any of its values is fine, and apply sets the first.";
/// Source: Amazon Macie API Reference, `Member`, has no such field.
pub(super) const IS_LISTED: bool = false;

/// How often updates of existing policy findings are published.
///
/// Source: Amazon Macie API Reference, `FindingPublishingFrequency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every 6 hours.
    SixHours,
}

impl Frequency {
    pub(super) const WORDS: &'static [&'static str] = &["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

    /// The word for it, as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FifteenMinutes => "FIFTEEN_MINUTES",
            Self::OneHour => "ONE_HOUR",
            Self::SixHours => "SIX_HOURS",
        }
    }

    /// The frequency that a word of the API stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::FifteenMinutes, Self::OneHour, Self::SixHours].into_iter().find(|frequency| frequency.as_str() == word)
    }
}
