//! From arguments to an exit code.

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ContextValue;

use super::arguments::{Arguments, Command, Common};
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stderr;
use super::panic_hook::{catch_panic, install_panic_hook};
use super::shutdown::ShutdownSignal;
use super::terminal::{Stream, rendering};
use super::{
    apply, check, completions, diff, explain, iam_policy, init, inventory, log, man, plan, report, rollback, schema,
    snapshot, targets, validate,
};
use crate::diagnostic::sanitize;
use crate::files::probe_standard_output;
use crate::report::Paint;

/// Runs the program. Whatever panics, it ends with one of its own exit codes.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    install_panic_hook();
    catch_panic(|| Ok(parse_and_run(arguments))).unwrap_or_else(|failure| failure.exit())
}

fn parse_and_run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too. A closed pipe is no failure, and the parser's own 2 would mean drift.
            if quotes_what_is_obeyed(&error) {
                stderr(&sanitize(&error.render().to_string()));
            } else {
                let _ = error.print();
            }
            return if error.use_stderr() { ExitStatus::Error } else { ExitStatus::Clean };
        }
    };
    let Arguments { mut common, command } = arguments;
    // Being interrupted is how a simulation is meant to end.
    let ends_so = command.is_ended_by_signal();
    let logs = log::start(Stream::Error.paint(common.color) == Paint::Ansi);
    let can_speak = logs.and_then(|()| Ok(probe_standard_output()?));
    let done = can_speak.and_then(|()| ShutdownSignal::listen()).and_then(|signal| {
        common.shutdown = signal;
        dispatch(&common, command)
    });
    match done {
        // A signal that came while reports were written counts as well.
        Ok(exit) => common.shutdown.received().filter(|_| !ends_so).unwrap_or(exit),
        Err(failure) => {
            stderr(&failure.text(rendering(&common)));
            failure.exit()
        }
    }
}

/// Whether an argument or a variable that the parser quotes would move the terminal or command a CI system.
fn quotes_what_is_obeyed(error: &clap::Error) -> bool {
    error.context().any(|(_, value)| matches!(value, ContextValue::String(text) if sanitize(text) != text.as_str()))
}

fn dispatch(common: &Common, command: Command) -> Result<ExitStatus, CliError> {
    match command {
        Command::Check(arguments) => check::run(common, arguments),
        Command::Plan(arguments) => plan::run(common, arguments),
        Command::Apply(arguments) => apply::run(common, &arguments),
        Command::Rollback(arguments) => rollback::run(common, &arguments),
        Command::Snapshot(arguments) => snapshot::run(common, arguments),
        Command::Report(arguments) => report::run(common, &arguments),
        Command::Validate(arguments) => validate::run(common, arguments),
        Command::Explain(arguments) => explain::run(common, arguments),
        Command::Diff(arguments) => diff::run(common, arguments),
        Command::Targets(arguments) => targets::run(common, arguments),
        Command::Init(arguments) => init::run(common, &arguments),
        Command::Inventory(arguments) => inventory::run(common, &arguments),
        Command::IamPolicy(arguments) => iam_policy::run(common, &arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        #[cfg(feature = "simulator")]
        Command::Simulate(arguments) => super::simulate::run(common, &arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
