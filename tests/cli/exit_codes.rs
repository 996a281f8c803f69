//! The exit code tells the verdict, and nothing else changes it.

use driftline::cli::ExitStatus;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

/// A check of one account in two Regions.
fn check(world: &World) -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, us-east-1], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declaration])).world(world).args([
        "check",
        "a.yaml",
        "--simulate",
        "world.yaml",
    ])
}

/// Each verdict with a world that leads to it.
fn worlds() -> [(ExitStatus, &'static str, World); 4] {
    let denied = "denials: [{actions: [\"macie2:*\"], regions: [us-east-1]}]";
    let paused = "sessions: {\"*\": {}, eu-west-1: {status: PAUSED}}";
    [
        (ExitStatus::Clean, "in_sync", World::new().enabled(ACCOUNT)),
        (ExitStatus::Drift, "drift", World::new().account(ACCOUNT, paused)),
        (
            ExitStatus::Incomplete,
            "incomplete",
            World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{}}}}, {denied}")),
        ),
        (
            ExitStatus::DriftAndIncomplete,
            "drift_and_incomplete",
            World::new().account(ACCOUNT, &format!("{paused}, {denied}")),
        ),
    ]
}

#[test]
fn each_verdict_has_its_exit_code() {
    for ((exit, verdict, world), code) in worlds().into_iter().zip([0, 2, 4, 6]) {
        assert_eq!(i32::from(exit.code()), code);
        let ran = check(&world).args(["--report", "json"]).run(code);
        assert_eq!(ran.json()["verdict"], verdict);
        assert_eq!(ran.stderr, "", "nothing is amiss with the files");
    }
}

#[test]
fn no_format_level_or_file_changes_the_exit_code() {
    for (exit, _, world) in worlds() {
        for more in [
            &["--quiet"][..],
            &["--verbose"],
            &["--color", "always"],
            &["--report", "json"],
            &["--report", "text=a.txt", "--report", "json=a.json"],
            &["--report", "json", "--quiet"],
        ] {
            check(&world).args(more).env("DRIFTLINE_LOG", "error").run(exit.code().into());
        }
    }
}

#[test]
fn fail_on_masks_the_bits_of_check_plan_and_report() {
    for (exit, verdict, world) in worlds() {
        for (fail_on, mask) in [("drift,unread", 6), ("unread, drift", 6), ("drift", 2), ("unread", 4), ("none", 0)] {
            let expected = i32::from(exit.code() & mask);
            let fail_on = ["--fail-on", fail_on];
            let checked = check(&world).args(["--report", "json=r.json", "--report", "jsonl"]).args(fail_on);
            let lines = checked.run(expected).stdout;
            let last: serde_json::Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
            assert_eq!((&last["verdict"], &last["exit_code"]), (&verdict.into(), &expected.into()), "{fail_on:?}");
            let saved: serde_json::Value = serde_json::from_str(&checked.read("r.json")).expect("JSON");
            assert_eq!(saved["verdict"], verdict, "{fail_on:?}");
            let bytes = std::fs::read(checked.path("r.json")).expect("a report");
            let program = Driftline::new().file("r.json", bytes).args(["report", "r.json", "--report", "json"]);
            let again = program.args(fail_on).run(expected);
            assert_eq!(again.json()["verdict"], verdict, "{fail_on:?}");
            let planned = Driftline::new().policy("a.yaml", checked.read("a.yaml")).world(&world);
            planned.args(["plan", "a.yaml", "--simulate", "world.yaml"]).args(fail_on).run(expected);
        }
    }
}

#[test]
fn fail_on_hides_no_error_and_belongs_to_commands_with_a_verdict() {
    for arguments in [
        &["check", "missing.yaml", "--fail-on", "none"][..],
        &["check", "--fail-on", "nothing"],
        &["check", "--fail-on", ""],
        &["report", "missing.json", "--fail-on", "none"],
    ] {
        Driftline::new().args(arguments).run(1);
    }
    let ran = Driftline::new().args(["check", "--fail-on", "drift, errors"]).run(1);
    ran.says("'drift, errors' for '--fail-on <WHAT>': \"errors\" is neither drift, unread nor none\n");
    let ran = Driftline::new().args(["apply", "plan.json", "--fail-on", "none"]).run(1);
    ran.says("these commands do: check, plan, report");
}

