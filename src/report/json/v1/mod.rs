//! Version 1 of the JSON report, from whose parts every other format is drawn.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

mod document;
mod from_run;
mod head;
mod reading;
mod sound;
mod sound_waivers;
mod target;
mod time;
mod view;
mod waivers;

pub use document::{ReportError, read_json, report_schema, write_json};
pub(in crate::report) use from_run::{caller, known_by, live, seconds, tool, unread, unread_result};
pub use head::{Caller, CarriedResult, Run, SnapshotFacts, Tool, Unreached};
pub(in crate::report) use reading::reading;
pub use target::{Basis, EvidenceResult, Live, Overridden, Review, SettingResult, Target, UnreadResult};
pub(in crate::report) use time::{time, time_until};
pub use view::{Targets, View};
pub use waivers::{LapsedWaiver, State, WaiverResult, WaiverUseResult, Why};
