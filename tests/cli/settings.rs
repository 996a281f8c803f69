//! The settings file, from where it is found to what it changes.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, World, policy};

const OTHER: &str = "222233334444";

/// A check of a policy in a world, as JSON.
fn check(settings: &str, declarations: &[&str], world: &World) -> Driftline {
    let program = Driftline::new().settings(settings).policy("a.yaml", policy(declarations)).world(world);
    program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"])
}

/// `account/region outcome` of each target.
#[track_caller]
fn outcomes(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    let line = |target: &Value| {
        format!("{}/{} {}", word(&target["account"]), word(&target["region"]), word(&target["outcome"]))
    };
    report["targets"].as_array().expect("targets").iter().map(line).collect()
}

#[test]
fn the_nearest_file_upwards_counts_and_its_policies_are_relative_to_it() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let program = Driftline::new()
        .settings("policies = [\"missing\"]\n")
        .file("near/driftline.toml", "policies = [\"wanted\"]\n[inventory]\nregions = [\"eu-west-1\"]\n")
        .policy("near/wanted/a.yaml", policy([declaration]))
        .below("near/deeply/below");
    let ran = program.args(["validate"]).run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 1 declaration, 1 account, 1 target\n");
}

#[test]
fn a_named_file_counts_alone_and_must_exist() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let program = || {
        Driftline::new()
            .settings("policies = [\"missing\"]\n")
            .file("ci/other.toml", "policies = [\"a.yaml\"]\n[inventory]\nregions = [\"eu-west-1\"]\n")
            .policy("ci/a.yaml", policy([&declaration]))
    };
    program().args(["validate"]).run(1).says("no such file or folder: missing");
    let ran = program().args(["validate", "--config", "ci/other.toml"]).run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 1 declaration, 1 account, 1 target\n");
    program().args(["validate", "--config", "ci/missing.toml"]).run(1).says("ci/missing.toml");
}

#[test]
fn policies_on_the_command_line_replace_those_of_the_file() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let program = Driftline::new().settings("policies = [\"missing\"]\n").policy("a.yaml", policy([declaration]));
    program.args(["validate", "a.yaml"]).run(0);
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_known_one() {
    let program = Driftline::new().settings("[limits]\nconcurency = 3\n").policy("a.yaml", policy(["status: ENABLED"]));
    program.args(["validate", "a.yaml"]).run(1).says("unknown-key").says("concurency").says("`concurrency`");
}

#[test]
fn the_settings_file_itself_is_never_a_policy() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let program = Driftline::new().settings("policies = [\".\"]\n").policy("a.yaml", policy([declaration]));
    let ran = program.args(["validate"]).run(0);
    assert!(ran.stdout.starts_with("valid: 1 policy file, "), "{}", ran.stdout);
}

#[test]
fn the_inventory_can_be_the_callers_account() {
    let world = World::new().enabled(CALLER);
    let settings = "[inventory]\naccounts = \"caller\"\nregions = [\"eu-west-1\"]\n";
    let ran = check(settings, &["status: ENABLED"], &world).run(0);
    assert_eq!(outcomes(&ran), [format!("{CALLER}/eu-west-1 in_sync")]);
}

#[test]
fn the_inventory_can_be_a_list() {
    let world = World::new().enabled(ACCOUNT).account(OTHER, "");
    let settings = format!("[inventory]\naccounts = [\"{OTHER}\", \"{ACCOUNT}\"]\nregions = [\"eu-west-1\"]\n");
    let ran = check(&settings, &["status: ENABLED"], &world).run(2);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/eu-west-1 in_sync"), format!("{OTHER}/eu-west-1 drifted")]);
    // What is declared beyond the list is no target, and that is said.
    let more = format!("accounts: [\"{CALLER}\"], status: PAUSED");
    let ran = check(&settings, &["status: ENABLED", &more], &world).run(2);
    assert_eq!(outcomes(&ran).len(), 2);
    ran.says("matches-nothing");
}

#[test]
fn the_inventory_is_otherwise_what_is_declared() {
    let world = World::new().enabled(ACCOUNT);
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    for settings in ["", "[inventory]\naccounts = \"declared\"\nregions = \"macie\"\n"] {
        let ran = check(settings, &[&declaration, "finding_publishing_frequency: ONE_HOUR"], &world).run(0);
        // The opt-in Regions that are off do not apply.
        assert_eq!(outcomes(&ran).len(), 22);
        assert_eq!(outcomes(&ran).iter().filter(|line| line.ends_with("not_applicable")).count(), 5);
    }
    check("", &["status: ENABLED"], &world).run(1).says("no-accounts");
}

