//! The program: arguments, dispatch and exit code.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::error::{ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::command_help::{describe, exit_code_list};
use super::environment::VARIABLES;
use super::error::CliError;
use super::exit::ExitStatus;
use super::hints::add_hint;
use super::output::{ColorChoice, Stream, start_log, stderr, stdout};
use super::panic_hook::{catch_panic, install_panic_hook};
use super::run_context::{GlobalArgs, RunContext, rendering};
use super::shutdown::ShutdownSignal;
use super::version::{is_verbose, verbose_version};
use super::{
    apply, check, completions, diff, doctor, explain, iam_policy, init, inventory, man, plan, report, rollback, schema,
    snapshot, targets, validate,
};
use crate::diagnostic::sanitize;
use crate::files::probe_standard_output;
use crate::report::Paint;

/// Find drift of Amazon Macie and Session Manager from your policy files, in every account and Region, and fix what can be fixed.
///
/// A target that cannot be read is reported as unread: never as in sync, never as drift.
#[derive(Debug, Parser)]
#[command(
    name = "driftline",
    version,
    max_term_width = 100,
    after_help = exit_code_help(),
    after_long_help = long_footer()
)]
struct Arguments {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::CheckArgs>),
    Plan(plan::PlanArgs),
    Apply(Box<apply::ApplyArgs>),
    Rollback(Box<rollback::RollbackArgs>),
    Report(report::ReportArgs),
    Snapshot(snapshot::SnapshotArgs),
    Validate(validate::ValidateArgs),
    Doctor(doctor::DoctorArgs),
    Explain(explain::ExplainArgs),
    Diff(diff::DiffArgs),
    Targets(targets::TargetsArgs),
    Init(init::InitArgs),
    Inventory(inventory::InventoryArgs),
    IamPolicy(iam_policy::IamPolicyArgs),
    Schema(schema::SchemaArgs),
    #[cfg(feature = "simulator")]
    Simulate(super::simulate::SimulateArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What maps the exit codes.
const FAIL_ON: &str = "`check`, `plan` and `report` take --fail-on, which masks 2 and 4.";

/// Command line as clap knows it: for completions, manual pages, and the tests that read its help.
pub fn command() -> clap::Command {
    describe(Arguments::command())
}

/// Runs the program. Even after a panic, it ends with one of its own exit codes.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    install_panic_hook();
    catch_panic(|| Ok(parse_and_run(arguments))).unwrap_or_else(|error| error.exit())
}

fn parse_and_run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let Arguments { global, command } = match parse(&arguments) {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::DisplayVersion && is_verbose(&arguments) => {
            return match stdout(|out| out.write_all(verbose_version().as_bytes())) {
                Ok(()) => ExitStatus::Clean,
                Err(error) => report_error(&error, ColorChoice::Auto),
            };
        }
        Err(mut error) => {
            add_hint(&mut error, &self::command(), &arguments);
            // Help and version arrive here too. A closed pipe is no failure, and the parser's own exit code 2 would mean drift.
            if quotes_control_text(&error) {
                stderr(&sanitize(&error.render().to_string()));
            } else {
                let _ = error.print();
            }
            return if error.use_stderr() { ExitStatus::Error } else { ExitStatus::Clean };
        }
    };
    let global = match global.or_environment() {
        Ok(global) => global,
        Err(error) => return report_error(&error, ColorChoice::Auto),
    };
    let color = global.color();
    run_command(global, command).unwrap_or_else(|error| report_error(&error, color))
}

fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut program = command();
    let mut matches = program.try_get_matches_from_mut(arguments)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut program))
}

/// Prints an error and returns its exit status.
fn report_error(error: &CliError, color: ColorChoice) -> ExitStatus {
    stderr(&error.text(rendering(color)));
    error.exit()
}

fn run_command(global: GlobalArgs, command: Command) -> Result<ExitStatus, CliError> {
    start_log(Stream::Error.paint(global.color()) == Paint::Ansi)?;
    probe_standard_output()?;
    let context = RunContext::new(global, ShutdownSignal::listen()?);
    let ends_by_signal = command.ends_by_signal();
    let exit = dispatch(&context, command);
    // An error explains itself together with the warnings before it.
    context.release();
    let exit = exit?;
    // A signal that arrives while reports are written counts as well.
    Ok(context.shutdown.received().filter(|_| !ends_by_signal).unwrap_or(exit))
}

/// Whether the parser quotes an argument or a variable that would control the terminal or command a CI system.
fn quotes_control_text(error: &clap::Error) -> bool {
    error.context().any(|(_, value)| matches!(value, ContextValue::String(text) if sanitize(text) != text.as_str()))
}

impl Command {
    /// Whether a signal is the regular end of the command.
    #[cfg_attr(
        not(feature = "simulator"),
        expect(clippy::unused_self, reason = "only a simulation runs until a signal")
    )]
    fn ends_by_signal(&self) -> bool {
        #[cfg(feature = "simulator")]
        if matches!(self, Self::Simulate(_)) {
            return true;
        }
        false
    }
}

fn dispatch(context: &RunContext, command: Command) -> Result<ExitStatus, CliError> {
    match command {
        Command::Check(args) => check::run(context, *args),
        Command::Plan(args) => plan::run(context, args),
        Command::Apply(args) => apply::run(context, &args),
        Command::Rollback(args) => rollback::run(context, &args),
        Command::Snapshot(args) => snapshot::run(context, args),
        Command::Report(args) => report::run(context, &args),
        Command::Validate(args) => validate::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::Explain(args) => explain::run(context, args),
        Command::Diff(args) => diff::run(context, args),
        Command::Targets(args) => targets::run(context, args),
        Command::Init(args) => init::run(context, &args),
        Command::Inventory(args) => inventory::run(context, &args),
        Command::IamPolicy(args) => iam_policy::run(context, &args),
        Command::Schema(args) => schema::run(&args),
        #[cfg(feature = "simulator")]
        Command::Simulate(args) => super::simulate::run(context, &args),
        Command::Completions(args) => completions::run(context, &args, self::command()),
        Command::Man(args) => man::run(context, &args, self::command()),
    }
}

fn exit_code_help() -> String {
    exit_code_list(&ExitStatus::ALL.map(|exit| (exit, exit.meaning())))
}

fn long_footer() -> String {
    let mut text = format!("{}\n\n{FAIL_ON}\n\nEnvironment:", exit_code_help());
    for variable in VARIABLES {
        let _ = write!(text, "\n  {}\n          {}", variable.name, variable.help());
    }
    text.push_str(
        "\n\nExamples:\n  \
         driftline check policies\n  \
         driftline check policies --report json=report.json\n  \
         driftline explain 111122223333/eu-central-1 policies\n  \
         driftline diff --base origin/main policies\n  \
         driftline check policies --simulate world.yaml",
    );
    text
}
