//! `driftline report`: saved reports drawn again, in any format, several as one.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::exit::Exit;
use super::failure::Failure;
use super::format_arguments::FormatArguments;
use super::reports::{Voice, of_check, settle, write_view};
use crate::report::{FormatOptions, Wanted, merge, read_json};

/// Draw saved JSON reports again, in any format; several are merged into one
///
/// Without AWS. The exit code is that of the report. Shards of one run are merged only if none is missing or there twice.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline report report.json\n  \
    driftline report shard-*.json --report json=report.json --report html=report.html")]
pub(super) struct ReportArguments {
    /// Reports that `check --report json` wrote
    #[arg(value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// Write a report to standard output or to a file; may be given several times; formats as for `check`
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = of_check)]
    reports: Vec<Wanted>,
    #[command(flatten)]
    formats: FormatArguments,
}

pub(super) fn run(common: &Common, arguments: &ReportArguments) -> Result<Exit, Failure> {
    let wanted = settle(arguments.reports.clone())?;
    let formats = arguments.formats.clone().options()?;
    let mut parts = Vec::new();
    let mut mistakes = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        let read = std::fs::read_to_string(file).map_err(|cause| cause.to_string());
        match read.and_then(|text| read_json(&text).map_err(|error| error.to_string())) {
            Ok(view) => parts.push((name, view)),
            Err(what) => mistakes.push(format!("{name}: {what}")),
        }
    }
    if !mistakes.is_empty() {
        return Err(Failure::Reports(mistakes));
    }
    let view = if parts.len() == 1 {
        parts.into_iter().next().map(|(_, view)| view).ok_or(Failure::Reports(Vec::new()))?
    } else {
        merge(parts).map_err(|mistakes| Failure::Reports(mistakes.iter().map(ToString::to_string).collect()))?
    };
    let exit: Exit = view.verdict.into();
    write_view(&view, &wanted, Voice::Aloud, &FormatOptions { exit_code: exit.code(), ..formats }, common)?;
    Ok(exit)
}
