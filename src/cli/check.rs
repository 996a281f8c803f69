//! `driftline check`: read, compare, report.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::load;
use super::reading::read;
use super::reports::{settle, write};
use crate::aws::{AccessOptions, Source as Origin};
use crate::drift::Comparison;
use crate::model::Clock;
use crate::report::{Report, RunFacts, Source, Wanted};

/// Read the sessions, compare them with the policies, and report
///
/// Reads, never writes. The exit code tells the verdict, whatever reports are written.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline check policies\n  \
    driftline check policies --report json=report.json   text on standard output, JSON to a file\n  \
    driftline check policies --report json --quiet       JSON on standard output\n  \
    driftline check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml")]
pub(super) struct CheckArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: Circumstances,
    /// Write a report: text or json, to standard output or to a file; may be given several times
    ///
    /// Without one for standard output, the text report goes there.
    #[arg(long = "report", value_name = "FORMAT[=FILE]")]
    reports: Vec<Wanted>,
    /// What is not read by then is unread, such as 90s or 15m; overrides driftline.toml
    #[arg(long, value_name = "DURATION", value_parser = crate::settings::duration)]
    deadline: Option<Duration>,
    /// Read a simulated AWS, described by this world file, in the place of the real one; needs no credentials
    #[cfg(feature = "simulator")]
    #[arg(long, value_name = "WORLD")]
    simulate: Option<PathBuf>,
}

pub(super) fn run(common: &Common, arguments: CheckArguments) -> Result<Exit, Failure> {
    let started_at = Clock::System.now();
    let wanted = settle(arguments.reports)?;
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    #[cfg(feature = "simulator")]
    let simulation = arguments.simulate.as_deref().map(super::simulate::start).transpose()?;
    #[cfg(not(feature = "simulator"))]
    let simulation: Option<std::convert::Infallible> = None;
    let mut options = AccessOptions::new(Origin::Environment);
    options.role.clone_from(&inputs.settings.aws.role);
    options.external_id.clone_from(&inputs.settings.aws.external_id);
    options.session_name = inputs.settings.aws.session_name.clone();
    #[cfg(feature = "simulator")]
    if let Some(simulation) = &simulation {
        super::simulate::point_at(simulation, &mut options)?;
    }
    let source = if simulation.is_some() { Source::Simulation } else { Source::Aws };
    let deadline = arguments.deadline.unwrap_or(inputs.settings.deadline);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| Failure::System { what: "the runtime cannot be started", cause })?;
    let (inputs, read) = runtime.block_on(read(common, inputs, options, deadline))?;
    let report = Report {
        run: RunFacts {
            command: "check",
            started_at,
            finished_at: Clock::System.now(),
            source,
            policy_digest: inputs.policies.digest,
            policy_files: inputs.policies.files,
            as_of: arguments.given.as_of,
            caller: read.caller,
        },
        comparison: Comparison::new(read.resolved.desired, read.readings, inputs.today),
        accounts: read.resolved.inventory,
        requests: read.requests,
    };
    // Decided here, before any report is written: no report can change it.
    let exit = read.interrupted.unwrap_or_else(|| report.comparison.verdict().into());
    write(&report, &wanted, common)?;
    Ok(exit)
}
