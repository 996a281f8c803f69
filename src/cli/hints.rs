//! Hints for arguments that belong to other tools, to another command, or to another place on the command line.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Spellings that people bring from other tools, and what to use here.
struct Hint {
    spellings: &'static [&'static str],
    tip: &'static str,
}

const fn hint(spellings: &'static [&'static str], tip: &'static str) -> Hint {
    Hint { spellings, tip }
}

/// Options of other tools.
const OPTIONS: [Hint; 14] = [
    hint(&["--profile", "-p"], "set the variable that every AWS tool reads: AWS_PROFILE=NAME driftline …"),
    hint(&["--endpoint-url"], "set the variable that every AWS tool reads: AWS_ENDPOINT_URL=URL driftline …"),
    hint(
        &["--yes", "-y", "--force", "--no-input", "-auto-approve", "--approve"],
        "`apply` and `rollback` take --auto-approve in place of a typed confirmation; each risky kind of change needs its own --allow",
    ),
    hint(
        &["--target", "-t", "--targets"],
        "one target is planned with `driftline plan --only ACCOUNT/REGION --out plan.json`",
    ),
    hint(
        &["--detailed-exitcode", "--exit-code", "--no-exit-codes", "--exit-zero", "--no-fail", "--soft-fail"],
        "the exit code always reports the result: 2 is drift, 4 unread, 6 both; `check`, `plan` and `report` mask it with --fail-on drift, unread or none",
    ),
    hint(
        &["--role", "--role-arn", "--assume-role"],
        "name the role in driftline.toml: `[aws] role_name` or `role_arn`",
    ),
    hint(&["--external-id"], "set the variable DRIFTLINE_EXTERNAL_ID, or `[aws] external_id` in driftline.toml"),
    hint(
        &["--organization", "--org", "--all-accounts"],
        "use --inventory organization, or `[inventory] accounts = \"organization\"` in driftline.toml",
    ),
    hint(
        &["--ignore", "--skip", "--exclude", "--mutelist-file", "-w"],
        "declare a waiver, or an `except`, in a policy file: docs/reference/policies.md",
    ),
    hint(&["--no-color", "--no-colour"], "use --color never, or set the variable NO_COLOR=1"),
    hint(&["--debug", "--log-level", "--trace"], "use --verbose, or set the variable DRIFTLINE_LOG=driftline=debug"),
    hint(&["--silent", "-s"], "use --quiet"),
    hint(&["--parallelism", "--threads", "-j"], "set `[limits] concurrency` in driftline.toml"),
    hint(&["--timeout"], "use --deadline, or set DRIFTLINE_DEADLINE or `[limits] deadline` in driftline.toml"),
];

/// Options of other tools for the format and the file of the output.
const FORMAT: [&str; 5] = ["--output", "--format", "--json", "-o", "-f"];

/// Commands of other tools.
const COMMANDS: [Hint; 12] = [
    hint(&["scan", "drift", "detect", "audit", "status", "run", "refresh", "compare"], "use `driftline check`"),
    hint(&["list", "ls"], "use `driftline targets` for what a run reads, or `driftline inventory` for the accounts"),
    hint(&["accounts", "organization"], "use `driftline inventory`"),
    hint(&["version"], "use `driftline --version`, with --verbose for the build and the format versions"),
    hint(&["lint", "test", "fmt", "verify"], "use `driftline validate`"),
    hint(
        &["show", "describe", "get"],
        "use `driftline explain ACCOUNT/REGION`, or `driftline report FILE` for a saved report",
    ),
    hint(
        &["fix", "remediate", "deploy", "up"],
        "use `driftline plan --out plan.json`, then `driftline apply plan.json`",
    ),
    hint(&["preview"], "use `driftline plan`"),
    hint(
        &["destroy", "delete", "disable", "down"],
        "declare `status: NOT_ENABLED`, then use `driftline plan`; `apply` needs --allow disable",
    ),
    hint(&["undo", "revert"], "use `driftline rollback JOURNAL`"),
    hint(&["iam", "policy", "permissions"], "use `driftline iam-policy check`"),
    hint(&["new", "setup", "start"], "use `driftline init FOLDER`"),
];

/// Replaces the parser's guesses where an argument is known from another tool, command or place.
pub(super) fn add_hint(error: &mut Error, root: &Command, arguments: &[OsString]) {
    let Some((kind, word)) = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand].into_iter().find_map(|kind| {
        let ContextValue::String(word) = error.get(kind)? else { return None };
        Some((kind, word.clone()))
    }) else {
        return;
    };
    let is_option = kind == ContextKind::InvalidArg;
    let tip = match (error.kind(), is_option) {
        (ErrorKind::UnknownArgument, true) => known(&OPTIONS, &word)
            .or_else(|| format_tip(root, &word, arguments))
            .or_else(|| elsewhere(root, &word, arguments)),
        (ErrorKind::InvalidSubcommand, false) => known(&COMMANDS, &word),
        _ => None,
    };
    let Some(tip) = tip else { return nearest_first(error) };
    for guess in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::Suggested] {
        error.remove(guess);
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
}

/// Sorts the guesses: the parser names the nearest one last.
fn nearest_first(error: &mut Error) {
    if let Some(ContextValue::Strings(guesses)) = error.get(ContextKind::SuggestedSubcommand) {
        let guesses = guesses.iter().rev().cloned().collect();
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(guesses));
    }
}

fn known(hints: &[Hint], word: &str) -> Option<String> {
    let word = word.split_once('=').map_or(word, |(name, _)| name);
    let found = hints.iter().find(|hint| hint.spellings.iter().any(|spelling| spelling.eq_ignore_ascii_case(word)))?;
    Some(found.tip.to_owned())
}

/// How the command chooses the format and the file of its output.
fn format_tip(root: &Command, word: &str, arguments: &[OsString]) -> Option<String> {
    let option = word.split_once('=').map_or(word, |(name, _)| name);
    if !FORMAT.iter().any(|spelling| spelling.eq_ignore_ascii_case(option)) {
        return None;
    }
    let given = arguments.iter().find_map(|argument| root.find_subcommand(argument));
    let takes = |long: &str| given.is_none_or(|given| given.get_arguments().any(|it| it.get_long() == Some(long)));
    if given.is_some() && takes("format") {
        return Some("choose a form with --format, see --help; it goes to standard output".to_owned());
    }
    let report = "choose a format with --report: --report json, or --report json=FILE";
    Some(match (takes("report"), given.is_some() && takes("out")) {
        (true, true) => format!("{report}; --out FILE saves what the command makes"),
        (true, false) => report.to_owned(),
        (false, true) => "there is one format; save it with --out".to_owned(),
        (false, false) => "there is one format, on standard output".to_owned(),
    })
}

/// The commands that take an option which stands before the command, or beside one that does not take it.
fn elsewhere(root: &Command, word: &str, arguments: &[OsString]) -> Option<String> {
    let option = word.split_once('=').map_or(word, |(name, _)| name);
    let long = option.strip_prefix("--")?;
    let takes = |command: &&Command| command.get_arguments().any(|argument| argument.get_long() == Some(long));
    let commands: Vec<&str> = root.get_subcommands().filter(takes).map(Command::get_name).collect();
    let first = *commands.first()?;
    let given = arguments.iter().find_map(|argument| root.find_subcommand(argument)).map(Command::get_name);
    let Some(given) = given.filter(|given| !commands.contains(given)) else {
        return Some(format!("`{option}` stands after the command: driftline {} {option} …", given.unwrap_or(first)));
    };
    Some(format!("`driftline {given}` does not take `{option}`; these commands do: {}", commands.join(", ")))
}
