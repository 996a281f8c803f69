//! `driftline report`: saved reports drawn again, in any format, several as one.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::collision::{ReservedPath, keep};
use super::error::CliError;
use super::exit::ExitStatus;
use super::format_arguments::FormatArguments;
use super::reports::{Stdout, parse_check_report, validate_destinations, write_report};
use crate::diagnostic::Sources;
use crate::files;
use crate::model::Shard;
use crate::report::{FormatOptions, MergeMistake, ReportRequest, merge, read_json};

/// Draw saved JSON reports again, in any format; several are merged into one
///
/// Without AWS. The exit code is that of the report. Shards of one run are merged only if none is missing or there twice; one shard
/// alone is a run of which all others are missing.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline report report.json\n  \
    driftline report shard-*.json --report json=report.json --report html=report.html")]
pub(super) struct ReportArguments {
    /// Reports that `check --report json` wrote
    #[arg(value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// Write a report to standard output or to a file; may be given several times; formats as for `check`
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_check_report)]
    reports: Vec<ReportRequest>,
    /// Draw one shard by itself, as the part of a run that it is
    #[arg(long)]
    part: bool,
    #[command(flatten)]
    formats: FormatArguments,
}

pub(super) fn run(common: &Common, arguments: &ReportArguments) -> Result<ExitStatus, CliError> {
    let wanted = validate_destinations(arguments.reports.clone())?;
    let kept: Vec<ReservedPath> = arguments.files.iter().map(|file| ReservedPath::input(file)).collect();
    keep(&wanted, &Sources::default(), &kept)?;
    let formats = arguments.formats.clone().options()?;
    let mut parts = Vec::new();
    let mut mistakes = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        let read = files::read_text(file, files::SAVED_MOST).map_err(|cause| cause.to_string());
        match read.and_then(|text| read_json(&text).map_err(|error| error.to_string())) {
            Ok(view) => parts.push((name, view)),
            Err(what) => mistakes.push(format!("{name}: {what}")),
        }
    }
    if !mistakes.is_empty() {
        return Err(CliError::Reports(mistakes));
    }
    let view = match <[_; 1]>::try_from(parts) {
        Ok([(_, view)]) => {
            // Where all shards but one have failed, `shard-*.json` is one file: its verdict must not pass for that of the run.
            if let Some(shard) = Shard::part(view.run.shard).filter(|_| !arguments.part) {
                return Err(CliError::Reports(vec![others_missing(shard).to_string()]));
            }
            view
        }
        Err(_) if arguments.part => return Err(CliError::Reports(vec!["--part is for one report alone".to_owned()])),
        Err(parts) => {
            merge(parts).map_err(|mistakes| CliError::Reports(mistakes.iter().map(ToString::to_string).collect()))?
        }
    };
    let exit: ExitStatus = view.verdict.into();
    write_report(&view, &wanted, Stdout::Write, &FormatOptions { exit_code: exit.code(), ..formats }, common)?;
    Ok(exit)
}

/// More shards than these are counted, not named: a count comes out of a file and may be any.
const NAMED_AT_MOST: u32 = 100;

fn others_missing(shard: Shard) -> MergeMistake {
    let others = (1..=shard.count).filter(|index| *index != shard.index);
    let named = others.take(NAMED_AT_MOST as usize).map(|index| Shard { index, ..shard }.to_string());
    let rest = (shard.count - 1).saturating_sub(NAMED_AT_MOST);
    let more = (rest > 0).then(|| format!("and {rest} more"));
    MergeMistake::Missing { count: shard.count, missing: named.chain(more).collect() }
}
