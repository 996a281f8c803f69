//! Session Manager preferences: what the two versions of the document hold, compared with what is declared.

use serde_json::{Value, json};

use crate::support::preferences::{declared, site, target, target_of, world};
use crate::support::{ACCOUNT, Site, World};

/// Outcome and live value of a target's only setting.
fn only(target: &Value) -> (String, Value) {
    assert_eq!(target["settings"].as_array().map(Vec::len), Some(1), "{target}");
    let row = &target["settings"][0];
    (row["outcome"].as_str().expect("a word").to_owned(), row["live"].clone())
}

#[test]
fn both_versions_have_to_be_accepted() {
    let versions = "{inputs: {idleSessionTimeout: \"20\", kmsKeyId: \"alias/a\"}, default: true}, {inputs: {}}, \
                    {inputs: {idleSessionTimeout: 60, kmsKeyId: \"alias/a\"}}";
    let both = "20 (default, version 1), 60 (latest, version 3)";
    for (item, outcome, exit) in [
        ("{at_most: 60}", "in_sync", 0),
        ("[20, 60]", "in_sync", 0),
        ("{at_most: 20}", "drifted", 2),
        ("{at_least: 60}", "drifted", 2),
        ("[UNSET, 10]", "drifted", 2),
    ] {
        let target = target(&site(versions, &format!("idle_session_timeout: {item}")), exit);
        assert_eq!(only(&target), (outcome.to_owned(), both.into()), "{item}");
    }
    let target = target(&site(versions, "kms_key_id: alias/a"), 0);
    assert_eq!(only(&target), ("in_sync".to_owned(), "alias/a".into()), "a setting that is the same in both");
    assert_eq!(target["live"], Value::Null);
    assert_eq!(
        target["preferences"],
        json!({
            "document": "present", "default_version": "1", "latest_version": "3",
            "inputs": {"idleSessionTimeout": "20", "kmsKeyId": "alias/a"},
            "latest_inputs": {"idleSessionTimeout": 60, "kmsKeyId": "alias/a"},
            "created_at": "[time]"
        })
    );
}

#[test]
fn one_version_stands_once() {
    let target = target(&site("{inputs: {runAsEnabled: true, other: [1]}}", "run_as_enabled: true"), 0);
    let preferences = &target["preferences"];
    assert_eq!((&preferences["default_version"], &preferences["latest_version"]), (&"1".into(), &"1".into()));
    assert_eq!(
        (&preferences["inputs"], &preferences["latest_inputs"]),
        (&json!({"runAsEnabled": true, "other": [1]}), &Value::Null)
    );
    assert_eq!((&target["resource"], &target["evidence"]), (&"session_manager_preferences".into(), &Value::Null));
}

#[test]
fn without_a_document_everything_is_unset() {
    for (item, outcome, live) in [
        ("idle_session_timeout: UNSET", "in_sync", "UNSET"),
        ("idle_session_timeout: [{at_most: 20}, UNSET]", "in_sync", "UNSET"),
        ("idle_session_timeout: {at_most: 20}", "drifted", "UNSET"),
        ("max_session_duration: {at_least: 1}", "drifted", "UNSET"),
        ("max_session_duration: 60", "drifted", "UNSET"),
        ("max_session_duration: SET", "drifted", "UNSET"),
        ("kms_key_id: UNSET", "in_sync", "UNSET"),
        ("kms_key_id: SET", "drifted", "UNSET"),
        ("s3_bucket_name: \"*\"", "drifted", "UNSET"),
        ("s3_bucket_name: [UNSET, \"session-logs-*\"]", "in_sync", "UNSET"),
        ("cloudwatch_log_group_name: \"/session-manager/{account}\"", "drifted", "UNSET"),
        ("shell_profile: {linux: UNSET}", "in_sync", "UNSET"),
        ("run_as_enabled: false", "in_sync", "false"),
        ("run_as_enabled: true", "drifted", "false"),
        ("cloudwatch_streaming_enabled: [true, false]", "in_sync", "false"),
    ] {
        let exit = if outcome == "drifted" { 2 } else { 0 };
        let target = target(&site("", item), exit);
        assert_eq!(only(&target), (outcome.to_owned(), live.into()), "{item}");
        assert_eq!(target["preferences"]["document"], "absent");
        let rest = target["preferences"].as_object().expect("an object").values().filter(|value| value.is_null());
        assert_eq!((rest.count(), &target["unread"]), (5, &Value::Null), "{target}");
        assert_eq!(
            (&target["evidence"]["basis"], &target["evidence"]["code"]),
            (&"answer".into(), &"InvalidDocument".into())
        );
    }
}

