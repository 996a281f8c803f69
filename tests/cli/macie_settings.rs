//! The further settings of a Macie session: what each reads, with which calls, and where it does not apply.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{ACCOUNT, Site, World};

const REGION: &str = "eu-west-1";

/// Every setting in one declaration.
const EVERYTHING: &str = "security_hub: {publish_policy_findings: true, publish_classification_findings: true}, \
    classification_export: {bucket_name: SET, key_prefix: SET, kms_key_arn: SET, expected_bucket_owner: SET}, \
    automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}, \
    reveal: {status: ENABLED, kms_key_id: SET, retrieval_mode: ASSUME_ROLE, role_name: SET}, \
    organization: {auto_enable: true}, administrator: \"999988887777\"";

/// A session with everything set.
const ALL_SET: &str = "security_hub: {publish_policy_findings: true, publish_classification_findings: true}, \
    classification_export: {bucket_name: results, key_prefix: macie/, kms_key_arn: \"arn:aws:kms:eu-west-1:111122223333:key/k\", \
    expected_bucket_owner: \"111122223333\"}, \
    automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}, \
    reveal: {status: ENABLED, kms_key_id: alias/samples, retrieval_mode: ASSUME_ROLE, role_name: Reveal, external_id: hush-hush}, \
    organization: {auto_enable: true}";

fn declaration(account: &str, settings: &str) -> String {
    format!("accounts: [\"{account}\"], regions: [{REGION}], {settings}")
}

/// A site whose only other account has these sessions in every Region.
fn site(session: &str, settings: &str) -> Site {
    let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{session}}}}}"));
    Site::new(&world, [declaration(ACCOUNT, settings)])
}

/// The first target of a report.
#[track_caller]
fn target(site: &Site, exit: i32) -> Value {
    site.run(&["check", "a.yaml", "--report", "json"], exit).json()["targets"][0].clone()
}

/// Outcome and live value of each setting, as `key outcome live`.
fn rows(target: &Value) -> Vec<String> {
    let row = |row: &Value| {
        let word = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", word("setting"), word("outcome"), word("live"))
    };
    target["settings"].as_array().expect("settings").iter().map(row).collect()
}

/// The calls to Macie beside GetMacieSession.
fn extra_calls(site: &Site) -> BTreeMap<String, u64> {
    let calls = site.simulation.calls().into_iter();
    let extra = calls.filter(|(name, _)| name.starts_with("macie2:") && name != "macie2:GetMacieSession");
    extra.map(|(name, count)| (name.trim_start_matches("macie2:").to_owned(), count)).collect()
}

