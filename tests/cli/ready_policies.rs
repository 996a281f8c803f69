//! The ready policies: each finds nothing where a simulated AWS is as it demands, and each of its lines where it is not.

use std::path::Path;

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, Ran};

const VAULT: &str = "444455556666";

/// A ready policy, with what it demands in a world, and what breaks it.
struct Case {
    file: &'static str,
    /// The description of an account that is as the policy demands.
    sound: &'static str,
    /// What stands in its place, and the setting that drifts then.
    broken: &'static [(&'static str, &'static str, &'static str)],
}

const CASES: [Case; 3] = [
    Case {
        file: "macie-baseline.yaml",
        sound: "sessions: {\"*\": {status: ENABLED, finding_publishing_frequency: ONE_HOUR, \
                security_hub: {publish_policy_findings: true, publish_classification_findings: yes_}, \
                classification_export: {bucket_name: results, kms_key_arn: \"arn:aws:kms:eu-central-1:111122223333:key/k\"}, \
                automated_discovery: {status: ON}, reveal: {status: OFF}}}",
        broken: &[
            ("status: ENABLED, finding", "status: PAUSED, finding", "status"),
            ("ONE_HOUR", "SIX_HOURS", "finding_publishing_frequency"),
            ("findings: true", "findings: false", "security_hub.publish_policy_findings"),
            ("findings: yes_", "findings: false", "security_hub.publish_classification_findings"),
            ("{status: ON}", "{status: DISABLED}", "automated_discovery.status"),
            ("{status: OFF}", "{status: ENABLED}", "reveal.status"),
        ],
    },
    Case {
        file: "session-manager-baseline.yaml",
        sound: "session_manager: {preferences: {\"*\": [{inputs: {cloudWatchLogGroupName: \"/session-manager/ID\", \
                cloudWatchStreamingEnabled: true, cloudWatchEncryptionEnabled: \"true\", kmsKeyId: \"alias/any\", \
                idleSessionTimeout: \"15\", maxSessionDuration: \"720\"}}]}}",
        broken: &[
            ("/ID", "/elsewhere", "cloudwatch_log_group_name"),
            ("StreamingEnabled: true", "StreamingEnabled: false", "cloudwatch_streaming_enabled"),
            ("cloudWatchEncryptionEnabled: \"true\", ", "", "cloudwatch_encryption_enabled"),
            ("alias/any", "", "kms_key_id"),
            ("\"15\"", "\"60\"", "idle_session_timeout"),
            ("\"720\"", "\"\"", "max_session_duration"),
        ],
    },
    Case {
        file: "session-manager-just-in-time.yaml",
        sound: "session_manager: {sessions: {\"*\": [{id: operator-0123456789abcdef0, target: i-0123456789abcdef0, \
                status: Connected, access_type: JustInTime, owner: \"arn:aws:sts::111122223333:assumed-role/Operator/o\", \
                reason: CHG-1, started: 90m}, {id: operator-0123456789abcdef1, target: i-0123456789abcdef0, \
                owner: \"arn:aws:sts::111122223333:assumed-role/Operator/o\", started: 40h, ended: 30h}]}}",
        broken: &[
            ("JustInTime", "Standard", "access_type"),
            ("reason: CHG-1, ", "", "reason"),
            ("started: 90m", "started: 9h", "duration"),
            ("reason: CHG-1", "reason: CHG-1, document_name: AWS-StartPortForwardingSession", "document_name"),
        ],
    },
];

/// A world with an account of this description and the vault.
fn world(account: &str, vault: &str) -> String {
    // Words of YAML that stand apart from others of the same value.
    let account = account.replace("/ID", &format!("/{ACCOUNT}")).replace("yes_", "true");
    let account = account.replace(": ON}", ": ENABLED}").replace(": OFF}", ": DISABLED}");
    format!(
        "version: 1\ncaller: \"{ACCOUNT}\"\naccounts:\n  \"{ACCOUNT}\": {{{account}}}\n  \"{VAULT}\": {{{vault}}}\n"
    )
}

