//! Version 1 of the JSON report: structs of its own, mapped from and to the report model.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

mod by_setting;
mod changes;
mod check;
mod check_waivers;
mod document;
mod from_model;
mod into_model;
mod lines;
mod preferences;
mod reading;
mod run;
mod sessions;
mod target;
mod waivers;

pub(in crate::report) use by_setting::BySetting;
pub use document::{REPORT_VERSION, ReportError, read_json, report_schema, write_json};
pub use lines::{report_line_schema, write_jsonl};
pub(in crate::report) use preferences::PreferencesResult;
pub(in crate::report) use reading::{
    ReadingFields, evidence, live, not_applicable_settings, preferences, unread, unread_settings,
    with_not_applicable_settings, with_unread_settings,
};
pub(in crate::report) use run::Caller;
pub(crate) use run::SelectionResult;
pub(in crate::report) use target::{EvidenceResult, Live, UnreadEvidence};
