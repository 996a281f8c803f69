//! `[inventory] offline`: the saved inventory that stands in for the organization where AWS is not called.

use std::process::Command;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy, simulation};

const SETTINGS: &str = "[inventory]\naccounts = \"organization\"\noffline = \"saved/accounts.json\"\n";

/// Today's organization: one account more than the saved one.
fn world() -> World {
    then().account("333344445555", "name: newcomer")
}

fn then() -> World {
    World::new()
        .organization(&format!("management: \"{CALLER}\", units: {{Prod: {{}}}}"))
        .account(CALLER, "name: management")
        .account(ACCOUNT, "name: payments, unit: Prod, tags: {env: prod}, sessions: {\"*\": {status: ENABLED}}")
}

/// A saved inventory of some day; without a day, of now.
fn saved(day: Option<&str>) -> String {
    let saving = Driftline::new().world(&then()).args(["inventory", "--simulate", "world.yaml", "--out", "a.json"]);
    saving.run(0);
    let text = std::fs::read_to_string(saving.path("a.json")).expect("a file");
    let (start, rest) = text.split_once("\"taken_at\": \"").expect("a time");
    let (now, rest) = rest.split_once('"').expect("a time");
    let time = day.map_or_else(|| now.to_owned(), |day| format!("{day}T12:00:00Z"));
    format!("{start}\"taken_at\": \"{time}\"{rest}")
}

/// A policy set about the unit and the account by name.
fn policies() -> String {
    policy([
        "organizational_units: [Prod], regions: [eu-west-1], status: ENABLED",
        "accounts: [pay*], regions: [eu-west-2], status: ENABLED",
    ])
}

fn program() -> Driftline {
    Driftline::new().policy("policies/a.yaml", policies()).settings(SETTINGS).world(&world())
}

fn with_saved(day: Option<&str>) -> Driftline {
    program().file("saved/accounts.json", saved(day))
}

#[test]
fn it_stands_in_for_the_organization_in_every_command_that_calls_no_aws() {
    let simulation = simulation(&world());
    let program = with_saved(Some("2099-01-02")).variables(&simulation.environment());
    let program = program.policy("old/a.yaml", policies().replace("eu-west-2", "eu-west-3"));
    program.run_with(&["snapshot", "--simulate", "world.yaml", "--out", "snapshot.json"], 0);
    let target = format!("{ACCOUNT}/eu-west-1");
    let told = "note: accounts of o-exampleorgid on 2099-01-02, from saved/accounts.json\n";
    for (arguments, exit) in [
        (vec!["explain", &target], 0),
        (vec!["targets"], 0),
        (vec!["diff", "old", "policies"], 2),
        (vec!["check", "--live", "snapshot.json"], 0),
    ] {
        let ran = program.run_with(&arguments, exit);
        assert_eq!(ran.stderr, told, "{arguments:?}");
        assert!(ran.stdout.contains("payments") || ran.stdout.contains(ACCOUNT), "{arguments:?}: {}", ran.stdout);
        let quiet = program.run_with(&[arguments, vec!["--quiet"]].concat(), exit);
        assert_eq!(quiet.stderr, "");
    }
    let ran = program.run_with(&["validate", "--deny-warnings"], 0);
    let valid = "valid: 1 policy file, 2 declarations, 1 account, 2 targets; accounts of o-exampleorgid on 2099-01-02, from \
                 saved/accounts.json\n";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (valid, ""));
    let holds = &program.run_with(&["validate", "--report", "json"], 0).json()["policy_sets"][0]["holds"];
    assert_eq!(holds["offline_inventory"]["taken_at"], "[time]");
    assert_eq!(holds["not_checked"], serde_json::Value::Null);
    assert_eq!(simulation.calls().len(), 0, "nobody was asked");
}

#[test]
fn it_never_does_where_aws_is_called() {
    let every = policy(["regions: [eu-west-1], status: ENABLED"]);
    let program = with_saved(None).policy("policies/a.yaml", &every);
    for arguments in [["check", "--simulate", "world.yaml"], ["plan", "--simulate", "world.yaml"]] {
        let ran = program.run_with(&[&arguments[..], &["--report", "json"]].concat(), 2);
        assert_eq!(ran.stderr, "", "{arguments:?}");
        assert!(ran.stdout.contains("333344445555"), "today's organization has the newcomer: {}", ran.stdout);
    }
    assert_eq!(program.run_with(&["targets"], 0).stdout.matches("333344445555").count(), 0);
    // A file that only other commands read need not be there.
    program_without(&every).run(2);
}

/// A check of the organization, whose saved inventory is missing.
fn program_without(policies: &str) -> Driftline {
    program().policy("policies/a.yaml", policies).args(["check", "--simulate", "world.yaml"])
}

#[test]
fn the_option_takes_precedence() {
    let other = program().file("other.json", saved(None)).args(["validate", "--inventory", "other.json"]);
    assert_eq!(other.run(0).stdout, "valid: 1 policy file, 2 declarations, 1 account, 2 targets\n");
    let word = with_saved(Some("2099-01-02")).settings(&SETTINGS.replace("\"organization\"", "\"caller\""));
    let ran = word.args(["validate", "--inventory", "organization"]).run(0);
    assert!(ran.stdout.contains("on 2099-01-02, from saved/accounts.json"), "{}", ran.stdout);
}

