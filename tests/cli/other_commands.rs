//! `validate`, and the commands that need nothing.

use crate::support::{ACCOUNT, Driftline, copied, policy};

#[test]
fn validate_counts_what_is_valid() {
    let program = copied(Driftline::new(), "examples/organization");
    let ran = program.args(["validate", "policies", "--inventory", "accounts.json"]).run(0);
    assert_eq!(ran.stdout, "valid: 5 policy files, 7 declarations, 8 accounts, 42 targets\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn validate_counts_the_callers_targets_where_the_inventory_is_the_caller() {
    let program = Driftline::new().settings("[inventory]\naccounts = \"caller\"\n");
    let ran = program
        .policy("a.yaml", policy(["regions: [\"eu-west-*\"], status: ENABLED"]))
        .args(["validate", "a.yaml"])
        .run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 1 declaration, 3 targets in the caller's account\n");
}

#[test]
fn validate_finds_what_would_be_ambiguous_if_a_listed_account_were_the_caller() {
    let program = Driftline::new().settings("[inventory]\naccounts = \"caller\"\n");
    let listed = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let ran = program
        .policy("a.yaml", policy([listed, "regions: [us-east-1], status: PAUSED".to_owned()]))
        .args(["validate", "a.yaml"])
        .run(1);
    ran.says("ambiguous-declarations");
}

/// A policy with a declaration that reaches nothing.
fn doubtful() -> Driftline {
    let idle = format!("accounts: [\"{ACCOUNT}\"], regions: [\"xx-*\"], status: PAUSED");
    let text = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([text, idle])).args(["validate", "a.yaml"])
}

#[test]
fn a_doubt_is_told_and_stops_nobody_unless_it_shall() {
    let ran = doubtful().run(0);
    ran.says("matches-nothing");
    assert_eq!(ran.stdout, "valid: 1 policy file, 2 declarations, 1 account, 1 target\n");
    let ran = doubtful().args(["--deny-warnings"]).run(1);
    ran.says("matches-nothing").says("error: 1 warning with --deny-warnings\n");
    assert_eq!(ran.stdout, "");
    assert_eq!(doubtful().args(["--quiet"]).run(0).stderr, "");
    assert_eq!(
        doubtful().args(["--quiet", "--deny-warnings"]).run(1).stderr,
        "error: 1 warning with --deny-warnings\n"
    );
}

#[test]
fn a_log_that_nobody_understands_is_a_mistake() {
    for wanted in ["##vso[task.x]y", "driftline=loud", "[span", "\u{1b}[31mred", "a=b=c"] {
        let ran = doubtful().env("DRIFTLINE_LOG", wanted).run(1);
        let told = "error: DRIFTLINE_LOG is not a valid log filter\n  fix: set a level";
        assert!(ran.stderr.starts_with(told) && ran.stdout.is_empty(), "{wanted}: {}", ran.stderr);
        assert!(!ran.stderr.contains("##vso"), "{}", ran.stderr);
    }
    for wanted in ["", " ", "off", "::error::x", "debug", "driftline=debug,aws=info", "DRIFTLINE=Warn"] {
        doubtful().env("DRIFTLINE_LOG", wanted).run(0);
    }
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let program = Driftline::new()
        .policy("p/a.yaml", "version: 1\nmacie_sessions:\n  - statuss: ENABLED\n  - status: ON\n")
        .policy("p/b.toml", "version = 1\n[[macie_sessions]]\naccounts = [\"12\"]\nstatus = \"ENABLED\"\n")
        .policy("p/c.json", "{\"version\": 3, \"macie_sessions\": []}")
        .settings("[limits]\ndeadline = 15\n");
    let ran = program.args(["validate", "p"]).run(1);
    for place in ["p/a.yaml:3", "p/a.yaml:4", "p/b.toml:3", "p/c.json:1", "driftline.toml:2"] {
        ran.says(place);
    }
    assert_eq!(ran.stdout, "");
}

#[test]
fn commands_without_aws_need_no_credentials_and_no_settings() {
    for arguments in [&["schema", "policy"][..], &["man"], &["completions", "zsh"], &["--version"]] {
        let ran = Driftline::new().settings("this is not TOML").args(arguments).run(0);
        assert_eq!(ran.stderr, "", "{arguments:?}");
        assert!(!ran.stdout.is_empty(), "{arguments:?}");
    }
}
