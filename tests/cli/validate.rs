//! `driftline validate` for programs, and for many policy sets at once.

use serde_json::Value;

use crate::json::schema;
use crate::support::{ACCOUNT, Driftline, Ran, policy};

fn good() -> String {
    policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")])
}

fn bad() -> String {
    policy(["statuss: ENABLED, regions: [EU]"])
}

fn doubtful() -> String {
    let idle = format!("accounts: [\"{ACCOUNT}\"], regions: [\"xx-*\"], status: PAUSED");
    policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED"), idle])
}

#[track_caller]
fn found(ran: &Ran) -> Value {
    let document = ran.json();
    let schema = schema("diagnostics");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mistakes: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, Vec::<String>::new());
    document
}

#[test]
fn mistakes_are_told_to_programs_whole_although_the_files_are_invalid() {
    let program = || Driftline::new().policy("p/a.yaml", bad()).policy("p/b.yaml", good());
    let ran = program().args(["validate", "p", "--report", "json"]).run(1);
    ran.says("unknown-key").says("error: 2 errors in the files; nothing was checked\n");
    found(&ran);
    insta::assert_snapshot!("validate_json", ran.stdout);
    let program = program().args(["validate", "p", "--report", "json=found.json"]);
    assert_eq!(program.run(1).stdout, "");
    assert_eq!(program.read("found.json"), ran.stdout);
}

#[test]
fn what_is_valid_is_told_to_programs_too() {
    let document =
        found(&Driftline::new().policy("a.yaml", good()).args(["validate", "a.yaml", "--report", "json"]).run(0));
    assert_eq!((&document["valid"], &document["errors"]), (&true.into(), &0.into()));
    let holds = serde_json::json!({"policy_files": 1, "declarations": 1, "targets": 1, "accounts": 1, "not_checked": null,
        "offline_inventory": null});
    assert_eq!(document["policy_sets"][0]["holds"], holds);
    let program = || Driftline::new().policy("a.yaml", doubtful()).args(["validate", "a.yaml", "--report", "json"]);
    let document = found(&program().run(0));
    assert_eq!((&document["valid"], &document["warnings"]), (&true.into(), &1.into()));
    let label = &document["policy_sets"][0]["diagnostics"][0]["labels"][0];
    assert_eq!((&label["file"], &label["line"], &label["end_line"]), (&"a.yaml".into(), &4.into(), &4.into()));
    let document = found(&program().args(["--deny-warnings"]).run(1));
    assert_eq!(document["valid"], false);
    let settings = "[inventory]\naccounts = \"caller\"\n";
    let document = found(&program().settings(settings).run(0));
    assert_eq!(document["policy_sets"][0]["holds"]["accounts"], Value::Null);
}

#[test]
fn every_policy_set_below_a_folder_is_checked_with_its_own_settings() {
    let program = || {
        Driftline::new()
            .file("one/driftline.toml", "policies = [\"policies\"]\n")
            .policy("one/policies/a.yaml", good())
            .file("deep/two/driftline.toml", "policies = [\"policies\"]\n[inventory]\naccounts = \"caller\"\n")
            .policy("deep/two/policies/a.yaml", bad())
            .file("three/driftline.toml", "# the policies lie beside this file\n")
            .policy("three/a.yaml", doubtful())
            .file(".hidden/driftline.toml", "[")
            .file("unused.yaml", "no policy set")
            .args(["validate", "--all", "."])
    };
    let ran = program().run(1);
    insta::assert_snapshot!("validate_all", ran.stdout);
    ran.says("deep/two/policies/a.yaml:3").says("three/a.yaml:4");
    let ran = program().args(["--report", "json", "--quiet"]).run(1);
    let document = found(&ran);
    let names: Vec<&Value> =
        document["policy_sets"].as_array().expect("policy sets").iter().map(|set| &set["name"]).collect();
    assert_eq!(names, ["deep/two", "one", "three"]);
    assert_eq!((&document["valid"], &document["errors"], &document["warnings"]), (&false.into(), &2.into(), &1.into()));
    assert!(!ran.stderr.contains("three/a.yaml"), "doubts are not told where it shall be quiet: {}", ran.stderr);
}

#[test]
fn a_folder_without_settings_is_one_policy_set() {
    let program = || Driftline::new().policy("policies/a.yaml", good()).policy("policies/b/b.yaml", doubtful());
    let ran = program().args(["validate", "--all", "policies"]).run(0);
    assert_eq!(
        ran.stdout,
        "valid    policies: 2 policy files, 3 declarations, 1 account, 1 target\n1 policy set: 1 valid, 0 invalid\n"
    );
    let ran = program().args(["validate", "--all", "policies", "--deny-warnings"]).run(1);
    assert_eq!(ran.stdout, "invalid  policies: 1 warning with --deny-warnings\n1 policy set: 0 valid, 1 invalid\n");
}

#[test]
fn a_folder_of_nothing_is_never_valid() {
    Driftline::new().args(["validate", "--all", "missing"]).run(1);
    let ran = Driftline::new().file("empty/readme", "nothing").args(["validate", "--all", "empty"]).run(1);
    ran.says("empty-policy-set");
}

#[test]
fn all_takes_neither_policies_nor_settings() {
    let program = || Driftline::new().settings("").policy("a.yaml", good());
    program().args(["validate", "--all", ".", "a.yaml"]).run(1).says("cannot be used with");
    program().args(["validate", "--all", ".", "--config", "driftline.toml"]).run(1).says("cannot be used with");
}