#[test]
fn a_listed_region_without_macie_does_not_apply() {
    let settings = "[inventory]\nregions = [\"eu-west-1\", \"ca-west-1\"]\n";
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let ran = check(settings, &[&declaration], &World::new().enabled(ACCOUNT)).run(0);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/ca-west-1 not_applicable"), format!("{ACCOUNT}/eu-west-1 in_sync")]);
    assert_eq!(ran.json()["targets"][0]["evidence"]["basis"], "no_macie_in_region");
}

#[test]
fn a_named_region_without_macie_is_off_while_patterns_and_all_do_not_reach_there() {
    let world = World::new().enabled(ACCOUNT);
    let named = format!("accounts: [\"{ACCOUNT}\"], regions: [ca-west-1], status: NOT_ENABLED");
    let ran = check("", &[&named], &world).run(0);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/ca-west-1 in_sync")]);
    assert_eq!(ran.json()["requests"]["macie2"], 0, "there is nobody to ask");
    let pattern = format!("accounts: [\"{ACCOUNT}\"], regions: [\"ca-*\"], status: ENABLED");
    let ran = check("", &[&pattern], &world).run(0);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/ca-central-1 in_sync")]);
    let all = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let ran = check("", &[&all, &named], &world).run(0);
    let off: Vec<String> = outcomes(&ran).into_iter().filter(|line| line.contains("ca-west-1")).collect();
    assert_eq!(off, [format!("{ACCOUNT}/ca-west-1 in_sync")]);
}

#[test]
fn a_session_cannot_be_wanted_in_a_named_region_without_macie_unless_the_settings_know_better() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [ca-west-1], status: ENABLED");
    let world = World::new().enabled(ACCOUNT);
    check("", &[&declaration], &world).run(1).says("region-without-macie");
    let settings = "[regions]\nmacie = [\"ca-west-1\", \"eu-west-1\"]\nopt_in = []\n";
    let empty = check(settings, &[&declaration], &world).run(1);
    empty.says("empty-list");
    let settings = "[regions]\nmacie = [\"ca-west-1\", \"eu-west-1\"]\nopt_in = [\"af-south-1\"]\n";
    // The simulated AWS has no Macie there, so the call fails; what counts is that it is made.
    let ran = check(settings, &[&declaration], &world).run(4);
    assert_eq!(ran.json()["targets"][0]["unread"]["reason"], "unreachable");
}

#[test]
fn the_regions_of_the_settings_replace_those_of_the_table() {
    let settings = "[regions]\nmacie = [\"eu-west-1\", \"us-east-1\"]\n";
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let ran = check(settings, &[&declaration], &World::new().enabled(ACCOUNT)).run(0);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/eu-west-1 in_sync"), format!("{ACCOUNT}/us-east-1 in_sync")]);
    let unknown = format!("accounts: [\"{ACCOUNT}\"], regions: [xx-north-9], status: ENABLED");
    check("", &[&unknown], &World::new()).run(1).says("unknown-region");
    let taught = "[regions]\nmacie = [\"xx-north-9\"]\n";
    let program = Driftline::new().settings(taught).policy("a.yaml", policy([unknown]));
    let ran = program.args(["validate", "a.yaml"]).run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 1 declaration, 1 account, 1 target\n");
}

/// What came of a check of an account whose trust policy is as described.
#[track_caller]
fn opened(description: &str, settings: &str, variables: &[(&str, &str)]) -> bool {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: NOT_ENABLED");
    let program = check(settings, &[&declaration], &World::new().account(ACCOUNT, description));
    let program = variables.iter().fold(program, |program, (name, value)| program.env(name, value));
    let code = program.command().output().expect("the program runs").status.code();
    let ran = program.run(code.expect("an exit code"));
    let reason = &ran.json()["targets"][0]["unread"]["reason"];
    assert!(code == Some(0) && reason.is_null() || code == Some(4) && reason == "role_not_assumable", "{ran:?}");
    code == Some(0)
}

#[test]
fn the_role_is_the_one_of_the_settings() {
    let audit = "roles: [audit/Reader]";
    assert!(!opened(audit, "", &[]));
    assert!(!opened(audit, "[aws]\nrole_name = \"Reader\"\n", &[]), "a path is part of a role");
    assert!(opened(audit, "[aws]\nrole_name = \"audit/Reader\"\n", &[]));
    assert!(opened(audit, "[aws]\nrole_arn = \"arn:{partition}:iam::{account}:role/audit/Reader\"\n", &[]));
    assert!(opened(audit, "[aws]\nrole_arn = \"arn:aws:iam::{account}:role/audit/Reader\"\n", &[]));
}

