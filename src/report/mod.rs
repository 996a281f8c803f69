//! Reports: one owned, sorted model, and one file per format over it.
//!
//! The verdict is decided before any of this runs, and nothing here can change it.

mod advice;
mod applied;
mod base;
mod cause;
mod comment;
mod counted;
mod destination;
mod escape;
mod formats;
mod json;
mod markdown;
mod merge;
mod model;
mod options;
mod paint;
mod plan;
mod problem;
mod provenance;
mod rule;
mod since;
mod snapshot;
mod text;
mod words;

pub use applied::{
    apply_schema, write_applied_json, write_applied_junit, write_applied_markdown, write_applied_text,
    write_refusals_text,
};
pub use base::Base;
pub use comment::write_markdown;
pub(crate) use counted::{counted, days};
pub use destination::{Destination, Format, InvalidDestination, UnwritableReport, Wanted};
pub use escape::terminal;
pub(crate) use escape::{code_span, fence, fenced, shown, shown_name};
pub use formats::{
    asff_files, draw, github_summary, is_asff_file, report_line_schema, write_asff, write_codequality, write_csv,
    write_github, write_github_outputs, write_html, write_jsonl, write_junit, write_ocsf, write_openmetrics,
    write_prometheus, write_sarif, write_slack, write_sns,
};
pub use json::{
    Basis, Caller, CarriedResult, KnownBy, LapsedWaiver, Live, Overridden, ReportError, Review, Run, SettingResult,
    SnapshotFacts, State, Target, Targets, Tool, Unreached, UnreadResult, View, WaiverResult, WaiverUseResult, Why,
    read_json, report_schema, write_json,
};
pub(crate) use markdown::Cut;
pub use merge::{MergeMistake, merge};
pub use model::{Carried, Report, RunFacts};
pub use options::{FormatOptions, MetricsDetail};
pub use paint::Paint;
pub use plan::{write_plan_markdown, write_plan_text};
pub use problem::{Place, Problem, What, problems, worst_first};
pub use rule::Rule;
pub use since::{Changes, End, Gone, History, Mark};
pub use snapshot::{Snapshot, SnapshotError, snapshot_schema};
use text::unmanaged;
pub use text::{Detail, TextOptions, write_text};
pub(crate) use text::{labelled, wrapped};
