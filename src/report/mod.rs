//! Reports: one model, and one file per format that is rendered from it.
//!
//! The verdict is decided before any of this runs, and nothing here can change it.

mod account_labels;
mod apply;
mod approved;
mod causes;
mod changes;
mod destination;
mod escape;
mod finding;
mod finding_table;
mod fold;
mod format;
mod formats;
mod from_run;
mod history;
mod json;
mod links;
mod live_text;
mod markdown;
mod merge;
mod messages;
mod model;
mod news;
mod options;
mod plan;
mod provenance;
mod pull_request;
mod remediation;
mod request;
mod rule;
mod saved_sessions;
mod snapshot;
mod target_group;
mod text;
mod unread_group;
mod unread_summary;
mod violations;
mod waiver_facts;

pub use apply::{
    apply_schema, write_applied_json, write_applied_junit, write_applied_markdown, write_applied_text,
    write_refusals_text,
};
pub(crate) use approved::approved_findings;
pub use destination::{Destination, FolderFormat, UnwritableReport};
pub use escape::terminal;
pub use finding::{Finding, FindingLocation, findings, worst_first};

pub use format::Format;
pub use formats::{
    asff_files, github_summary, is_asff_file, is_owner_file, owner_files, render, write_asff, write_codequality,
    write_csv, write_github, write_github_outputs, write_html, write_junit, write_ocsf, write_openmetrics,
    write_owners, write_prometheus, write_sarif, write_slack, write_sns,
};
pub use from_run::{BaseComparison, Report};
pub use history::History;
pub(crate) use json::SelectionResult;
pub use json::{REPORT_VERSION, ReportError, read_json, report_line_schema, report_schema, write_json, write_jsonl};
pub use links::LinkBase;
pub use merge::{MergeError, merge, select};
pub(crate) use messages::{Selected, days, listed, pluralize};
pub use model::{
    Basis, ChangeMark, Changes, Concern, End, Expectation, LapsedWaiver, Overridden, Resolved, ReusedReadings, Review,
    RunFacts, RunSelection, SettingRow, State, Target, TargetSource, Targets, Terms, UnreachedAccount, View,
    WaiverFacts, WaiverUsage, Why,
};
pub use options::{FormatOptions, MetricsDetail, OwnerFacts};
pub(crate) use plan::outside_administrator;
pub use plan::{write_plan_markdown, write_plan_text};

pub use pull_request::write_markdown;
pub use remediation::Remediation;
pub(crate) use remediation::fix_for;
pub use request::{InvalidDestination, ReportRequest};
pub use rule::Rule;
pub use snapshot::{SNAPSHOT_VERSION, Snapshot, SnapshotError, snapshot_schema};
pub(crate) use target_group::{TargetGroup, group_targets};
pub(crate) use text::wrapped;
pub use text::{Detail, LinkRoot, Paint, TextOptions, write_text};
