//! The setting `status`.

pub(super) const KEY: &str = "status";
pub(super) const MEANING: &str = "Whether Macie is on: ENABLED, PAUSED (no monitoring, its classification jobs cancelled), or NOT_ENABLED (no session). A list: any of its values is fine, and apply sets the first.";
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization": the relationship is `Enabled` or `Paused`.
pub(super) const IS_LISTED: bool = true;

/// Whether Macie is on in a target.
///
/// Source: Amazon Macie API Reference, GetMacieSession: `status` is `ENABLED` or `PAUSED`; an account without a session
/// answers with an error, for which driftline's own word is `NOT_ENABLED`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Macie monitors.
    Enabled,
    /// Macie is suspended: its settings and findings are kept for a while.
    Paused,
    /// There is no session.
    NotEnabled,
}

impl Status {
    pub(super) const WORDS: &'static [&'static str] = &["ENABLED", "PAUSED", "NOT_ENABLED"];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Paused => "PAUSED",
            Self::NotEnabled => "NOT_ENABLED",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Enabled, Self::Paused, Self::NotEnabled].into_iter().find(|status| status.as_str() == word)
    }
}