#[test]
fn inputs_are_read_as_the_agent_and_the_service_read_them() {
    for (input, declared, outcome, live) in [
        ("runAsEnabled: \"true\"", "run_as_enabled: true", "in_sync", "true"),
        ("runAsEnabled: \"false\"", "run_as_enabled: true", "drifted", "false"),
        ("runAsEnabled: \"\"", "run_as_enabled: false", "in_sync", "false"),
        ("runAsEnabled: true", "run_as_enabled: true", "in_sync", "true"),
        ("s3EncryptionEnabled: \"true\"", "s3_encryption_enabled: true", "in_sync", "true"),
        ("cloudWatchEncryptionEnabled: true", "cloudwatch_encryption_enabled: true", "in_sync", "true"),
        ("cloudWatchStreamingEnabled: true", "cloudwatch_streaming_enabled: false", "drifted", "true"),
        ("idleSessionTimeout: 20", "idle_session_timeout: 20", "in_sync", "20"),
        ("idleSessionTimeout: \"\"", "idle_session_timeout: SET", "drifted", "UNSET"),
        ("maxSessionDuration: \"720\"", "max_session_duration: {at_most: 720}", "in_sync", "720"),
        ("s3BucketName: session-logs-eu", "s3_bucket_name: \"session-logs-*\"", "in_sync", "session-logs-eu"),
        ("s3KeyPrefix: \"a/b\"", "s3_key_prefix: \"a*\"", "in_sync", "a/b"),
        ("s3KeyPrefix: \"\"", "s3_key_prefix: UNSET", "in_sync", "UNSET"),
        (
            "cloudWatchLogGroupName: \"/session-manager/111122223333\"",
            "cloudwatch_log_group_name: \"/session-manager/{account}\"",
            "in_sync",
            "/session-manager/111122223333",
        ),
        ("runAsDefaultUser: operator", "run_as_default_user: SET", "in_sync", "operator"),
        ("shellProfile: {linux: \"set -u *\"}", "shell_profile: {linux: \"set -u *\"}", "in_sync", "set -u *"),
        ("shellProfile: {linux: \"set -u x\"}", "shell_profile: {linux: \"set -u *\"}", "drifted", "set -u x"),
        ("shellProfile: {linux: a}", "shell_profile: {windows: UNSET}", "in_sync", "UNSET"),
    ] {
        let exit = if outcome == "drifted" { 2 } else { 0 };
        let target = target(&site(&format!("{{inputs: {{{input}}}}}"), declared), exit);
        assert_eq!(only(&target), (outcome.to_owned(), live.into()), "{input}, {declared}");
    }
}

#[test]
fn a_parameter_is_accepted_by_nothing() {
    for (input, declared, live) in [
        ("s3BucketName: \"{{s3BucketName}}\"", "s3_bucket_name: [\"*\", SET]", "{{s3BucketName}}"),
        ("s3KeyPrefix: \"logs/{{ssm:prefix}}\"", "s3_key_prefix: [SET, \"logs/*\"]", "logs/{{ssm:prefix}}"),
        ("runAsEnabled: \"{{runAs}}\"", "run_as_enabled: [true, false]", "{{runAs}}"),
        ("idleSessionTimeout: \"{{idle}}\"", "idle_session_timeout: [{at_least: 1}, SET, UNSET]", "{{idle}}"),
    ] {
        let target = target(&site(&format!("{{inputs: {{{input}}}, parameters: {{}}}}"), declared), 2);
        assert_eq!(only(&target), ("drifted".to_owned(), live.into()), "{input}");
    }
}

