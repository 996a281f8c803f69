//! Reports: one owned, sorted model, and one file per format over it.
//!
//! The verdict is decided before any of this runs, and nothing here can change it.

mod apply;
mod base;
mod cause;
mod destination;
mod escape;
mod formats;
mod history;
mod json;
mod markdown;
mod merge;
mod messages;
mod model;
mod options;
mod plan;
mod pluralize;
mod problem;
mod provenance;
mod pull_request;
mod remediation;
mod rule;
mod snapshot;
mod style;
mod text;

pub use apply::{
    apply_schema, write_applied_json, write_applied_junit, write_applied_markdown, write_applied_text,
    write_refusals_text,
};
pub use base::BaseComparison;
pub use destination::{Destination, Format, InvalidDestination, ReportRequest, UnwritableReport};
pub use escape::terminal;
pub(crate) use escape::{code_span, fence, fenced, shown, shown_name};
pub use formats::{
    asff_files, github_summary, is_asff_file, render, report_line_schema, write_asff, write_codequality, write_csv,
    write_github, write_github_outputs, write_html, write_jsonl, write_junit, write_ocsf, write_openmetrics,
    write_prometheus, write_sarif, write_slack, write_sns,
};
pub use history::{ChangeMark, Changes, End, History, Resolved};
pub use json::{
    Basis, Caller, CarriedResult, EvidenceResult, LapsedWaiver, Live, Overridden, ReportError, Review, Run,
    SettingResult, SnapshotFacts, State, Target, Targets, Tool, Unreached, UnreadResult, View, WaiverResult,
    WaiverUseResult, Why, read_json, report_schema, write_json,
};
pub(crate) use markdown::LimitedMarkdown;
pub use merge::{MergeMistake, merge};
pub use model::{Report, ReusedReadings, RunFacts};
pub use options::{FormatOptions, MetricsDetail};
pub use plan::{write_plan_markdown, write_plan_text};
pub(crate) use pluralize::{days, pluralize};
pub use problem::{Problem, ProblemKind, ProblemLocation, problems, worst_first};
pub use pull_request::write_markdown;
pub use rule::Rule;
pub use snapshot::{Snapshot, SnapshotError, snapshot_schema};
pub use style::Paint;
use text::unmanaged;
pub use text::{Detail, TextOptions, write_text};
pub(crate) use text::{labelled, wrapped};