fn counts(calls: &[(&str, u64)]) -> BTreeMap<String, u64> {
    calls.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn a_policy_of_status_and_frequency_makes_no_other_call() {
    let site = site(ALL_SET, "status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES");
    let target = target(&site, 0);
    let live: Vec<&String> = target["live"].as_object().expect("an object").keys().collect();
    let keys = ["status", "finding_publishing_frequency", "service_role", "created_at", "updated_at"];
    assert!(live.iter().all(|key| keys.contains(&key.as_str())), "{live:?}");
    let expected = counts(&[("macie2:GetMacieSession", 1), ("sts:AssumeRole", 1), ("sts:GetCallerIdentity", 1)]);
    assert_eq!(site.simulation.calls(), expected);
}

#[test]
fn each_table_is_read_with_its_own_call() {
    for (settings, expected, calls) in [
        (
            "security_hub: {publish_policy_findings: true, publish_classification_findings: false}",
            &[
                "security_hub.publish_policy_findings in_sync true",
                "security_hub.publish_classification_findings drifted true",
            ][..],
            &[("GetFindingsPublicationConfiguration", 1)][..],
        ),
        (
            "classification_export: {bucket_name: \"re*\", key_prefix: UNSET, kms_key_arn: \"arn:aws:kms:*:key/*\", expected_bucket_owner: \"111122223333\"}",
            &[
                "classification_export.bucket_name in_sync results",
                "classification_export.key_prefix drifted macie/",
                "classification_export.kms_key_arn in_sync arn:aws:kms:eu-west-1:111122223333:key/k",
                "classification_export.expected_bucket_owner in_sync 111122223333",
            ],
            &[("GetClassificationExportConfiguration", 1)],
        ),
        (
            "automated_discovery: {status: DISABLED}",
            &["automated_discovery.status drifted ENABLED"],
            &[("GetAdministratorAccount", 1), ("GetAutomatedDiscoveryConfiguration", 1)],
        ),
        (
            "reveal: {status: DISABLED, kms_key_id: SET, retrieval_mode: CALLER_CREDENTIALS, role_name: Reveal}",
            &[
                "reveal.status drifted ENABLED",
                "reveal.kms_key_id in_sync alias/samples",
                "reveal.retrieval_mode drifted ASSUME_ROLE",
                "reveal.role_name in_sync Reveal",
            ],
            &[("GetRevealConfiguration", 1)],
        ),
        ("administrator: \"999988887777\"", &["administrator drifted NONE"], &[("GetAdministratorAccount", 1)]),
    ] {
        let site = site(ALL_SET, settings);
        let target = target(&site, 2);
        assert_eq!(rows(&target), expected, "{settings}");
        assert_eq!(extra_calls(&site), counts(calls), "{settings}");
        assert!(!target.to_string().contains("hush-hush"), "the external id is never shown");
    }
}

#[test]
fn a_new_session_has_no_repository_and_no_key() {
    let unset = "classification_export: {bucket_name: UNSET, key_prefix: UNSET, kms_key_arn: UNSET, expected_bucket_owner: UNSET}, \
                 reveal: {status: DISABLED, kms_key_id: UNSET, retrieval_mode: CALLER_CREDENTIALS, role_name: UNSET}, \
                 administrator: NONE";
    let target = target(&site("", unset), 0);
    assert!(rows(&target).iter().all(|row| row.contains(" in_sync ")), "{:?}", rows(&target));
    assert_eq!(target["live"]["classification_export.bucket_name"], "UNSET");
}

#[test]
fn a_session_that_is_off_has_none_and_a_paused_one_is_read() {
    let off = Site::new(&World::new().account(ACCOUNT, ""), [declaration(ACCOUNT, EVERYTHING)]);
    let alone = target(&off, 0);
    assert!(rows(&alone).iter().all(|row| row.ends_with(" not_applicable -")), "{:?}", rows(&alone));
    assert_eq!((alone["outcome"].as_str(), extra_calls(&off)), (Some("not_applicable"), counts(&[])));
    let text = off.run(&["check", "a.yaml"], 0);
    for table in
        ["security_hub", "classification_export", "automated_discovery", "reveal", "organization", "administrator"]
    {
        text.says(&format!("`{table}` is declared without `status`; a session that is off is not drift"));
    }
    let off = Site::new(
        &World::new().account(ACCOUNT, ""),
        [declaration(ACCOUNT, &format!("status: ENABLED, {EVERYTHING}"))],
    );
    assert_eq!(
        rows(&target(&off, 2)).iter().filter(|row| row.contains(" drifted ")).count(),
        1,
        "one fact is one drift"
    );
    let paused = site(&format!("status: PAUSED, {ALL_SET}"), EVERYTHING);
    let rows = rows(&target(&paused, 2));
    assert_eq!(rows.iter().filter(|row| row.contains(" in_sync ")).count(), 11, "{rows:?}");
}

#[test]
fn a_denied_call_leaves_the_rest_known() {
    for (action, settings, unread) in [
        ("GetFindingsPublicationConfiguration", "security_hub: {publish_policy_findings: true}", 1),
        ("GetClassificationExportConfiguration", "classification_export: {bucket_name: SET, key_prefix: SET}", 2),
        ("GetAutomatedDiscoveryConfiguration", "automated_discovery: {status: ENABLED}", 1),
        ("GetAdministratorAccount", "automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}", 2),
        ("GetRevealConfiguration", "reveal: {status: ENABLED, role_name: SET}", 2),
        ("DescribeOrganizationConfiguration", "organization: {auto_enable: true}", 1),
        ("DescribeOrganizationConfiguration", "automated_discovery: {auto_enable_organization_members: NEW}", 1),
        ("GetAdministratorAccount", "organization: {auto_enable: true}, administrator: NONE", 2),
    ] {
        for (status, exit) in [("ENABLED", 4), ("PAUSED", 6)] {
            let denied = format!("sessions: {{\"*\": {{{ALL_SET}}}}}, denials: [{{actions: [\"macie2:{action}\"]}}]");
            let world = World::new().account(ACCOUNT, &denied);
            let site = Site::new(&world, [declaration(ACCOUNT, &format!("status: {status}, {settings}"))]);
            let target = target(&site, exit);
            assert_eq!((target["live"]["status"].as_str(), &target["unread"]), (Some("ENABLED"), &Value::Null));
            let rows = target["settings"].as_array().expect("settings").iter();
            let denied: Vec<&Value> = rows.filter(|row| row["outcome"] == "unread").collect();
            assert_eq!(denied.len(), unread, "{action} {settings}");
            for row in denied {
                assert_eq!(
                    (&row["unread"]["reason"], &row["unread"]["action"]),
                    (&"denied".into(), &format!("macie2:{action}").into())
                );
            }
        }
    }
}

#[test]
fn answers_that_make_no_sense_are_no_values() {
    const HUB: &str = "security_hub: {publish_policy_findings: true, publish_classification_findings: true}";
    const EXPORT: &str =
        "classification_export: {bucket_name: SET, key_prefix: UNSET, kms_key_arn: SET, expected_bucket_owner: UNSET}";
    const REVEAL: &str = "reveal: {status: ENABLED, kms_key_id: UNSET, retrieval_mode: ASSUME_ROLE, role_name: UNSET}";
    const DISCOVERY: &str = "automated_discovery: {status: ENABLED, auto_enable_organization_members: NEW}";
    for (operation, settings, body, unread) in [
        ("GetFindingsPublicationConfiguration", HUB, "", 2),
        ("GetFindingsPublicationConfiguration", HUB, "{}", 2),
        (
            "GetFindingsPublicationConfiguration",
            HUB,
            "{\"securityHubConfiguration\": {\"publishPolicyFindings\": true}}",
            1,
        ),
        (
            "GetFindingsPublicationConfiguration",
            HUB,
            "{\"securityHubConfiguration\": {\"publishPolicyFindings\": \"yes\", \"publishClassificationFindings\": true}}",
            2,
        ),
        ("GetClassificationExportConfiguration", EXPORT, "", 4),
        ("GetClassificationExportConfiguration", EXPORT, "{}", 4),
        ("GetClassificationExportConfiguration", EXPORT, "[]", 4),
        ("GetClassificationExportConfiguration", EXPORT, "{\"configuration\": {\"s3Destination\": {}}}", 2),
        ("GetRevealConfiguration", REVEAL, "{}", 4),
        ("GetRevealConfiguration", REVEAL, "{\"configuration\": {\"status\": \"ASLEEP\"}}", 3),
        ("GetAdministratorAccount", "administrator: NONE", "", 1),
        (
            "GetAdministratorAccount",
            "administrator: NONE",
            "{\"administrator\": {\"relationshipStatus\": \"Enabled\"}}",
            1,
        ),
        (
            "GetAdministratorAccount",
            "administrator: NONE",
            "{\"administrator\": {\"accountId\": \"999988887777\", \"relationshipStatus\": \"Adopted\"}}",
            1,
        ),
        ("GetAutomatedDiscoveryConfiguration", "automated_discovery: {status: ENABLED}", "{\"status\": \"ASLEEP\"}", 1),
        ("DescribeOrganizationConfiguration", "organization: {auto_enable: true}", "{}", 1),
        ("DescribeOrganizationConfiguration", "organization: {auto_enable: true}", "{\"autoEnable\": \"true\"}", 1),
        ("GetAdministratorAccount", DISCOVERY, "", 2),
    ] {
        let body = body.replace('"', "\\\"");
        let fault = format!("{{answer: {{status: 200, body: \"{body}\"}}}}");
        let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{ALL_SET}}}}}")).fault_of(
            &format!("macie2:{operation}"),
            ACCOUNT,
            &fault,
        );
        let site = Site::new(&world, [declaration(ACCOUNT, &format!("status: ENABLED, {settings}"))]);
        let target = target(&site, 4);
        let rows = target["settings"].as_array().expect("settings").iter();
        let unknown: Vec<&Value> = rows.filter(|row| row["outcome"] == "unread").collect();
        assert!(
            unknown.iter().all(|row| row["unread"]["reason"] == "unintelligible"),
            "{operation} {body} {unknown:?}"
        );
        assert_eq!(unknown.len(), unread, "{operation} {body} {:?}", self::rows(&target));
    }
    // Times only inform.
    let times = "{answer: {status: 200, body: \"{\\\"status\\\": \\\"ENABLED\\\", \\\"lastUpdatedAt\\\": 7, \\\"firstEnabledAt\\\": \\\"soon\\\"}\"}}";
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {}}").fault_of(
        "macie2:GetAutomatedDiscoveryConfiguration",
        ACCOUNT,
        times,
    );
    let site = Site::new(&world, [declaration(ACCOUNT, "automated_discovery: {status: ENABLED}")]);
    assert_eq!(rows(&target(&site, 0)), ["automated_discovery.status in_sync ENABLED"]);
}

