//! Parts of a command's help that depend on the command: what the global options do there, and its exit codes.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use super::exit::ExitStatus::{
    self, Clean, Drift, DriftAndIncomplete, Error, Incomplete, Interrupted, NotApplied, Terminated,
};
use super::help_headings::GLOBAL;

/// Exit codes with their meaning.
type ExitCodes = &'static [(ExitStatus, &'static str)];

const NO_RESULT: &str = "no result: bad arguments or files, no credentials, unwritable report";
const NO_OUTPUT: &str = "no result: bad arguments or files, unwritable output";
const DRIFT: &str = "drift; nothing is unread but what a waiver expects";
const UNREAD: &str = "incomplete: some targets are unread, no drift in the rest";
const BOTH: &str = "drift, and some targets are unread (2 + 4)";
const INTERRUPTED: &str = "interrupted (Ctrl-C); what was read is still reported, the rest is unread";
const TERMINATED: &str = "terminated (SIGTERM, SIGHUP); otherwise as 130";

const CHECK: ExitCodes = &[
    (Clean, "every declared target was read, or is unread as a waiver expects, and none drifts"),
    (Error, NO_RESULT),
    (Drift, DRIFT),
    (Incomplete, UNREAD),
    (DriftAndIncomplete, BOTH),
    (Interrupted, INTERRUPTED),
    (Terminated, TERMINATED),
];

const PLAN: ExitCodes = &[
    (Clean, "no changes: every declared target was read, or is unread as a waiver expects, and none drifts"),
    (Error, NO_RESULT),
    (Drift, "drift: changes, or drift that is blocked; nothing is unread but what a waiver expects"),
    (Incomplete, "no changes, and some targets are unread"),
    (DriftAndIncomplete, BOTH),
    (Interrupted, INTERRUPTED),
    (Terminated, TERMINATED),
];

const APPLY: ExitCodes = &[
    (Clean, "every step is verified, and no drift is blocked; with --dry-run: nothing would stop them"),
    (Error, NO_RESULT),
    (NotApplied, "refused by a guard, a step is not verified, or drift is blocked"),
    (Interrupted, "interrupted (Ctrl-C); begun steps are finished, the rest is not tried"),
    (Terminated, TERMINATED),
];

const ROLLBACK: ExitCodes = &[
    (Clean, "every step is verified, and nothing is blocked; with --out: nothing to restore"),
    (Error, NO_RESULT),
    (Drift, "with --out: there is something to restore"),
    (Incomplete, "with --out: nothing to restore, and some targets are unread"),
    (DriftAndIncomplete, "with --out: both (2 + 4)"),
    (NotApplied, "refused by a guard, a step is not verified, or a change is blocked"),
    (Interrupted, "interrupted (Ctrl-C); begun steps are finished, the rest is not tried"),
    (Terminated, TERMINATED),
];

const REPORT: ExitCodes = &[
    (Clean, "the report has no drift, and nothing is unread but what a waiver expects"),
    (Error, "no result: bad arguments or files, a shard is missing, unwritable report"),
    (Drift, DRIFT),
    (Incomplete, UNREAD),
    (DriftAndIncomplete, BOTH),
];

const SNAPSHOT: ExitCodes = &[
    (Clean, "saved, and everything was read"),
    (Error, NO_RESULT),
    (Incomplete, "saved, and some targets are unread"),
    (Interrupted, "interrupted (Ctrl-C); nothing is saved"),
    (Terminated, TERMINATED),
];

const INVENTORY: ExitCodes = &[
    (Clean, "every account was listed"),
    (Error, NO_RESULT),
    (Interrupted, "interrupted (Ctrl-C); nothing is listed or saved"),
    (Terminated, TERMINATED),
];

const DIFF: ExitCodes =
    &[(Clean, "the effective settings are the same"), (Error, NO_OUTPUT), (Drift, "the effective settings differ")];

const VALIDATE: ExitCodes = &[
    (Clean, "no errors; with --deny-warnings: no warnings either"),
    (Error, "an error, or with --deny-warnings a warning; bad arguments, unwritable report"),
];

const EXPLAIN: ExitCodes = &[
    (Clean, "the target or code is explained"),
    (Error, "no result: no such target or code, bad arguments or files, unwritable output"),
];

const SIMULATE: ExitCodes =
    &[(Clean, "ended by a signal"), (Error, "no result: bad arguments or world file, the port is in use")];

const OTHER: ExitCodes = &[(Clean, "done"), (Error, NO_OUTPUT)];

