//! What the program says of itself.

use std::fmt::Write as _;

use driftline::apply::JOURNAL_VERSION;
use driftline::cli::{ExitStatus, command, exit_codes};
use driftline::model::TABLE_DATE;
use driftline::plan::PLAN_VERSION;
use driftline::policy::POLICY_VERSION;
use driftline::report::{REPORT_VERSION, SNAPSHOT_VERSION};

use crate::support::Driftline;

/// The names of the subcommands, the parser's own `help` aside.
fn subcommands() -> Vec<String> {
    let program = command();
    let names: Vec<String> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    assert!(names.len() >= 7, "{names:?}");
    names
}

fn help(arguments: &[&str]) -> String {
    let ran = Driftline::new().args(arguments).run(0);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

#[test]
fn help_and_version_are_no_errors() {
    assert_eq!(Driftline::new().args(["--version"]).run(0).stdout, "driftline [version]\n");
    assert_eq!(help(&["--help"]), help(&["help"]));
    assert_eq!(help(&["check", "--help"]), help(&["help", "check"]));
}

#[test]
fn the_help_of_the_program() {
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_short", help(&["-h"]));
}

#[test]
fn the_help_of_every_command() {
    for name in subcommands() {
        insta::assert_snapshot!(format!("help_{name}"), help(&[&name, "--help"]));
    }
}

#[test]
fn every_command_shows_an_example_that_names_it() {
    for name in subcommands() {
        let help = help(&[&name, "--help"]);
        let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{name} shows no example:\n{help}"));
        assert!(examples.contains(&format!("driftline {name}")), "{examples}");
    }
}

#[test]
fn the_verbose_version_says_what_the_program_was_built_from() {
    let verbose = help(&["--version", "--verbose"]);
    for arguments in [&["-V", "-v"][..], &["--verbose", "--version"], &["-Vv"], &["-vV"]] {
        assert_eq!(help(arguments), verbose, "{arguments:?}");
    }
    for arguments in [&["-V"][..], &["--version", "--quiet"]] {
        assert_eq!(help(arguments), "driftline [version]\n", "{arguments:?}");
    }
    let facts: Vec<(&str, &str)> = verbose.lines().skip(1).filter_map(|line| line.split_once(": ")).collect();
    let versions = format!(
        "report {REPORT_VERSION}, plan {PLAN_VERSION}, journal {JOURNAL_VERSION}, snapshot {SNAPSHOT_VERSION}, policy {POLICY_VERSION}"
    );
    let target = facts.iter().find(|(name, _)| *name == "target").expect("a target").1;
    assert!(target.matches('-').count() >= 2 && target.contains(std::env::consts::OS), "a triple: {target}");
    let commit = option_env!("DRIFTLINE_COMMIT").unwrap_or("unknown");
    let expected = [
        ("commit", commit),
        ("target", target),
        ("features", "simulator"),
        ("Region table", TABLE_DATE),
        ("format versions", &versions),
    ];
    assert_eq!(verbose.lines().next(), Some("driftline [version]"));
    assert_eq!(facts, expected);
}

/// The headings of a command's help, in order.
fn headings(name: &str) -> Vec<String> {
    let help = help(&[name, "--help"]);
    let is_heading = |line: &&str| line.ends_with(':') && !line.starts_with(' ');
    help.lines().filter(is_heading).map(|line| line.trim_end_matches(':').to_owned()).collect()
}

#[test]
fn options_stand_under_headings() {
    let check = [
        "Arguments",
        "What to check",
        "Output",
        "Changes and cron",
        "Large runs",
        "Format options",
        "Global",
        "Exit codes",
        "Examples",
    ];
    assert_eq!(headings("check"), check);
    for name in
        ["plan", "apply", "rollback", "report", "snapshot", "validate", "explain", "diff", "targets", "inventory"]
    {
        let headings = headings(name);
        assert!(!headings.iter().any(|heading| heading == "Options"), "{name}: {headings:?}");
        assert!(headings.iter().any(|heading| heading.starts_with("What to ")), "{name}: {headings:?}");
    }
}

#[test]
fn every_command_lists_the_exit_codes_that_it_can_give() {
    for name in subcommands() {
        let help = help(&[&name, "--help"]);
        let (_, rest) = help.split_once("Exit codes:\n").unwrap_or_else(|| panic!("{name}:\n{help}"));
        let listed = rest.split("\n\n").next().expect("a paragraph");
        let numbers = listed.lines().filter_map(|line| line.split_whitespace().next()?.parse::<u8>().ok());
        let known: Vec<u8> = exit_codes(&name).iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), known, "{name}");
    }
    let codes = |name: &str| exit_codes(name).iter().map(|(exit, _)| exit.code()).collect::<Vec<_>>();
    assert_eq!(codes("check"), [0, 1, 2, 4, 6, 130, 143]);
    assert_eq!(codes("plan"), [0, 1, 2, 4, 6, 130, 143]);
    assert_eq!(codes("apply"), [0, 1, 8, 130, 143]);
    assert_eq!(codes("report"), [0, 1, 2, 4, 6]);
    assert_eq!(codes("diff"), [0, 1, 2]);
    assert_eq!(codes("validate"), [0, 1]);
}

#[test]
fn options_without_an_effect_are_not_shown() {
    for name in ["schema", "completions"] {
        let help = help(&[name, "--help"]);
        assert!(!help.contains("--quiet") && !help.contains("--verbose"), "{help}");
    }
    Driftline::new().args(["schema", "policy", "--quiet"]).run(0);
}

#[test]
fn the_exit_codes_in_the_help_are_those_there_are() {
    let mut expected = String::from("Exit codes:\n");
    for exit in ExitStatus::ALL {
        let _ = writeln!(expected, "  {:>3}  {}", exit.code(), exit.meaning());
    }
    for arguments in [["--help"], ["-h"]] {
        let help = help(&arguments);
        let listed = help.get(help.find("Exit codes:").expect("exit codes")..).expect("a text");
        let listed = listed.split("\n\n").next().expect("a paragraph");
        assert_eq!(listed.trim_end(), expected.trim_end(), "{arguments:?}");
    }
    let codes = ExitStatus::ALL.map(ExitStatus::code);
    assert_eq!(codes, [0, 1, 2, 4, 6, 8, 130, 143]);
}
