//! The ways in which what is wanted of a setting can change.

use serde::Serialize;

/// A way in which what is wanted of a setting changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Newly declared: what was not managed now is.
    Added,
    /// No longer declared: what was managed is not any more.
    Removed,
    /// Other values are accepted.
    Changed,
    /// The same values are accepted, but another one is the first, which is what apply would set.
    Reordered,
    /// A drift matters more, or less.
    Severity,
    /// Other waivers cover it, or the same on other terms.
    Waivers,
}

impl ChangeKind {
    /// Every kind, in the order in which reports show them.
    pub const ALL: [Self; 6] =
        [Self::Added, Self::Removed, Self::Changed, Self::Reordered, Self::Severity, Self::Waivers];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
            Self::Severity => "severity",
            Self::Waivers => "waivers",
        }
    }
}
