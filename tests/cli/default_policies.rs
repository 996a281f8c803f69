//! The folder `policies`, where nothing names another, and the settings file in reports.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, policy};

fn enabled() -> String {
    policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")])
}

fn program() -> Driftline {
    Driftline::new().policy("policies/a.yaml", enabled()).world(&World::new().enabled(ACCOUNT))
}

/// Commands with the arguments that they cannot do without.
const COMMANDS: [&[&str]; 8] = [
    &["check", "--simulate", "world.yaml"],
    &["plan", "--simulate", "world.yaml"],
    &["apply", "--simulate", "world.yaml", "--auto-approve"],
    &["snapshot", "--simulate", "world.yaml", "--out", "snapshot.json"],
    &["validate"],
    &["targets"],
    &["explain", "111122223333/eu-west-1"],
    &["iam-policy", "check"],
];

#[test]
fn every_command_takes_the_folder_of_the_working_directory() {
    let program = program();
    for arguments in COMMANDS {
        program.run_with(arguments, 0);
    }
    let report = program.run_with(&["check", "--simulate", "world.yaml", "--report", "json"], 0).json();
    assert_eq!(report["run"]["policy_files"], serde_json::json!(["policies/a.yaml"]));
    assert_eq!(report["run"]["settings_file"], Value::Null);
}

#[test]
fn a_settings_file_without_policies_takes_the_folder_beside_it() {
    let program = program().settings("[limits]\nconcurrency = 2\n").below("deep/below");
    let program = program.policy("deep/below/policies/b.yaml", "[");
    let world = ["--simulate", "../../world.yaml"];
    let report = program.run_with(&["check", world[0], world[1], "--report", "json"], 0).json();
    assert_eq!(report["run"]["policy_files"], serde_json::json!(["../../policies/a.yaml"]));
    assert_eq!(report["run"]["settings_file"], "../../driftline.toml");
    let plan = ["plan", world[0], world[1], "--out", "plan.json"];
    program.run_with(&plan, 0);
    program.run_with(&["apply", "plan.json", world[0], world[1], "--auto-approve"], 0);
    // What names policies takes precedence.
    let program = program.settings("policies = [\"rules\"]\n");
    program.run_with(&["validate"], 1).says("no such file or folder: ../../rules");
    let ran = program.run_with(&["validate", "--config", "../../driftline.toml", "../../policies"], 0);
    assert!(ran.stdout.contains("1 policy file,"), "{}", ran.stdout);
}

#[test]
fn without_the_folder_nothing_is_checked() {
    let ran = Driftline::new().policy("rules/a.yaml", enabled()).args(["check"]).run(1);
    ran.says("error: no policy files are given").says("or put them into a folder policies beside it");
    // A link to nothing is no folder, and told.
    #[cfg(unix)]
    {
        let program = Driftline::new().args(["check"]);
        std::os::unix::fs::symlink("nowhere", program.path("policies")).expect("a link");
        program.run(1).says("policies is a broken symbolic link to nowhere");
    }
}

#[test]
fn of_many_sets_each_has_the_folder_beside_its_settings_or_is_the_folder_itself() {
    let program = Driftline::new()
        .file("one/driftline.toml", "[limits]\nconcurrency = 2\n")
        .policy("one/policies/a.yaml", enabled())
        .file("one/notes.yaml", "[")
        .file("two/driftline.toml", "[limits]\nconcurrency = 2\n")
        .policy("two/a.yaml", enabled());
    let ran = program.run_with(&["validate", "--all", "."], 0);
    assert!(ran.stdout.contains("2 policy sets: 2 valid"), "{}", ran.stdout);
    let found = program.run_with(&["validate", "--all", ".", "--report", "json"], 0).json();
    assert_eq!(found["policy_sets"][0]["settings_file"], "one/driftline.toml");
}

#[test]
fn every_document_with_policy_files_names_the_settings() {
    let program = program().settings("[limits]\nconcurrency = 2\n");
    for arguments in [&["targets"][..], &["explain", "111122223333/eu-west-1"], &["plan", "--simulate", "world.yaml"]] {
        let document = program.run_with(&[arguments, &["--report", "json"]].concat(), 0).json();
        assert_eq!(document["settings_file"], "driftline.toml", "{arguments:?}");
    }
    let diff = program.run_with(&["diff", "policies", "policies", "--report", "json"], 0).json();
    assert_eq!(diff["new"]["settings_file"], "driftline.toml");
    let found = program.run_with(&["validate", "--report", "json"], 0).json();
    assert_eq!(found["policy_sets"][0]["settings_file"], "driftline.toml");
    let check = |format: &str| program.run_with(&["check", "--simulate", "world.yaml", "--report", format], 0).stdout;
    assert!(check("html").contains("<dt>Settings</dt><dd><code>"));
    assert!(check("markdown").contains("`driftline.toml`"));
    assert!(check("jsonl").contains("\"settings_file\":\"driftline.toml\""));
    let verbose = program.run_with(&["check", "--simulate", "world.yaml", "--verbose"], 0).stdout;
    assert!(verbose.contains("settings of driftline.toml"), "{verbose}");
}

#[test]
fn parts_with_other_settings_are_one_run_still() {
    let program = program().settings("[limits]\nconcurrency = 2\n").file("other.toml", "policies = [\"policies\"]\n");
    for (shard, config) in [("1/2", "driftline.toml"), ("2/2", "other.toml")] {
        let report = format!("json={}.json", &shard[..1]);
        let arguments = ["check", "--simulate", "world.yaml", "--quiet", "--shard", shard, "--report", &report];
        program.run_with(&[&arguments[..], &["--config", config]].concat(), 0);
    }
    program.run_with(&["report", "1.json", "2.json"], 0);
}
