//! The JSON report. Each version of the format is a module with structs of its own, so that a change inside driftline
//! cannot change what readers get.

mod parsed;
mod v1;

pub(super) use parsed::parsed;
pub use v1::{
    Basis, Caller, CarriedResult, EvidenceResult, LapsedWaiver, Live, Overridden, ReportError, Review, Run,
    SettingResult, SnapshotFacts, State, Target, Targets, Tool, Unreached, UnreadResult, View, WaiverResult,
    WaiverUseResult, Why, read_json, report_schema, write_json,
};
pub(super) use v1::{caller, known_by, live, reading, seconds, time, time_until, tool, unread, unread_result};