#[test]
fn a_key_of_the_own_account_and_region_is_one_by_id_and_by_arn() {
    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let own = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{ID}");
    let elsewhere = format!("arn:aws:kms:eu-west-2:{ACCOUNT}:key/{ID}");
    let alias = "alias/session-manager".to_owned();
    for (live, declared, exit) in [
        (ID, &own, 0),
        (&own, &ID.to_owned(), 0),
        (&own, &own, 0),
        (ID, &"arn:{partition}:kms:{region}:{account}:key/*".to_owned(), 0),
        (&own, &"1234abcd-*".to_owned(), 0),
        (ID, &elsewhere, 2),
        (&elsewhere, &ID.to_owned(), 2),
        (&alias, &alias, 0),
        (&alias, &own, 2),
        (ID, &alias, 2),
    ] {
        let site = site(&format!("{{inputs: {{kmsKeyId: \"{live}\"}}}}"), &format!("kms_key_id: \"{declared}\""));
        let row = only(&target(&site, exit));
        assert_eq!(row.1, live, "{declared}: the report shows what AWS has");
    }
    let versions = format!("{{inputs: {{kmsKeyId: {ID}}}, default: true}}, {{inputs: {{kmsKeyId: \"{own}\"}}}}");
    let row = only(&target(&site(&versions, &format!("kms_key_id: {ID}")), 0));
    assert_eq!(row.1, ID, "the versions agree");
}

#[test]
fn an_input_that_is_not_understood_is_unread_by_itself() {
    for (input, declared, part) in [
        ("idleSessionTimeout: soon", "idle_session_timeout: 20", "the input idleSessionTimeout is \"soon\""),
        ("idleSessionTimeout: \"+20\"", "idle_session_timeout: 20", "is \"+20\""),
        ("idleSessionTimeout: 20.5", "idle_session_timeout: 20", "is 20.5"),
        ("idleSessionTimeout: null", "idle_session_timeout: UNSET", "is null"),
        ("runAsEnabled: \"yes\"", "run_as_enabled: true", "the input runAsEnabled is \"yes\""),
        ("runAsEnabled: 1", "run_as_enabled: true", "is 1"),
        ("s3BucketName: [a]", "s3_bucket_name: SET", "the input s3BucketName is [\"a\"]"),
        ("shellProfile: {linux: 7}", "shell_profile: {linux: SET}", "the input shellProfile.linux is 7"),
        ("shellProfile: \"\"", "shell_profile: {windows: UNSET}", "the input shellProfile.windows is \"\""),
    ] {
        let version = format!("{{inputs: {{kmsKeyId: alias/a, {input}}}}}");
        let beside = target(&site(&version, &format!("kms_key_id: alias/a, {declared}")), 4);
        assert_eq!((&beside["outcome"], &beside["unread"]), (&"unread".into(), &Value::Null), "{input}");
        let rows = beside["settings"].as_array().expect("settings");
        let row = rows.iter().find(|row| row["setting"] != "kms_key_id").expect("the row");
        assert_eq!((&row["outcome"], &row["live"]), (&"unread".into(), &Value::Null), "{input}");
        assert_eq!(row["unread"]["reason"], "unintelligible");
        let message = row["unread"]["message"].as_str().expect("a text");
        assert!(message.starts_with("in version 1, ") && message.contains(part), "{message}");
        // Drift is not hidden by what is unread beside it.
        let drifted = target(&site(&version, &format!("kms_key_id: UNSET, {declared}")), 6);
        assert_eq!(drifted["outcome"], "drifted", "{input}");
    }
    let latest = "{inputs: {runAsEnabled: true}, default: true}, {inputs: {runAsEnabled: maybe}}";
    let row = &target(&site(latest, "run_as_enabled: false"), 4)["settings"][0];
    assert!(row["unread"]["message"].as_str().expect("a text").starts_with("in version 2, "), "{row}");
}

