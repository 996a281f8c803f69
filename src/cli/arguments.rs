//! The arguments of the program, and what its help says.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::exit::ExitStatus;
use super::shutdown::ShutdownSignal;
use super::{
    apply, check, completions, diff, explain, iam_policy, init, inventory, man, plan, report, rollback, schema,
    snapshot, targets, validate,
};

/// Knows how Amazon Macie is set in each account and Region, and says what differs from your policy files.
///
/// What could not be read is reported as unread: never as in sync, never as drift.
#[derive(Debug, Parser)]
#[command(name = "driftline", version, max_term_width = 100, after_help = exit_codes(), after_long_help = long_footer())]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// The settings file; without this, the nearest driftline.toml from here upwards, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// When to use colour; by default where the output is a terminal that wants it (NO_COLOR, CLICOLOR_FORCE)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub(super) color: When,
    /// Say less: no warnings, no progress, and of a report only ledger and verdict
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more: every target with its values and evidence, and what was overridden
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// What asks the process to end: not an argument, but what every command takes, too
    #[arg(skip)]
    pub(super) shutdown: ShutdownSignal,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// Where it is wanted.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(check::CheckArguments),
    Plan(plan::PlanArguments),
    Apply(Box<apply::ApplyArguments>),
    Rollback(Box<rollback::RollbackArguments>),
    Report(report::ReportArguments),
    Snapshot(snapshot::SnapshotArguments),
    Validate(validate::ValidateArguments),
    Explain(explain::ExplainArguments),
    Diff(diff::DiffArguments),
    Targets(targets::TargetsArguments),
    Init(init::InitArguments),
    Inventory(inventory::InventoryArguments),
    IamPolicy(iam_policy::IamPolicyArguments),
    Schema(schema::SchemaArguments),
    #[cfg(feature = "simulator")]
    Simulate(super::simulate::SimulateArguments),
    Completions(completions::CompletionsArguments),
    Man(man::ManArguments),
}

impl Command {
    /// Whether a signal is how it is meant to end.
    #[cfg_attr(
        not(feature = "simulator"),
        expect(clippy::unused_self, reason = "only a simulation runs until a signal")
    )]
    pub(super) fn is_ended_by_signal(&self) -> bool {
        #[cfg(feature = "simulator")]
        if matches!(self, Self::Simulate(_)) {
            return true;
        }
        false
    }
}

/// The command line as clap knows it: for completions, manual pages, and the tests that read its help.
pub fn command() -> clap::Command {
    Arguments::command()
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:");
    for exit in ExitStatus::ALL {
        let _ = write!(text, "\n  {:>3}  {}", exit.code(), exit.meaning());
    }
    text
}

fn long_footer() -> String {
    format!(
        "{}\n\nEnvironment:\n  \
         AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, AWS_CA_BUNDLE, HTTPS_PROXY, …  as every AWS tool takes them\n  \
         GITHUB_STEP_SUMMARY, GITHUB_OUTPUT  files to add summary and outputs to, with --report github\n  \
         DRIFTLINE_EXTERNAL_ID  the external id that the roles ask for\n  \
         DRIFTLINE_SHARD  the part of the accounts that `check` reads, such as 3/16, where --shard does not say\n  \
         DRIFTLINE_LOG  what to log to standard error, such as \"driftline=debug\"; nothing by default\n\n\
         Examples:\n  \
         driftline check policies\n  \
         driftline check policies --report json=report.json\n  \
         driftline explain 111122223333/eu-central-1 policies\n  \
         driftline diff --base origin/main policies\n  \
         driftline check policies --simulate world.yaml",
        exit_codes()
    )
}
