//! The JSON report. Each version of the format is a module of its own, so that a change inside driftline cannot change what
//! readers get.

mod v1;

use crate::diagnostic::{quote, truncate_line};
use crate::model::is_to_come;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

pub(crate) use v1::SelectionResult;
pub(super) use v1::{
    BySetting, Caller, EvidenceResult, Live, PreferencesResult, ReadingFields, UnreadEvidence, evidence, live,
    not_applicable_settings, preferences, unread, unread_settings, with_not_applicable_settings, with_unread_settings,
};
pub use v1::{REPORT_VERSION, ReportError, read_json, report_line_schema, report_schema, write_json, write_jsonl};

/// Parses a document.
///
/// # Errors
///
/// Fault, and the field that has it.
pub(in crate::report) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        // Keeping track of the path costs time, so only a document with a fault is read with it.
        let mut reader = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(located) if located.path().iter().next().is_some() => {
                truncate_line(&format!("`{}`: {}", located.path(), located.inner()))
            }
            _ => truncate_line(&error.to_string()),
        }
    })
}

/// Parses a time as driftline writes it: UTC, RFC 3339, whole seconds.
///
/// Other spellings would go into formats that do not know them, and would not sort as texts.
///
/// # Errors
///
/// If the text is none.
pub(in crate::report) fn parse_time(text: &str) -> Result<Timestamp, String> {
    /// The length of `2027-03-31T12:00:00Z`: years before 0 are longer.
    const LENGTH: usize = 20;
    let time = text.parse::<Timestamp>().ok();
    time.filter(|time| text.len() == LENGTH && time.subsec_nanosecond() == 0 && time.to_string() == text)
        .ok_or_else(|| format!("\"{}\" is no time such as 2027-03-31T12:00:00Z", quote(text)))
}

/// Checks that a time was past when the run ended.
///
/// # Errors
///
/// If it is later.
pub(in crate::report) fn check_past(time: Timestamp, finished: Timestamp) -> Result<(), String> {
    if is_to_come(time, finished) { Err(format!("{time} is later than the end of the run")) } else { Ok(()) }
}
