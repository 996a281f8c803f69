//! Arguments that belong to other tools, to another command, or to another place on the command line.

use std::fmt::Write as _;

use crate::support::Driftline;

/// What each of these command lines is told. All of them end with exit code 1.
fn tips(lines: &[&[&str]]) -> String {
    let mut text = String::new();
    for arguments in lines {
        let ran = Driftline::new().args(*arguments).run(1);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        let tips: Vec<&str> = ran.stderr.lines().filter(|line| line.trim_start().starts_with("tip:")).collect();
        let _ = writeln!(text, "driftline {}\n{}", arguments.join(" "), tips.join("\n"));
    }
    text
}

#[test]
fn options_of_other_tools_are_led_to_ours() {
    insta::assert_snapshot!(tips(&[
        &["check", "--profile", "audit"],
        &["--profile=audit", "check"],
        &["check", "--endpoint-url", "http://127.0.0.1:4566"],
        &["check", "--output", "json"],
        &["check", "-o", "json"],
        &["plan", "--format=json"],
        &["report", "last.json", "--json"],
        &["snapshot", "--format", "json"],
        &["completions", "bash", "--output", "x"],
        &["apply", "plan.json", "--yes"],
        &["apply", "plan.json", "-y"],
        &["apply", "plan.json", "--force"],
        &["plan", "--target", "macie"],
        &["plan", "--detailed-exitcode"],
        &["check", "--exit-zero"],
        &["check", "--role-arn", "arn:aws:iam::111122223333:role/Audit"],
        &["check", "--external-id", "x"],
        &["check", "--organization"],
        &["check", "--exclude", "111122223333"],
        &["check", "--no-color"],
        &["check", "--debug"],
        &["check", "--silent"],
        &["apply", "--parallelism=3"],
        &["check", "--timeout", "30"],
    ]));
}

#[test]
fn commands_of_other_tools_are_led_to_ours() {
    let words = [
        "scan", "drift", "detect", "audit", "status", "list", "ls", "accounts", "version", "lint", "show", "fix",
        "preview", "destroy", "undo", "iam", "setup",
    ];
    let lines: Vec<[&str; 1]> = words.iter().map(|word| [*word]).collect();
    let lines: Vec<&[&str]> = lines.iter().map(|line| line.as_slice()).collect();
    insta::assert_snapshot!(tips(&lines));
}

#[test]
fn options_of_ours_are_led_to_their_command_and_place() {
    insta::assert_snapshot!(tips(&[
        &["apply", "plan.json", "--base", "main"],
        &["targets", "--since=last.json"],
        &["--simulate", "world.yaml", "check"],
        &["--report", "json"],
        &["validate", "--allow", "pause"],
    ]));
}

#[test]
fn a_slip_of_the_finger_is_still_corrected_and_the_rest_is_left_alone() {
    let ran = Driftline::new().args(["chekc"]).run(1);
    let tip = ran.stderr.lines().find(|line| line.contains("tip:")).expect("a tip");
    assert!(tip.contains(": 'check'"), "the nearest one first: {tip}");
    let ran = Driftline::new().args(["check", "--reprot", "json"]).run(1);
    ran.says("'--report'");
    let ran = Driftline::new().args(["zebra"]).run(1);
    assert!(!ran.stderr.contains("tip:"), "{}", ran.stderr);
}