#[test]
fn no_format_of_a_saved_report_needs_settings_without_errors() {
    let saved = check(&worlds()[1].2).args(["--report", "json=r.json"]);
    saved.run(2);
    let bytes = std::fs::read(saved.path("r.json")).expect("a report");
    let again = |more: &[&str]| {
        let program = Driftline::new().file("r.json", bytes.as_slice()).settings("no settings\n");
        program.args(["report", "r.json"]).args(more)
    };
    for format in ["text", "json", "jsonl", "csv", "sarif", "markdown", "junit", "prometheus", "html"] {
        let program = again(&["--report", &format!("{format}=out")]);
        let ran = program.run(2);
        assert_ne!(program.read("out"), "", "{format}");
        if format == "html" {
            ran.says("warning: the page has no links to the console: driftline.toml has errors\n  fix: correct them");
        } else {
            assert_eq!(ran.stderr, "", "{format}");
        }
    }
    again(&["--report", "html=driftline.toml"]).run(1).says("driftline.toml cannot be overwritten");
    let owned = again(&["--report", "html=out"]).env("DRIFTLINE_EXTERNAL_ID", "?");
    owned.run(2).says("warning: the page has no links to the console: DRIFTLINE_EXTERNAL_ID is not");
    // A file that somebody names must exist, whatever the format.
    for format in ["csv", "html"] {
        let report = format!("{format}=out");
        let program = again(&["--report", &report, "--config", "missing.toml"]);
        program.run(1).says("missing.toml");
        assert!(!program.path("out").exists(), "{format}");
        again(&["--report", &report]).env("DRIFTLINE_CONFIG", "missing.toml").run(1).says("there is no such file");
    }
}

#[test]
fn a_usage_error_is_never_taken_for_drift() {
    for arguments in [
        &[][..],
        &["chek"],
        &["check", "--nonsense"],
        &["check", "--deadline", "soon"],
        &["check", "--report", "yaml"],
        &["check", "--quiet", "--verbose"],
        &["check", "--color", "green"],
        &["explain"],
        &["explain", "eu-west-1/111122223333"],
        &["schema", "policies"],
        &["completions", "cmd.exe"],
        &["man", "apply-everything"],
        &["simulate", "world.yaml", "--port", "65536"],
    ] {
        let ran = Driftline::new().args(arguments).run(1);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains("Usage: driftline") || ran.stderr.contains("error: "), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn without_a_policy_nothing_is_said() {
    let ran = Driftline::new().args(["check"]).run(1);
    ran.says("error: no policy files are given").says("name policy files or folders after the command");
    Driftline::new().args(["check", "missing.yaml"]).run(1).says("no such file or folder: missing.yaml");
    let empty = Driftline::new().policy("a.yaml", "version: 1\nmacie_sessions: []\n").args(["check", "a.yaml"]).run(1);
    assert_eq!(empty.stdout, "", "never a green run over nothing");
}

#[test]
fn a_check_of_no_target_at_all_is_never_green() {
    let world = World::new().enabled(ACCOUNT);
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [\"us-gov-*\"], status: ENABLED");
    let program = || {
        let program = Driftline::new().policy("a.yaml", policy([&declaration])).world(&world);
        program.args(["check", "a.yaml", "--simulate", "world.yaml"])
    };
    program()
        .run(1)
        .says("matches-nothing")
        .says("error: no declaration reaches a target of the inventory, so there is");
    let ran = program().args(["--quiet"]).run(1);
    assert!(ran.stderr.starts_with("error: no declaration reaches a target"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    let elsewhere = program().settings("[inventory]\naccounts = \"caller\"\n");
    elsewhere.run(1).says("error: no declaration reaches a target");
}

#[test]
fn a_mistake_in_a_policy_is_told_before_credentials_are_asked_for() {
    let program = Driftline::new().policy("a.yaml", policy(["accounts: [\"1\"], status: ENABLED"]));
    let ran = program.args(["check", "a.yaml"]).run(1);
    ran.says("bad-account-id").says("error: 1 error in the files; nothing was checked");
    assert!(!ran.stderr.contains("credentials"), "{}", ran.stderr);
}

#[test]
fn a_world_that_cannot_be_used_is_an_error_at_its_place() {
    let declaration = format!("accounts: [\"{CALLER}\"], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration]));
    let program = program.file("world.yaml", "version: 1\ncaller: \"1\"\naccounts: {}\n");
    program.args(["check", "a.yaml", "--simulate", "world.yaml"]).run(1).says("world.yaml");
    Driftline::new().args(["simulate", "missing.yaml"]).run(1).says("missing.yaml");
}
