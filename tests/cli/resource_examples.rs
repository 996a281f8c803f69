//! Policies that declare each resource in full, against simulated AWS accounts that are as they demand, and against others.

use std::fmt::Write as _;

use serde_json::Value;

use crate::policy_examples::{PREFERENCES, SESSIONS};
use crate::support::{ACCOUNT, CALLER, Driftline};

const OTHER: &str = "444455556666";
const REGION: &str = "eu-central-1";

const PREFERENCES_TOML: &str = r#"version = 1

[[session_manager_preferences]]
accounts = ["111122223333"]
regions = ["eu-*"]
idle_session_timeout = [{ at_most = 20 }, "UNSET"]
kms_key_id = "SET"
"#;

const MACIE: &str = r#"version: 1
macie_sessions:
  - name: everywhere
    status: ENABLED
    security_hub: {publish_policy_findings: true, publish_classification_findings: true}
    administrator: "999988887777"
  - name: the administrator itself
    accounts: ["999988887777"]
    classification_export: {bucket_name: "macie-results-{region}", kms_key_arn: "arn:aws:kms:{region}:999988887777:key/*"}
    automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}
    organization: {auto_enable: true}
  - name: nobody samples sensitive data
    except: {accounts: ["999988887777"]}
    reveal: {status: DISABLED}
"#;

/// The preferences that the first policy demands of an account.
const INPUTS: &str = "cloudWatchLogGroupName: \"/session-manager/111122223333\", cloudWatchEncryptionEnabled: true, \
                      idleSessionTimeout: \"20\", maxSessionDuration: \"720\", runAsEnabled: true, runAsDefaultUser: ops, \
                      kmsKeyId: \"arn:aws:kms:eu-central-1:111122223333:alias/session-manager\"";

/// A session that the rules allow.
const SESSION: &str = "id: operator-0123456789abcdef0, target: i-0123456789abcdef0, status: Connected, access_type: JustInTime, \
                       reason: CHG-1, started: 90m, \
                       owner: \"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Operator_1/jane@example.com\"";

/// An account that is as the Macie policy demands.
const MACIE_ON: &str =
    "status: ENABLED, security_hub: {publish_policy_findings: true, publish_classification_findings: true}";

/// A world with an organization, in which the first account is in production. The caller is its Macie administrator.
fn world(account: &str, other: &str, administrator: &str) -> String {
    let mut text = format!(
        "version: 1\ncaller: \"{CALLER}\"\norganization:\n  management: \"000011112222\"\n  \
         delegated_administrators: [\"{CALLER}\"]\n  macie_administrator: \"{CALLER}\"\n  \
         units: {{Workloads: {{units: {{Prod: {{}}}}}}}}\naccounts:\n  \"000011112222\": {{}}\n"
    );
    for (id, unit, description) in
        [(ACCOUNT, "unit: Workloads/Prod, ", account), (OTHER, "", other), (CALLER, "", administrator)]
    {
        writeln!(text, "  \"{id}\": {{{unit}{description}}}").expect("a string");
    }
    text
}

/// The report of a check of some policy.
#[track_caller]
fn check(name: &str, policy: &str, world: &str, exit: i32) -> Value {
    let settings = format!(
        "[inventory]\naccounts = \"organization\"\nregions = [\"{REGION}\"]\n\
         [aws]\nrole_name = \"DriftlineRead\"\nadministrator_account = \"{CALLER}\"\n"
    );
    let program = Driftline::new().policy(name, policy).settings(&settings).file("world.yaml", world);
    let arguments = ["check", name, "--simulate", "world.yaml", "--report", "json"];
    // The management account is no member of Macie's administrator, and has no preferences here.
    let all_but_management: [&str; 6] = ["--account", ACCOUNT, "--account", OTHER, "--account", CALLER];
    let selected = if [PREFERENCES, MACIE].contains(&policy) { &all_but_management[..] } else { &[] };
    program.run_with(&[&arguments, selected].concat(), exit).json()
}

/// What drifts: account, setting, live value.
fn drifted(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut drifted = Vec::new();
    for target in report["targets"].as_array().expect("targets") {
        for row in target["settings"].as_array().expect("settings") {
            if row["outcome"] == "drifted" {
                drifted.push((text(&target["account"]), text(&row["setting"]), text(&row["live"])));
            }
        }
    }
    drifted
}

fn preferences(inputs: &str) -> String {
    format!("session_manager: {{preferences: {{\"*\": [{{inputs: {{{inputs}}}}}]}}}}")
}

fn sessions(sessions: &[&str]) -> String {
    let sessions: Vec<String> = sessions.iter().map(|session| format!("{{{session}}}")).collect();
    format!("session_manager: {{sessions: {{\"*\": [{}]}}}}", sessions.join(", "))
}

#[track_caller]
fn assert_drift(report: &Value, expected: &[(&str, &str, &str)]) {
    let drifted = drifted(report);
    let drifted: Vec<(&str, &str, &str)> =
        drifted.iter().map(|(account, setting, live)| (account.as_str(), setting.as_str(), live.as_str())).collect();
    assert_eq!(drifted, expected);
}