#[test]
fn samples_cannot_be_retrieved_everywhere() {
    let world = World::new()
        .account(ACCOUNT, "regions_on: [il-central-1], sessions: {\"*\": {reveal: {status: ENABLED, kms_key_id: k}}}");
    let declaration = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [ap-northeast-3, eu-west-1, il-central-1], reveal: {{status: DISABLED}}"
    );
    let site = Site::new(&world, [declaration]);
    let report = site.run(&["check", "a.yaml", "--report", "json=last.json", "--report", "json"], 2).json();
    let outcomes: Vec<String> = report["targets"].as_array().expect("targets").iter().flat_map(rows).collect();
    assert_eq!(
        outcomes,
        ["reveal.status not_applicable -", "reveal.status drifted ENABLED", "reveal.status not_applicable -"]
    );
    assert_eq!(extra_calls(&site), counts(&[("GetRevealConfiguration", 1)]));
    // What does not apply is not unread when it is read back.
    site.run(&["report", "last.json"], 2);
    site.run(&["check", "a.yaml", "--only-unread", "last.json"], 2);
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    site.run(&["check", "a.yaml", "--live", "s.json"], 2);
    let text = std::fs::read_to_string(site.program.path("s.json")).expect("a file");
    assert!(text.contains("\"not_applicable_settings\":[\"reveal.status\"]"), "{text}");
    let bad =
        text.replace("\"not_applicable_settings\":[\"reveal.status\"]", "\"not_applicable_settings\":[\"status\"]");
    let site = site.file("bad.json", bad);
    site.run(&["check", "a.yaml", "--live", "bad.json"], 1).says("something else is known of `status`");
}

