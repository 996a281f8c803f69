//! Policies about Session Manager: what may be written, what comes of it for a target, and what `diff` and waivers make of it.

use serde_json::Value;

use crate::json::schema;
use crate::support::{Driftline, Ran, copied};

pub(crate) const PREFERENCES: &str = r#"version: 1
session_manager_preferences:
  - name: every account
    cloudwatch_log_group_name: "/session-manager/{account}"
    cloudwatch_encryption_enabled: true
    idle_session_timeout: {at_most: 20}
    max_session_duration: {at_most: 720}
  - name: cardholder data
    organizational_units: [Workloads/Prod]
    kms_key_id: "arn:{partition}:kms:{region}:111122223333:alias/session-manager"
    run_as_enabled: true
    run_as_default_user: SET
    s3_bucket_name: [UNSET, "session-logs-*"]
    severity: high
"#;

const PREFERENCES_IN_TOML: &str = r#"version = 1

[[session_manager_preferences]]
accounts = ["111122223333"]
regions = ["eu-*"]
idle_session_timeout = [{ at_most = 20 }, "UNSET"]
kms_key_id = "SET"
shell_profile = { linux = "echo *{account}" }
"#;

const PREFERENCES_IN_JSON: &str = r#"{"version": 1, "session_manager_preferences": [{
  "accounts": ["111122223333"], "s3_encryption_enabled": [true, false], "shell_profile": {"linux": "cd ~", "windows": ["UNSET", "SET"]},
  "idle_session_timeout": [{"at_least": 5}, 3, "SET"], "max_session_duration": 60
}]}"#;

pub(crate) const SESSIONS: &str = r#"version: 1
session_manager_sessions:
  - name: production is entered just in time, with a reason, and not for long
    organizational_units: [Workloads/Prod]
    ended_within: 24h
    access_type: JustInTime
    reason: SET
    duration: {at_most: 480}
    owner: ["arn:aws:sts::{account}:assumed-role/AWSReservedSSO_Operator_*/*"]
    severity: high
  - name: nobody in the vault
    accounts: ["999988887777"]
    count: {at_most: 0}
    severity: critical
"#;

const SESSIONS_IN_TOML: &str = r#"version = 1

[[session_manager_sessions]]
accounts = ["111122223333"]
ended_within = "30d"
status = ["Connected", "Disconnected", "Terminated"]
document_name = ["UNSET", "SSM-SessionManagerRunShell"]
max_session_duration = { at_most = 60 }
target = "i-*"
count = [0, { at_most = 3 }]
"#;

/// Every form of value validates, in each language, and by the JSON Schema.
#[test]
fn every_accepted_form_may_be_written() {
    let schema = schema("policy");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, text) in [
        ("a.yaml", PREFERENCES),
        ("a.toml", PREFERENCES_IN_TOML),
        ("a.json", PREFERENCES_IN_JSON),
        ("a.yaml", SESSIONS),
        ("a.toml", SESSIONS_IN_TOML),
    ] {
        let program = copied(Driftline::new(), "examples/organization").policy(name, text);
        program.args(["validate", name, "--inventory", "accounts.json"]).run(0);
        let document: Value = match name {
            "a.yaml" => serde_yaml::from_str(text).expect("YAML"),
            "a.toml" => crate::schemas::toml(text),
            _ => serde_json::from_str(text).expect("JSON"),
        };
        let mistakes: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(mistakes, Vec::<String>::new(), "{text}");
    }
}