#[test]
fn an_old_one_is_a_warning_and_a_missing_one_an_error() {
    let old = with_saved(Some("2026-01-02"));
    let ran = old.run_with(&["validate"], 0);
    insta::assert_snapshot!("stale", ran.stderr);
    old.run_with(&["validate", "--deny-warnings"], 1)
        .says("stale-inventory")
        .says("error: 1 warning with --deny-warnings\n");
    for arguments in [&["targets"][..], &["diff", "policies", "policies"]] {
        old.run_with(arguments, 0).says("stale-inventory").says("on 2026-01-02, from saved/accounts.json\n");
    }
    let target = format!("{ACCOUNT}/eu-west-1");
    for arguments in [&["validate"][..], &["targets"], &["explain", &target], &["diff", "policies", "policies"]] {
        let ran = program().args(arguments).run(1);
        ran.says("there is no saved inventory saved/accounts.json")
            .says("driftline inventory --out saved/accounts.json");
    }
    insta::assert_snapshot!("missing", program().args(["validate"]).run(1).stderr);
}

#[test]
fn names_that_nobody_could_check_are_counted() {
    let settings = "[inventory]\naccounts = \"organization\"\n";
    let text = policy([
        "organizational_units: [Prod], regions: [eu-west-1], status: ENABLED",
        "accounts: [payments, web-*, \"111122223333\"], tags: {env: [prod, test]}, status: ENABLED",
        "organizational_units: [Prod], except: {accounts: [payments]}, regions: [eu-west-2], status: PAUSED",
    ]);
    let program = Driftline::new().policy("policies/a.yaml", text).settings(settings);
    let ran = program.run_with(&["validate"], 0);
    insta::assert_snapshot!("not_checked", format!("{}{}", ran.stderr, ran.stdout));
    let count = "5 names were not checked (2 account names, 1 organizational unit, 2 tags)";
    let ran = program.run_with(&["validate", "--deny-warnings", "--quiet"], 1);
    assert_eq!(ran.stderr.lines().last(), Some(format!("error: 1 warning with --deny-warnings; {count}").as_str()));
    let document = program.run_with(&["validate", "--report", "json"], 0).json();
    let expected = serde_json::json!({"account_names": 2, "organizational_units": 1, "tags": 2});
    assert_eq!(document["policy_sets"][0]["holds"]["not_checked"], expected);
    let all = program.run_with(&["validate", "--all", "."], 0).stdout;
    assert!(all.starts_with("well-formed  .: "), "{all}");
    // Ids are no names.
    let ids = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [\"eu-*\"], status: ENABLED")]);
    let ran = Driftline::new().policy("policies/a.yaml", ids).settings(settings);
    let ran = ran.args(["validate", "--deny-warnings"]).run(0);
    assert!(
        ran.stdout.starts_with("valid: 1 policy file, 1 declaration; its targets cannot be counted"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn both_sides_of_a_comparison_have_the_organization_of_today() {
    let git = |program: &Driftline, arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=n", "-c", "user.email=e@example.com"]).args(arguments);
        let ran = git.current_dir(program.path("")).env("HOME", program.path("../home")).output().expect("git runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    // The settings of the revision name no saved inventory yet.
    let program = program().settings("[inventory]\naccounts = \"organization\"\n");
    git(&program, &["init", "--quiet"]);
    git(&program, &["add", "--all"]);
    git(&program, &["commit", "--quiet", "--message", "one"]);
    program.run_with(&["diff", "--base", "HEAD"], 1).says("set offline = \"accounts.json\"");
    let program = program.settings(SETTINGS).file("saved/accounts.json", saved(None));
    program.run_with(&["diff", "--base", "HEAD"], 0);
    let program = program.policy("policies/a.yaml", policies().replace("eu-west-2", "eu-west-3"));
    program.run_with(&["diff", "--base", "HEAD"], 2);
    program.run_with(&["snapshot", "--simulate", "world.yaml", "--out", "snapshot.json"], 0);
    program.run_with(&["check", "--live", "snapshot.json", "--base", "HEAD"], 0);
}

#[test]
fn no_report_overwrites_it() {
    let program = with_saved(None);
    for arguments in [&["check", "--simulate", "world.yaml"][..], &["targets"]] {
        let ran = program.run_with(&[arguments, &["--report", "json=saved/accounts.json"]].concat(), 1);
        ran.says("saved/accounts.json cannot be overwritten");
    }
}

#[test]
fn a_missing_file_is_named_where_it_is_set() {
    let settings = "[inventory]\naccounts = \"caller\"\noffline = \"organisation\"\n";
    let caller = policy([format!("accounts: [\"{CALLER}\"], regions: [eu-west-1], status: ENABLED")]);
    let program = Driftline::new().policy("policies/a.yaml", caller).settings(settings).world(&then());
    program.run_with(&["check", "--simulate", "world.yaml", "--report", "json=last.json", "--quiet"], 2);
    let ran = program.run_with(&["report", "last.json", "--report", "owners=texts"], 1);
    ran.says("there is no saved inventory organisation").says("driftline.toml:3:");
    // It takes no keywords.
    assert!(!ran.stderr.contains("keywords"), "{}", ran.stderr);
}