#[test]
fn a_plan_reports_each_drift_with_the_command_that_removes_it() {
    let settings = "security_hub: {publish_policy_findings: false}, classification_export: {bucket_name: other, key_prefix: UNSET}, \
                    automated_discovery: {status: DISABLED}, reveal: {status: DISABLED, role_name: Other}, administrator: \"999988887777\"";
    let plan = site(ALL_SET, settings).run(&["plan", "a.yaml", "--report", "json"], 2).json();
    assert_eq!(plan["steps"], serde_json::json!([]));
    let blocked = plan["blocked"].as_array().expect("a list");
    let text = |change: &Value| {
        assert_eq!(change["block_reason"], "report_only");
        change["remediation"].as_str().expect("a text").to_owned()
    };
    insta::assert_snapshot!(blocked.iter().map(text).collect::<Vec<_>>().join("\n"));
}

#[test]
fn credentials_that_expire_between_two_calls_are_refreshed() {
    for operation in ["GetFindingsPublicationConfiguration", "GetAdministratorAccount", "GetRevealConfiguration"] {
        let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{ALL_SET}}}}}")).faulty(&format!(
            "operations: [\"macie2:{operation}\"], accounts: [\"{ACCOUNT}\"], times: 1, fault: expired_token"
        ));
        let settings = "security_hub: {publish_policy_findings: true}, reveal: {status: ENABLED}, administrator: NONE";
        let site = Site::new(&world, [declaration(ACCOUNT, settings)]);
        target(&site, 0);
        assert_eq!(site.simulation.calls()["sts:AssumeRole"], 2, "{operation}");
        assert_eq!(site.simulation.calls()["macie2:GetMacieSession"], 1, "{operation}");
    }
}

#[test]
fn a_deadline_within_the_calls_leaves_what_is_known() {
    let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{ALL_SET}}}}}")).fault_of(
        "macie2:GetRevealConfiguration",
        ACCOUNT,
        "hang",
    );
    let settings =
        "status: PAUSED, security_hub: {publish_policy_findings: true}, reveal: {status: ENABLED}, administrator: NONE";
    let site = Site::new(&world, [declaration(ACCOUNT, settings)]);
    let report = site.run(&["check", "a.yaml", "--deadline", "2s", "--report", "json"], 6).json();
    let target = &report["targets"][0];
    assert_eq!(
        rows(target),
        [
            "status drifted ENABLED",
            "security_hub.publish_policy_findings in_sync true",
            "reveal.status unread -",
            "administrator unread -"
        ]
    );
    let unread = &target["settings"][2]["unread"];
    assert_eq!(unread["reason"], "deadline");
    assert_eq!(unread["message"], "the run's deadline came before this setting was read");
    assert_eq!((&report["ledger"]["partly_unread"], &target["unread"]), (&1.into(), &Value::Null));
}

#[test]
fn throttled_calls_are_repeated_within_the_budget() {
    let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{ALL_SET}}}}}")).faulty(&format!(
        "operations: [\"macie2:GetRevealConfiguration\"], accounts: [\"{ACCOUNT}\"], times: 2, fault: throttle"
    ));
    let site = Site::new(&world, [declaration(ACCOUNT, "reveal: {status: ENABLED}")]);
    let report = site.run(&["check", "a.yaml", "--report", "json"], 0).json();
    assert_eq!((&report["requests"]["throttled"], &report["requests"]["retried"]), (&2.into(), &2.into()));
}
