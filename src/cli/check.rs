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
use super::reports::{settle, text_or_json, write};
use super::runtime::runtime;
use super::way::{Way, Which};
use crate::drift::Comparison;
use crate::model::Clock;
use crate::report::{Report, RunFacts, Wanted};

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
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<Wanted>,
    /// What is not read by then is unread, such as 90s or 15m; overrides driftline.toml
    #[arg(long, value_name = "DURATION", value_parser = crate::settings::duration)]
    deadline: Option<Duration>,
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(common: &Common, arguments: CheckArguments) -> Result<Exit, Failure> {
    let started_at = Clock::System.now();
    let wanted = settle(arguments.reports)?;
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    let Way { options, source, .. } = &arguments.which.way(&inputs)?;
    let deadline = arguments.deadline.unwrap_or(inputs.settings.deadline);
    let (inputs, read) = runtime()?.block_on(read(common, inputs, options.clone(), deadline))?;
    let report = Report {
        run: RunFacts {
            command: "check",
            started_at,
            finished_at: Clock::System.now(),
            source: *source,
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
