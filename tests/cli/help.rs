//! What the program says of itself.

use std::fmt::Write as _;

use driftline::cli::{ExitStatus, command};

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
