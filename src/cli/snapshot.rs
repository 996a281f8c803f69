//! `driftline snapshot`: save readings to a file, to try policies without AWS.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::endpoint::{DeadlineArgs, EndpointArgs};
use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::output::{stderr, stdout};
use super::read_targets::{ReadOptions, read_targets};
use super::run_context::RunContext;
use super::selection::{RunScope, SelectionArgs};
use super::workspace::{PolicyContextArgs, load};
use crate::files::{self, NewFile};
use crate::model::{Clock, Resource};
use crate::report::{ReportRequest, Selected, Snapshot, UnwritableReport, pluralize, terminal};
use crate::resource::{Reading, settings};

/// Heading of the options that select the targets.
const WHAT: &str = "What to read";

/// Read every account and Region of the inventory, and save the readings
///
/// Reads the Macie session everywhere, and whatever the policies declare. Never writes to AWS. `driftline check --live FILE` compares policies with the file, offline.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline snapshot policies --out snapshot.json\n  \
    driftline snapshot policies --resource session_manager_preferences --out snapshot.json\n  \
    driftline check policies --live snapshot.json")]
pub(super) struct SnapshotArgs {
    /// Policy files or folders, whose account ids and Regions are added to the inventory; by default those listed in
    /// driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    /// Read every setting of a resource in every account and Region of the inventory, and sessions of 30 days; repeatable
    #[arg(long = "resource", value_name = "RESOURCE", value_parser = resource_parser(), help_heading = WHAT)]
    resources: Vec<Resource>,
    #[command(flatten, next_help_heading = WHAT)]
    selection: SelectionArgs,
    #[command(flatten, next_help_heading = WHAT)]
    endpoint: EndpointArgs,
    /// File to save to, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    out: PathBuf,
    #[command(flatten)]
    deadline: DeadlineArgs,
}

fn resource_parser() -> impl TypedValueParser<Value = Resource> {
    PossibleValuesParser::new(Resource::ALL.iter().map(|resource| resource.as_str()))
        .try_map(|word| word.parse::<Resource>())
}

pub(super) fn run(context: &RunContext, args: SnapshotArgs) -> Result<ExitStatus, CliError> {
    let SnapshotArgs { policies, policy_context, out, resources, selection, deadline, endpoint } = args;
    let selection = selection.selection();
    // Reading a large organization takes minutes, so an unwritable file must fail now.
    let request = ReportRequest::json_to(&out);
    request.destination.probe()?;
    let mut config = load(context, &policies, &policy_context)?;
    config.in_full.extend(resources);
    config.ensure_not_overwritten(std::slice::from_ref(&request), endpoint.reserved())?;
    let endpoint = endpoint.resolve(&config.settings)?;
    let limit = deadline.limit(&config.settings)?;
    let scope = RunScope { selection: selection.as_ref(), ..RunScope::default() };
    let options = ReadOptions { whole_inventory: true, scope, ..ReadOptions::with_deadline(limit) };
    let taken_at = Clock::System.now();
    let read = read_targets(context, &mut config, endpoint.options.clone(), options);
    let read = context.runtime()?.block_on(Box::pin(read))?;
    // A partial snapshot must not replace a whole one.
    if let Some(exit) = read.interrupted {
        stderr(&format!("interrupted: {} is unchanged\n", terminal(&out.display().to_string())));
        return Ok(exit);
    }
    if read.access.is_none() {
        return Err(CliError::DeadlineEarly);
    }
    let total = read.requests_total;
    let unread = read.readings.iter().filter(|reading| matches!(reading, Reading::Unread(_))).count();
    let partial = read.readings.iter().filter(|reading| reading.is_partly_unread(settings())).count();
    let targets = read.requests.into_iter().map(|request| request.target);
    let readings = targets.zip(read.readings).collect();
    let snapshot = Snapshot { taken_at, source: endpoint.environment, caller: read.caller, readings };
    let count = pluralize(snapshot.readings.len(), "target");
    let file = out.display().to_string();
    let in_part = if partial > 0 { format!(", {partial} known in part") } else { String::new() };
    let selected = selection.map_or_else(String::new, |items| {
        let selected = Selected { count: snapshot.readings.len(), total, options: items.to_string() };
        format!("{}\n", terminal(&selected.to_string()))
    });
    let saved = format!("{selected}saved: {count}, {unread} of them unread{in_part}, in {}\n", terminal(&file));
    // A snapshot on standard output has that to itself.
    if request.is_stdout() {
        stdout(|to| snapshot.write(to))?;
        stderr(&saved);
    } else {
        files::write_saved(&out, NewFile::Private, |to| snapshot.write(to)).map_err(UnwritableReport)?;
        stdout(|to| to.write_all(saved.as_bytes()))?;
    }
    Ok(if unread + partial > 0 { ExitStatus::Incomplete } else { ExitStatus::Clean })
}
