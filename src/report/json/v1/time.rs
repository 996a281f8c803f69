//! Times in documents.

use jiff::Timestamp;

use super::from_run::seconds;
use crate::diagnostic::quote;
use crate::model::is_to_come;

/// A time as driftline writes it: UTC, RFC 3339, whole seconds.
///
/// Other spellings of a time would go into formats that do not know them, and would not sort as texts.
///
/// # Errors
///
/// If it is none.
pub(in crate::report) fn time(text: &str) -> Result<Timestamp, String> {
    /// The letters of `2027-03-31T12:00:00Z`: years before 0 have more.
    const LETTERS: usize = 20;
    let time = text.parse::<Timestamp>().ok().filter(|time| text.len() == LETTERS && seconds(*time) == text);
    time.ok_or_else(|| format!("\"{}\" is no time such as 2027-03-31T12:00:00Z", quote(text)))
}

/// A time that was past when the run ended.
///
/// # Errors
///
/// If it is none, or is later.
pub(in crate::report) fn time_until(text: &str, finished: Timestamp) -> Result<Timestamp, String> {
    let time = time(text)?;
    if is_to_come(time, finished) { Err(format!("{time} is later than the end of the run")) } else { Ok(time) }
}
