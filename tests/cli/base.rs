//! `--base`: what a change of the policies fixes, causes, and leaves, given what is live.

use std::process::Command;

use insta::assert_snapshot;

use crate::support::{ACCOUNT, Driftline, World, policy};

fn git(program: &Driftline, arguments: &[&str]) {
    let mut command = Command::new("git");
    let status = command
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(program.path(""))
        .status();
    assert!(status.expect("git runs").success(), "git {arguments:?}");
}

/// A repository whose policies have changed since its only commit.
fn changed() -> Driftline {
    let live = "eu-west-1: {status: PAUSED, finding_publishing_frequency: ONE_HOUR}, \
                eu-west-2: {status: ENABLED, finding_publishing_frequency: SIX_HOURS}, us-east-1: off, \
                us-west-1: {status: PAUSED}";
    let world = World::new().account(ACCOUNT, &format!("sessions: {{{live}}}"));
    let of = |region: &str, rest: &str| format!("accounts: [\"{ACCOUNT}\"], regions: [{region}], {rest}");
    let old = [
        of("eu-west-1", "status: ENABLED"),
        of("eu-west-2", "finding_publishing_frequency: SIX_HOURS"),
        of("us-east-1", "status: ENABLED"),
        of("us-west-1", "status: ENABLED"),
    ];
    let new = [
        of("eu-west-1", "status: PAUSED"),
        of("eu-west-2", "finding_publishing_frequency: ONE_HOUR"),
        of("us-east-1", "status: ENABLED"),
    ];
    let program = Driftline::new().policy("policies/a.yaml", policy(old)).world(&world);
    git(&program, &["init", "-q"]);
    git(&program, &["add", "policies"]);
    git(&program, &["commit", "-q", "-m", "first"]);
    let path = std::env::var_os("PATH").expect("a path");
    program.policy("policies/a.yaml", policy(new)).env("PATH", path)
}

#[test]
fn what_a_change_fixes_and_causes_is_told_for_the_review() {
    let program = changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "HEAD"]);
    assert_snapshot!("check_text", program.run(2).stdout);
    let program =
        changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "HEAD", "--report", "markdown"]);
    assert_snapshot!("check_markdown", program.run(2).stdout);
    let program =
        changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "HEAD", "--report", "json"]);
    let report = program.run(2).json();
    assert_eq!(report["base"]["revision"], "HEAD");
    assert_eq!(report["base"]["no_longer_declared"], 1);
    let reviews: Vec<&str> = report["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["settings"][0]["review"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(reviews, ["fixes", "causes", "already"]);
}

#[test]
fn a_plan_for_a_pull_request_begins_with_what_the_change_does() {
    let program =
        changed().args(["plan", "policies", "--simulate", "world.yaml", "--base", "HEAD", "--report", "markdown"]);
    assert_snapshot!("plan_markdown", program.run(2).stdout);
}

#[test]
fn the_verdict_is_that_of_the_new_policies() {
    let with = changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "HEAD", "--quiet"]).run(2);
    let without = changed().args(["check", "policies", "--simulate", "world.yaml", "--quiet"]).run(2);
    assert!(with.stdout.ends_with(&without.stdout), "{}\n{}", with.stdout, without.stdout);
    changed().args(["check", "policies", "--simulate", "world.yaml", "--base", "nowhere"]).run(1).says("nowhere");
}

#[test]
fn the_parts_of_a_run_add_up_and_must_have_one_base() {
    let program = changed();
    let part = |shard: &str, more: &[&str], file: &str| {
        let report = format!("json={file}");
        let check = ["check", "policies", "--simulate", "world.yaml", "--quiet", "--shard", shard, "--report", &report];
        let output = program.command().args(check).args(more).output().expect("the program runs");
        assert!(matches!(output.status.code(), Some(0 | 2)), "{output:?}");
    };
    for shard in ["1/2", "2/2"] {
        part(shard, &["--base", "HEAD"], &format!("{}.json", &shard[..1]));
    }
    part("2/2", &[], "other.json");
    for order in [["1.json", "2.json"], ["2.json", "1.json"]] {
        let merged = program.run_with(&["report", order[0], order[1], "--report", "json"], 2).json();
        assert_eq!(merged["base"]["no_longer_declared"], 1, "{order:?}");
        assert_eq!(merged["base"]["revision"], "HEAD");
    }
    program
        .run_with(&["report", "1.json", "other.json"], 1)
        .says("1.json and other.json are not of one run: the revision of --base differs");
}
