//! `driftline snapshot`: readings into a file, for policies that are tried without AWS.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::deadline::DeadlineArgument;
use super::endpoint::EndpointArgs;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::{stderr, stdout};
use super::policy_context::PolicyContextArgs;
use super::read_options::ReadOptions;
use super::read_targets::read_targets;
use super::runtime::runtime;
use super::workspace::load;
use crate::files::{self, NewFile};
use crate::model::Clock;
use crate::report::{ReportRequest, Snapshot, UnwritableReport, pluralize, terminal};
use crate::resource::Reading;

/// Read every account and Region of the inventory, and save what was read
///
/// Reads, never writes to AWS. `driftline check --live FILE` holds policies against the file, without AWS.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline snapshot policies --out snapshot.json\n  \
    driftline check policies --live snapshot.json")]
pub(super) struct SnapshotArguments {
    /// Policy files, or folders of them, whose ids and Regions count among those of the inventory; without any, those that
    /// driftline.toml lists, or else those of the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    /// The file, which is written whole or not at all
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    deadline: DeadlineArgument,
    #[command(flatten)]
    which: EndpointArgs,
}

pub(super) fn run(common: &Common, arguments: SnapshotArguments) -> Result<ExitStatus, CliError> {
    let SnapshotArguments { policies, given, out, deadline, which } = arguments;
    // Reading a large organization takes minutes: better told now.
    let wanted = ReportRequest::json_to(&out);
    wanted.destination.probe()?;
    let inputs = load(common, &policies, &given)?;
    inputs.keep(std::slice::from_ref(&wanted), which.kept().as_slice())?;
    let way = which.resolve(&inputs)?;
    let scope = ReadOptions { everything: true, ..ReadOptions::with_deadline(deadline.or_of(&inputs.settings)) };
    let taken_at = Clock::System.now();
    let (_, read) = runtime(common)?.block_on(Box::pin(read_targets(common, inputs, way.options.clone(), scope)))?;
    // What was cut short must not take the place of a whole one.
    if let Some(exit) = read.interrupted {
        stderr(&format!("interrupted: {} is left as it was\n", terminal(&out.display().to_string())));
        return Ok(exit);
    }
    if read.access.is_none() {
        return Err(CliError::DeadlineEarly);
    }
    let unread = read.readings.iter().filter(|reading| matches!(reading, Reading::Unread(_))).count();
    let targets = read.questions.into_iter().map(|question| question.target);
    let readings = targets.zip(read.readings).collect();
    let snapshot = Snapshot { taken_at, source: way.source, caller: read.caller, readings };
    if wanted.is_stdout() {
        stdout(|to| snapshot.write(to))?;
    } else {
        files::write(&out, NewFile::Private, |to| snapshot.write(to)).map_err(UnwritableReport)?;
    }
    let count = snapshot.readings.len();
    let file = out.display().to_string();
    let saved = format!("saved: {}, {unread} of them unread, in {}\n", pluralize(count, "target"), terminal(&file));
    // Where the snapshot itself goes to standard output, nothing else does.
    if wanted.is_stdout() {
        stderr(&saved);
    } else {
        stdout(|to| to.write_all(saved.as_bytes()))?;
    }
    Ok(if unread > 0 { ExitStatus::Incomplete } else { ExitStatus::Clean })
}