#[test]
fn preferences_of_every_account_and_of_production() {
    let other = |id: &str| {
        let inputs = INPUTS.split(", runAs").next().expect("the first inputs").replace(ACCOUNT, id);
        preferences(&inputs)
    };
    let sound = world(&preferences(INPUTS), &other(OTHER), &other(CALLER));
    let report = check("a.yaml", PREFERENCES, &sound, 0);
    assert_eq!(report["ledger"]["in_sync"], 3, "{report}");
    // The key is that of another Region, nobody is named to run as, and the bucket is another's.
    let inputs = INPUTS.replace("eu-central-1", "eu-west-1").replace("ops", "\"\"") + ", s3BucketName: elsewhere";
    let drifting = world(&preferences(&inputs), "", &other(CALLER));
    let report = check("a.yaml", PREFERENCES, &drifting, 2);
    assert_drift(
        &report,
        &[
            (ACCOUNT, "s3_bucket_name", "elsewhere"),
            (ACCOUNT, "kms_key_id", "arn:aws:kms:eu-west-1:111122223333:alias/session-manager"),
            (ACCOUNT, "run_as_default_user", "UNSET"),
            (OTHER, "cloudwatch_log_group_name", "UNSET"),
            (OTHER, "cloudwatch_encryption_enabled", "false"),
            (OTHER, "idle_session_timeout", "UNSET"),
            (OTHER, "max_session_duration", "UNSET"),
        ],
    );
}

#[test]
fn preferences_in_toml() {
    let check = |inputs: &str, exit: i32| check("a.toml", PREFERENCES_TOML, &world(&preferences(inputs), "", ""), exit);
    check("kmsKeyId: \"alias/any\", idleSessionTimeout: \"5\"", 0);
    check("kmsKeyId: \"alias/any\"", 0);
    let report = check("idleSessionTimeout: 21", 2);
    assert_drift(&report, &[(ACCOUNT, "kms_key_id", "UNSET"), (ACCOUNT, "idle_session_timeout", "21")]);
}

#[test]
fn sessions_of_production_and_of_the_vault() {
    let rules = SESSIONS.replace(CALLER, OTHER);
    let over = format!("{}, ended: 2h", SESSION.replace("started: 90m", "started: 5h").replace("def0,", "def1,"));
    let report = check("a.yaml", &rules, &world(&sessions(&[SESSION, &over]), "", ""), 0);
    assert_eq!(report["ledger"]["in_sync"], 2, "{report}");
    let elsewhere = SESSION.replace("sts::111122223333", "sts::444455556666").replace("def0,", "def2,");
    let long = SESSION.replace("started: 90m", "started: 9h").replace("reason: CHG-1, ", "").replace("def0,", "def3,");
    let standard = over.replace("JustInTime", "Standard").replace("def1,", "def4,");
    let drifting = world(&sessions(&[SESSION, &elsewhere, &long, &standard]), &sessions(&[SESSION]), "");
    let report = check("a.yaml", &rules, &drifting, 2);
    assert_drift(
        &report,
        &[
            (ACCOUNT, "access_type", "1 of 4 sessions"),
            (ACCOUNT, "owner", "1 of 4 sessions"),
            (ACCOUNT, "reason", "1 of 4 sessions"),
            (ACCOUNT, "duration", "1 of 4 sessions"),
            (OTHER, "count", "1"),
        ],
    );
}

#[test]
fn every_setting_of_macie() {
    let member = |settings: &str| format!("administrator: \"{CALLER}\", sessions: {{\"*\": {{{settings}}}}}");
    let administrator = |settings: &str| format!("sessions: {{\"*\": {{{MACIE_ON}, {settings}}}}}");
    let own = "classification_export: {bucket_name: macie-results-eu-central-1, \
               kms_key_arn: \"arn:aws:kms:eu-central-1:999988887777:key/k\"}, \
               automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}, organization: {auto_enable: true}, \
               reveal: {status: ENABLED, kms_key_id: k}";
    let sound = world(&member(MACIE_ON), &member(MACIE_ON), &administrator(own));
    let report = check("a.yaml", MACIE, &sound, 0);
    assert_eq!(report["ledger"]["in_sync"], 3, "{report}");
    let off = MACIE_ON.replace("classification_findings: true", "classification_findings: false");
    let revealed = format!("{MACIE_ON}, reveal: {{status: ENABLED, kms_key_id: k}}");
    let bare = "automated_discovery: {status: DISABLED}";
    let drifting = world(&member(&off), &format!("sessions: {{\"*\": {{{revealed}}}}}"), &administrator(bare));
    let report = check("a.yaml", MACIE, &drifting, 2);
    assert_drift(
        &report,
        &[
            (ACCOUNT, "security_hub.publish_classification_findings", "false"),
            (OTHER, "reveal.status", "ENABLED"),
            (OTHER, "administrator", "NONE"),
            (CALLER, "classification_export.bucket_name", "UNSET"),
            (CALLER, "classification_export.kms_key_arn", "UNSET"),
            (CALLER, "automated_discovery.status", "DISABLED"),
            (CALLER, "automated_discovery.auto_enable_organization_members", "NONE"),
            (CALLER, "organization.auto_enable", "false"),
        ],
    );
}
