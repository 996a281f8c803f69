//! `driftline schema`: the JSON Schema of the files.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::Failure;
use super::outlet::print;
use crate::document::json_schema;
use crate::inventory::inventory_schema;
use crate::policy::POLICY;
use crate::report::report_schema;
use crate::settings::SETTINGS;

/// Print the JSON Schema of policy files, settings, reports or saved inventories
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline schema policy > policy.schema.json\n  \
    driftline schema report > report.schema.json")]
pub(super) struct SchemaArguments {
    /// Which files
    #[arg(value_name = "FILES")]
    files: Files,
}

/// The files that have a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Files {
    /// Policy files.
    Policy,
    /// The settings file driftline.toml.
    Settings,
    /// The report that `--report json` writes.
    Report,
    /// The file that `driftline inventory --out` saves.
    Inventory,
}

pub(super) fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let schema = match arguments.files {
        Files::Policy => json_schema(&POLICY, "urn:driftline:schema:policy:1", "driftline policy, version 1"),
        Files::Settings => json_schema(&SETTINGS, "urn:driftline:schema:settings:1", "driftline settings"),
        Files::Report => report_schema(),
        Files::Inventory => inventory_schema(),
    };
    print(|out| {
        serde_json::to_writer_pretty(&mut *out, &schema)?;
        out.write_all(b"\n")
    })?;
    Ok(Exit::Clean)
}