#[test]
fn a_document_that_is_none_of_preferences_is_unread() {
    for (version, part) in [
        ("{content: \"schemaVersion: '1.0'\"}", "is not JSON"),
        ("{content: \"{\\\"schemaVersion\\\": \\\"1.0\\\"\"}", "is not JSON"),
        ("{content: \"[]\"}", "is not a JSON object"),
        ("{content: '{\"schemaVersion\": \"2.2\"}'}", "has the schemaVersion \"2.2\""),
        (
            "{content: '{\"schemaVersion\": \"1.0\", \"sessionType\": \"Port\", \"inputs\": {}}'}",
            "has the sessionType \"Port\"",
        ),
        ("{inputs: {}, status: Failed, status_information: why}", "its status is Failed (why)"),
        ("{inputs: {}, status: Creating}", "its status is Creating"),
        ("{inputs: {}, default: true}, {content: \"no\"}", "version $LATEST, is not JSON"),
    ] {
        let target = target(&site(version, "idle_session_timeout: UNSET, run_as_enabled: false"), 4);
        let unread = &target["unread"];
        assert_eq!(unread["reason"], "unintelligible", "{version}");
        assert!(unread["message"].as_str().expect("a text").contains(part), "{unread}");
        assert!(unread["request_id"].is_string(), "{unread}");
        let preferences = target["preferences"].as_object().expect("an object");
        assert!(preferences.len() == 6 && preferences.values().all(Value::is_null), "{target}");
        assert!(target["settings"].as_array().expect("rows").iter().all(|row| row["outcome"] == "unread"));
    }
    // AWS converts YAML to JSON, which it answers.
    let yaml = "{content: \"schemaVersion: '1.0'\\nsessionType: Standard_Stream\\ninputs: {idleSessionTimeout: '20'}\", format: YAML}";
    assert_eq!(only(&target(&site(yaml, "idle_session_timeout: 20"), 0)), ("in_sync".to_owned(), "20".into()));
}

#[test]
fn a_version_gets_time_to_become_active() {
    let site = site("{inputs: {runAsEnabled: true}, status: Creating, active_after: 2}", "run_as_enabled: true");
    assert_eq!(only(&target(&site, 0)).0, "in_sync");
    assert_eq!(site.simulation.calls().get("ssm:GetDocument"), Some(&4));
}

#[test]
fn a_waiver_covers_two_versions_only_together() {
    let versions = "{inputs: {idleSessionTimeout: \"30\"}, default: true}, {inputs: {idleSessionTimeout: \"60\"}}";
    for (while_live, outcome, exit) in
        [("[30, 60]", "waived", 0), ("[30]", "drifted", 2), ("[60]", "drifted", 2), ("[10, 30]", "drifted", 2)]
    {
        let waiver = format!(
            "waivers:\n  - {{resource: session_manager_preferences, accounts: [\"{ACCOUNT}\"], reason: r, expires: 2099-12-31, \
             while_live: {{idle_session_timeout: {while_live}}}}}\n"
        );
        let site = site(versions, "").file("a.yaml", declared("idle_session_timeout: 20") + &waiver);
        assert_eq!(only(&target(&site, exit)).0, outcome, "{while_live}");
        // The report is read back as it was written.
        site.run(&["check", "a.yaml", "--report", "json=r.json"], exit);
        site.run(&["report", "r.json"], exit);
    }
}