/// The policy in a folder, with settings that select these accounts.
fn program(file: &str, accounts: &[&str]) -> Driftline {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(file);
    let policy = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    Driftline::new().policy("policies/policy.yaml", policy).settings(&format!(
        "[inventory]\naccounts = {accounts:?}\nregions = [\"eu-central-1\"]\n[aws]\nrole_name = \"DriftlineRead\"\n"
    ))
}

#[track_caller]
fn check(program: Driftline, world: &str, exit: i32) -> Ran {
    program.file("world.yaml", world).run_with(&["check", "--simulate", "world.yaml", "--report", "json"], exit)
}

/// The settings that drift, each with its account.
fn drifted(report: &Value) -> Vec<(String, String)> {
    let mut drifted = Vec::new();
    for target in report["targets"].as_array().expect("targets") {
        let rows = target["settings"].as_array().expect("settings").iter().filter(|row| row["outcome"] == "drifted");
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        drifted.extend(rows.map(|row| (word(&target["account"]), word(&row["setting"]))));
    }
    drifted
}

#[test]
fn a_ready_policy_finds_nothing_where_all_is_as_it_demands() {
    for Case { file, sound, .. } in &CASES {
        let ran = check(program(file, &[ACCOUNT]), &world(sound, ""), 0);
        assert_eq!(ran.json()["ledger"]["in_sync"], 1, "{file}");
    }
}

#[test]
fn every_line_of_a_ready_policy_finds_its_drift() {
    for Case { file, sound, broken } in &CASES {
        let explained = program(file, &[ACCOUNT]).run_with(&["explain", &format!("{ACCOUNT}/eu-central-1")], 0).stdout;
        for (from, to, setting) in *broken {
            let account = sound.replacen(from, to, 1);
            assert_ne!(account, *sound, "{file}: {from}");
            let report = check(program(file, &[ACCOUNT]), &world(&account, ""), 2).json();
            assert_eq!(drifted(&report), [(ACCOUNT.to_owned(), (*setting).to_owned())], "{file}");
            assert!(explained.contains(&format!("{setting}: ")), "{file}: {setting}\n{explained}");
        }
    }
}

#[test]
fn where_nobody_made_the_preferences_every_line_drifts() {
    let report = check(program("session-manager-baseline.yaml", &[ACCOUNT]), &world("", ""), 2).json();
    assert_eq!(drifted(&report).len(), 6, "{report}");
}

#[test]
fn a_repository_that_was_never_set_drifts() {
    let sound = CASES[0].sound;
    let start = sound.find("classification_export").expect("the repository");
    let end = sound.find("automated_discovery").expect("what follows");
    let without = format!("{}{}", &sound[..start], &sound[end..]);
    let report = check(program("macie-baseline.yaml", &[ACCOUNT]), &world(&without, ""), 2).json();
    let settings: Vec<String> = drifted(&report).into_iter().map(|(_, setting)| setting).collect();
    assert_eq!(settings, ["classification_export.bucket_name", "classification_export.kms_key_arn"]);
}

#[test]
fn nobody_enters_the_vault() {
    let Case { file, sound, .. } = &CASES[2];
    check(program(file, &[ACCOUNT, VAULT]), &world(sound, ""), 0);
    let report = check(program(file, &[ACCOUNT, VAULT]), &world(sound, sound), 2).json();
    assert_eq!(drifted(&report), [(VAULT.to_owned(), "count".to_owned())]);
    // A session that has ended within the window counts, too: the rule takes the window from the other declaration.
    let over = sound.replace("started: 90m}", "started: 90m, ended: 1h}");
    assert_ne!(over, *sound);
    let report = check(program(file, &[ACCOUNT, VAULT]), &world("", &over), 2).json();
    assert_eq!(drifted(&report), [(VAULT.to_owned(), "count".to_owned())]);
}