/// All resources of a place, with placeholders as written and filled in.
fn explained(report: &[&str]) -> Ran {
    let text = "version: 1
macie_sessions:
  - {accounts: [\"111122223333\"], status: ENABLED}
session_manager_preferences:
  - name: all
    cloudwatch_log_group_name: \"/sm/{region}/{account}\"
    idle_session_timeout: [{at_most: 20}, UNSET]
  - {name: one, accounts: [\"111122223333\"], kms_key_id: \"arn:{partition}:kms:{region}:{account}:key/*\"}
  - {name: lost, cloudwatch_log_group_name: \"/sm/{region}/{account}\"}
session_manager_sessions:
  - {name: rules, accounts: [\"111122223333\"], ended_within: 24h, reason: SET, count: {at_most: 3}}
  - {name: longer, ended_within: 7d, reason: [SET, UNSET]}
";
    let settings =
        "[inventory]\naccounts = [\"111122223333\", \"444455556666\"]\nregions = [\"eu-west-1\", \"us-gov-west-1\"]\n";
    let program = Driftline::new().settings(settings).policy("a.yaml", text);
    program.args(["explain", "111122223333/eu-west-1", "a.yaml"]).args(report).run(0)
}

#[test]
fn an_explanation_shows_every_resource_and_what_placeholders_stand_for() {
    insta::assert_snapshot!(explained(&[]).stdout);
    let document = explained(&["--report", "json"]).json();
    assert!(jsonschema::is_valid(&schema("explain"), &document));
    let by_key = |key: &str| -> Value {
        let settings = document["settings"].as_array().expect("a list");
        settings.iter().find(|setting| setting["setting"] == key).cloned().expect("a setting")
    };
    let group = by_key("cloudwatch_log_group_name");
    assert_eq!(group["resource"], "session_manager_preferences");
    assert_eq!(group["accepted"], serde_json::json!(["/sm/eu-west-1/111122223333"]));
    assert_eq!(group["decided"]["written"], serde_json::json!(["/sm/{region}/{account}"]));
    assert_eq!(by_key("reason")["decided"]["written"], Value::Null);
    assert_eq!(document["parameters"][0]["setting"], "ended_within");
    assert_eq!(document["parameters"][0]["accepted"], serde_json::json!(["24h"]));
}

fn compared(old: &str, new: &str) -> Ran {
    let policy = |declared: &str| format!("version: 1\n{declared}\n");
    let settings = "[inventory]\naccounts = [\"111122223333\", \"444455556666\"]\nregions = [\"eu-west-1\"]\n";
    let program =
        Driftline::new().settings(settings).policy("old/a.yaml", policy(old)).policy("new/a.yaml", policy(new));
    program.args(["diff", "old", "new"]).run(i32::from(old != new) * 2)
}

#[test]
fn a_diff_shows_what_changes_for_every_resource() {
    let old = "session_manager_preferences: [{cloudwatch_log_group_name: \"/sm/{account}\", idle_session_timeout: {at_most: 20}}]
session_manager_sessions: [{reason: SET, count: {at_most: 3}}]";
    let new = "session_manager_preferences: [{cloudwatch_log_group_name: \"/sm/{account}*\", idle_session_timeout: [{at_most: 15}, UNSET]}]
session_manager_sessions: [{reason: [SET], count: {at_most: 3}, owner: \"arn:aws:iam::{account}:user/*\"}]";
    insta::assert_snapshot!(compared(old, new).stdout);
    assert!(compared(old, old).stdout.contains("no difference in the effective settings"));
}

/// Waivers of each kind of value.
#[test]
fn a_waiver_names_live_values_of_every_kind() {
    let text = "version: 1
session_manager_preferences:
  - accounts: [\"111122223333\"]
    idle_session_timeout: {at_most: 20}
    run_as_enabled: true
    s3_bucket_name: logs
    shell_profile: {linux: UNSET}
session_manager_sessions:
  - {accounts: [\"111122223333\"], count: 0, reason: SET}
waivers:
  - resource: session_manager_preferences
    while_live: {idle_session_timeout: [30, UNSET], run_as_enabled: false, s3_bucket_name: [\"a*{x}\", UNSET], shell_profile: {linux: \"cd ~\"}}
    reason: a move
    expires: 2049-03-31
  - {resource: session_manager_sessions, while_live: {count: [1, 2]}, reason: a move, expires: 2049-03-31}
  - {resource: session_manager_sessions, settings: reason, reason: a move, expires: 2049-03-31}
";
    Driftline::new().policy("a.yaml", text).args(["validate", "a.yaml", "--deny-warnings"]).run(0);
    let schema = schema("policy");
    let document: Value = serde_yaml::from_str(text).expect("YAML");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mistakes: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, Vec::<String>::new());
}
