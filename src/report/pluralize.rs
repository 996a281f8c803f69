//! Numbers with their nouns.

/// A number with its noun: `1 target`, `2 targets`.
pub(crate) fn pluralize(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A length of time in days.
pub(crate) fn days(count: i64) -> String {
    pluralize(usize::try_from(count).unwrap_or_default(), "day")
}
