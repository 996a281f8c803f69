//! The JSON report. Each version of the format is a module of its own, so that a change inside driftline cannot change what
//! readers get.

mod parse;
mod v1;

pub(super) use parse::{check_past, parse, parse_time};
pub(super) use v1::{
    BySetting, Caller, EvidenceResult, Live, UnreadResult, evidence, live, reading, unread, unread_settings,
    with_unread_settings,
};
pub use v1::{ReportError, read_json, report_line_schema, report_schema, write_json, write_jsonl};