#[test]
fn a_waiver_of_a_key_covers_it_by_its_other_name() {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let arn = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{id}");
    for (live, waived) in [(id, arn.as_str()), (&arn, id)] {
        let waiver = format!(
            "waivers:\n  - {{resource: session_manager_preferences, accounts: [\"{ACCOUNT}\"], reason: r, expires: 2099-12-31, \
             while_live: {{kms_key_id: \"{waived}\"}}}}\n"
        );
        let version = format!("{{inputs: {{kmsKeyId: \"{live}\"}}}}");
        let site = site(&version, "").file("a.yaml", declared("kms_key_id: UNSET") + &waiver);
        site.run(&["check", "a.yaml", "--since", "last.json"], 0);
        site.run(&["check", "a.yaml", "--since", "last.json"], 0);
    }
}

#[test]
fn a_bare_word_of_another_resource_covers_nothing() {
    for (narrowed, word) in [("", "PAUSED"), (", settings: [idle_session_timeout]", "[PAUSED, ENABLED]")] {
        let waiver = format!(
            "waivers:\n  - {{resource: session_manager_preferences, accounts: [\"{ACCOUNT}\"], reason: r, expires: 2099-12-31{narrowed}, \
             while_live: {word}}}\n"
        );
        let site = site("{inputs: {}}", "").file("a.yaml", declared("idle_session_timeout: 20") + &waiver);
        site.run(&["validate", "a.yaml"], 1)
            .says("\"PAUSED\" is not a live value of the resource session_manager_preferences");
    }
}

#[test]
fn a_number_that_no_policy_could_declare_is_known() {
    for (input, declared, live) in [
        ("idleSessionTimeout: \"90\"", "idle_session_timeout: {at_most: 20}", "90"),
        ("maxSessionDuration: 2000", "max_session_duration: {at_most: 720}", "2000"),
        ("maxSessionDuration: \"0\"", "max_session_duration: {at_least: 5}", "0"),
    ] {
        let site = site(&format!("{{inputs: {{{input}}}}}"), declared);
        assert_eq!(only(&target(&site, 2)), ("drifted".to_owned(), live.into()), "{input}");
        site.run(&["check", "a.yaml", "--report", "json=r.json"], 2);
        site.run(&["report", "r.json"], 2);
    }
}

#[test]
fn two_calls_are_made_per_target_and_none_of_macie() {
    let world = world("{inputs: {runAsEnabled: true}}").account("222233334444", "");
    let policy = format!(
        "version: 1\nsession_manager_preferences:\n  - {{accounts: [\"{ACCOUNT}\", \"222233334444\"], regions: [eu-west-1, us-east-1], run_as_enabled: true}}\n"
    );
    let site = Site::new(&world, [""; 0]).file("a.yaml", policy);
    let report = site.run(&["check", "a.yaml", "--report", "json"], 2).json();
    assert_eq!(report["requests"]["ssm"], 8, "present or absent");
    assert_eq!(report["requests"]["macie2"], 0);
    assert_eq!(report["ledger_by_resource"]["session_manager_preferences"]["declared"], 4);
    // A policy about Macie alone asks Systems Manager nothing.
    let macie = Site::new(&World::new().enabled(ACCOUNT), [format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]);
    assert_eq!(macie.run(&["check", "a.yaml", "--report", "json"], 0).json()["requests"]["ssm"], 0);
}

#[test]
fn resources_of_one_place_are_read_side_by_side() {
    let world = World::new().account(
        ACCOUNT,
        "sessions: {\"*\": {status: PAUSED}}, session_manager: {preferences: {\"*\": [{inputs: {runAsEnabled: true}}]}}",
    );
    let policy = format!(
        "version: 1\nmacie_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED}}\n\
         session_manager_preferences:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], run_as_enabled: true}}\n"
    );
    let site = Site::new(&world, [""; 0]).file("a.yaml", policy);
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
    let report: Value = serde_json::from_str(&site.program.read("last.json")).expect("JSON");
    assert_eq!(target_of(&report, "macie_session")["outcome"], "drifted");
    assert_eq!(target_of(&report, "session_manager_preferences")["outcome"], "in_sync");
    assert_eq!(report["ledger"]["declared"], 2);
    // Both are read back.
    assert_eq!(site.run(&["report", "last.json", "--report", "json"], 2).json()["targets"], report["targets"]);
}
