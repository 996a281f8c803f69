//! `driftline snapshot`: readings into a file, for policies that are tried without AWS.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::deadline::DeadlineArgument;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::load;
use super::outlet::{print, tell};
use super::reading::read;
use super::runtime::runtime;
use super::scope::Scope;
use super::way::Which;
use crate::files::{self, NewFile};
use crate::model::Clock;
use crate::report::{Snapshot, UnwritableReport, Wanted, counted, terminal};
use crate::session::Reading;

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
    given: Circumstances,
    /// The file, which is written whole or not at all
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    deadline: DeadlineArgument,
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(common: &Common, arguments: SnapshotArguments) -> Result<Exit, Failure> {
    let SnapshotArguments { policies, given, out, deadline, which } = arguments;
    // Reading a large organization takes minutes: better told now.
    let wanted = Wanted::json_to(&out);
    wanted.destination.probe()?;
    let inputs = load(common, &policies, &given)?;
    inputs.keep(std::slice::from_ref(&wanted), which.kept().as_slice())?;
    let way = which.way(&inputs)?;
    let scope = Scope { everything: true, ..Scope::until(deadline.or_of(&inputs.settings)) };
    let taken_at = Clock::System.now();
    let (_, read) = runtime(common)?.block_on(Box::pin(read(common, inputs, way.options.clone(), scope)))?;
    // What was cut short must not take the place of a whole one.
    if let Some(exit) = read.interrupted {
        tell(&format!("interrupted: {} is left as it was\n", terminal(&out.display().to_string())));
        return Ok(exit);
    }
    if read.access.is_none() {
        return Err(Failure::DeadlineEarly);
    }
    let unread = read.readings.iter().filter(|reading| matches!(reading, Reading::Unread(_))).count();
    let targets = read.questions.into_iter().map(|question| question.target);
    let readings = targets.zip(read.readings).collect();
    let snapshot = Snapshot { taken_at, source: way.source, caller: read.caller, readings };
    if wanted.is_spoken() {
        print(|to| snapshot.write(to))?;
    } else {
        files::write(&out, NewFile::Private, |to| snapshot.write(to)).map_err(UnwritableReport)?;
    }
    let count = snapshot.readings.len();
    let file = out.display().to_string();
    let saved = format!("saved: {}, {unread} of them unread, in {}\n", counted(count, "target"), terminal(&file));
    // Where the snapshot itself goes to standard output, nothing else does.
    if wanted.is_spoken() {
        tell(&saved);
    } else {
        print(|to| to.write_all(saved.as_bytes()))?;
    }
    Ok(if unread > 0 { Exit::Incomplete } else { Exit::Clean })
}