#[test]
fn the_external_id_is_that_of_the_environment_or_else_of_the_settings() {
    let trust = "external_id: right-one";
    let (right, wrong) = ("[aws]\nexternal_id = \"right-one\"\n", "[aws]\nexternal_id = \"wrong-one\"\n");
    assert!(!opened(trust, "", &[]));
    assert!(opened(trust, right, &[]));
    assert!(!opened(trust, wrong, &[]));
    assert!(opened(trust, wrong, &[("DRIFTLINE_EXTERNAL_ID", "right-one")]));
    assert!(!opened(trust, right, &[("DRIFTLINE_EXTERNAL_ID", "wrong-one")]));
    let declaration = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let program = check("", &[&declaration], &World::new()).env("DRIFTLINE_EXTERNAL_ID", "a b");
    let ran = program.run(1);
    ran.says("error: DRIFTLINE_EXTERNAL_ID is not a valid external id");
    assert!(!ran.stderr.contains("a b"), "it may be a secret with a slip in it");
}

#[test]
fn a_role_of_one_account_opens_no_other() {
    let declaration = format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], status: NOT_ENABLED");
    let settings = format!("[aws]\nrole_arn = \"arn:aws:iam::{ACCOUNT}:role/Reader\"\n");
    let world = World::new().account(ACCOUNT, "").enabled(OTHER);
    let ran = check(&settings, &[&declaration], &world).run(4);
    assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/eu-west-1 in_sync"), format!("{OTHER}/eu-west-1 unread")]);
    assert_eq!(ran.json()["targets"][1]["unread"]["reason"], "wrong_account");
    assert_eq!(ran.json()["requests"]["macie2"], 1, "no call is made with them");
}

#[test]
fn one_call_at_a_time_reads_the_same() {
    let ids: Vec<String> = (1..=5).map(|id| format!("{id:012}")).collect();
    let world = ids.iter().fold(World::new(), |world, id| world.enabled(id));
    let declaration = format!("accounts: {ids:?}, finding_publishing_frequency: ONE_HOUR");
    let at_once = check("", &[&declaration], &world).run(0);
    let one_by_one = check("[limits]\nconcurrency = 1\n", &[&declaration], &world).run(0);
    assert_eq!(at_once, one_by_one);
}

#[test]
fn what_is_not_read_by_the_deadline_is_unread_and_all_else_is_read() {
    let world = World::new().enabled(ACCOUNT).enabled(OTHER).fault(OTHER, "hang");
    let wanted =
        |status: &str| format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], status: {status}");
    for (status, exit, outcome) in [("ENABLED", 4, "in_sync"), ("PAUSED", 6, "drifted")] {
        let ran = check("", &[&wanted(status)], &world).args(["--deadline", "3s"]).run(exit);
        assert_eq!(outcomes(&ran), [format!("{ACCOUNT}/eu-west-1 {outcome}"), format!("{OTHER}/eu-west-1 unread")]);
        let unread = &ran.json()["targets"][1]["unread"];
        assert_eq!(unread["reason"], "deadline");
        assert_eq!(unread["message"], "the run's deadline came before this target was read");
    }
    let ran = check("[limits]\ndeadline = \"2s\"\n", &[&wanted("ENABLED")], &world).run(4);
    assert_eq!(ran.json()["targets"][1]["unread"]["reason"], "deadline", "the settings say it as well");
}

#[test]
fn the_deadline_counts_from_the_start_so_that_a_mute_sts_does_not_outlast_it() {
    let world = World::new().fault_of("sts:GetCallerIdentity", CALLER, "hang");
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let ran = check("", &[&declaration], &world).args(["--deadline", "1s"]).run(4);
    let unread = &ran.json()["targets"][0]["unread"];
    assert_eq!(unread["reason"], "deadline");
    assert_eq!(unread["message"], "the deadline passed before the run reached AWS");
    let settings = "[inventory]\naccounts = \"caller\"\n";
    let ran = check(settings, &[&declaration], &world).args(["--deadline", "1s"]).run(1);
    ran.says("error: the deadline passed before the account was known, so there is nothing to report\n");
    assert_eq!(ran.stdout, "");
}