const DOCTOR: ExitCodes = &[
    (Clean, "everything that a check needs is there"),
    (Error, "a check would have no result; bad arguments, unwritable report"),
    (Incomplete, "a check would leave something unread"),
    (Interrupted, "interrupted (Ctrl-C); what was tried is still reported"),
    (Terminated, TERMINATED),
];

/// Exit codes that a command can end with, and what they mean there.
pub fn exit_codes(command: &str) -> ExitCodes {
    match command {
        "check" => CHECK,
        "plan" => PLAN,
        "apply" => APPLY,
        "rollback" => ROLLBACK,
        "report" => REPORT,
        "snapshot" => SNAPSHOT,
        "doctor" => DOCTOR,
        "inventory" => INVENTORY,
        "diff" => DIFF,
        "validate" => VALIDATE,
        "explain" => EXPLAIN,
        "simulate" => SIMULATE,
        _ => OTHER,
    }
}

/// What `--quiet` does in a command; `None` if nothing.
fn quiet(command: &str) -> Option<&'static str> {
    Some(match command {
        "check" => {
            "Print less: no warnings, no progress, and of a text report on standard output only changes, ledger and verdict; \
             files stay whole"
        }
        "report" => {
            "Print less: of a text report on standard output only changes, ledger and verdict; files stay whole"
        }
        "plan" => {
            "Print less: no warnings, no progress, and of a text report on standard output only the summary; files stay whole"
        }
        "apply" | "rollback" => {
            "Print less: no warnings, no progress, and of plan and text report on the terminal only the summary; files stay whole"
        }
        "snapshot" | "inventory" => "Print no warnings and no progress",
        "validate" => "Print no warnings: only errors, and what is valid",
        "explain" => "Print no notes",
        "doctor" => {
            "Print less: no progress, and of a text report on standard output only the verdict; files stay whole"
        }
        "diff" | "targets" => {
            "Print less: no warnings, no notes, and of a text report on standard output only the counts; files stay whole"
        }
        "init" => "Do not print what was written and what to do next",
        "iam-policy" => "Print no notes, such as where to attach the policy",
        "simulate" => "Do not print that the simulated AWS has started",
        "man" => "Do not print how many pages were written",
        "schema" | "completions" => return None,
        _ => "Print less: no notes, warnings or progress",
    })
}

/// What `--verbose` does in a command; `None` if nothing.
fn verbose(command: &str) -> Option<&'static str> {
    Some(match command {
        "check" | "report" => {
            "Print more: every target with its values and evidence, what was overridden, and the settings file"
        }
        "plan" | "apply" | "rollback" => "Print more: the evidence for each step",
        "diff" => "Print more: every target, and the changed lines of the policy files",
        "targets" => "Print more: every account and target",
        "doctor" => "Print more: every failure of a kind",
        "snapshot" | "inventory" | "validate" | "explain" | "init" | "iam-policy" | "simulate" | "schema"
        | "completions" | "man" => return None,
        _ => "Print more, such as values and evidence",
    })
}

/// The program with the parts of the help that depend on the command.
pub(super) fn describe(program: Command) -> Command {
    let program = program.disable_help_flag(true).disable_version_flag(true).arg(help_option()).arg(version_option());
    let globals: Vec<Arg> = program.get_arguments().filter(|arg| arg.is_global_set()).cloned().collect();
    program.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        let own = globals.iter().cloned().map(|arg| match arg.get_id().as_str() {
            "quiet" => with_effect(arg, quiet(&name)),
            "verbose" => with_effect(arg, verbose(&name)),
            _ => arg,
        });
        let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let footer = format!("{}\n\n{examples}", exit_code_list(exit_codes(&name)));
        command.args(own.collect::<Vec<_>>()).after_long_help(footer.trim_end().to_owned())
    })
}

/// `--help`, under the heading of the other global options.
fn help_option() -> Arg {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true).help_heading(GLOBAL);
    help.help("Print help (see more with '--help')").long_help("Print help (see a summary with '-h')")
}

/// `--version`, likewise.
fn version_option() -> Arg {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help_heading(GLOBAL);
    version.help("Print the version; with --verbose also commit, target, features, Region table and format versions")
}

/// Global option with its effect in a command. An option without one is accepted and not shown.
fn with_effect(arg: Arg, effect: Option<&'static str>) -> Arg {
    match effect {
        Some(effect) => arg.help(effect),
        None => arg.hide(true),
    }
}

/// Exit codes, as a paragraph of help.
pub(super) fn exit_code_list(codes: &[(ExitStatus, &str)]) -> String {
    let mut text = String::from("Exit codes:");
    for (exit, meaning) in codes {
        let _ = write!(text, "\n  {:>3}  {meaning}", exit.code());
    }
    text
}
