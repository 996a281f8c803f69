//! `driftline schema`: JSON Schemas of the files.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::difference::diff_schema;
use super::doctor::doctor_schema;
use super::error::CliError;
use super::exit::ExitStatus;
use super::explanation::explain_schema;
use super::output::stdout;
use super::target_list::targets_schema;
use super::validation_report::diagnostics_schema;
use crate::config::SETTINGS;
use crate::diagnostic::write_json_document;
use crate::document::json_schema;
use crate::inventory::inventory_schema;
use crate::plan::plan_schema;
use crate::policy;
use crate::report::{apply_schema, report_line_schema, report_schema, snapshot_schema};
use crate::resource::settings;

/// Print the JSON Schema of policy files, settings, or the JSON output of a command
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline schema policy > policy.schema.json\n  \
    driftline schema report > report.schema.json")]
pub(super) struct SchemaArgs {
    /// Which schema
    #[arg(value_name = "FILES")]
    files: Files,
}

/// The files that have a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Files {
    /// Policy files.
    Policy,
    /// Settings file driftline.toml.
    Settings,
    /// Report of `check --report json`.
    Report,
    /// Line of the report of `check --report jsonl`.
    ReportLine,
    /// Plan of `plan --out` and `plan --report json`.
    Plan,
    /// Output of `apply --report json` and `rollback --report json`.
    Apply,
    /// Output of `diff --report json`.
    Diff,
    /// Output of `targets --report json`.
    Targets,
    /// Output of `explain --report json`.
    Explain,
    /// Output of `validate --report json`.
    Diagnostics,
    /// Output of `doctor --report json`.
    Doctor,
    /// File saved by `inventory --out`.
    Inventory,
    /// File saved by `snapshot --out`.
    Snapshot,
}

/// JSON Schema of policy files.
pub(super) fn policy_schema() -> Value {
    json_schema(policy::policy_schema(settings()), "urn:driftline:schema:policy:1", "driftline policy, version 1")
}

/// JSON Schema of the settings file.
pub(super) fn settings_schema() -> Value {
    json_schema(&SETTINGS, "urn:driftline:schema:settings:1", "driftline settings")
}

pub(super) fn run(args: &SchemaArgs) -> Result<ExitStatus, CliError> {
    let schema = match args.files {
        Files::Policy => policy_schema(),
        Files::Settings => settings_schema(),
        Files::Report => report_schema(),
        Files::ReportLine => report_line_schema(),
        Files::Plan => plan_schema(),
        Files::Apply => apply_schema(),
        Files::Diff => diff_schema(),
        Files::Targets => targets_schema(),
        Files::Explain => explain_schema(),
        Files::Diagnostics => diagnostics_schema(),
        Files::Doctor => doctor_schema(),
        Files::Inventory => inventory_schema(),
        Files::Snapshot => snapshot_schema(),
    };
    stdout(|out| write_json_document(&schema, out))?;
    Ok(ExitStatus::Clean)
}
