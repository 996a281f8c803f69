//! Session Manager preferences that cannot be read, or only at a second try; and files that hold what was read.

use serde_json::{Value, json};

use crate::support::preferences::{declared, in_regions, site, target, world};
use crate::support::{ACCOUNT, Site};

const READ: &str = "ssm:GetDocument";
const ON: &str = "{inputs: {runAsEnabled: true, idleSessionTimeout: \"20\"}}";

/// A site whose calls fail like this, in YAML's flow style.
fn failing(fault: &str) -> Site {
    let world = world(ON).faulty(&format!("operations: [\"{READ}\"], accounts: [\"{ACCOUNT}\"], {fault}"));
    Site::new(&world, [""; 0]).file("a.yaml", declared("run_as_enabled: true"))
}

/// The calls so far.
fn calls(site: &Site) -> u64 {
    site.simulation.calls().get(READ).copied().unwrap_or_default()
}

fn error(code: &str, message: &str) -> String {
    format!("fault: {{error: {{code: {code}, message: \"{message}\", status: 400}}}}")
}

/// Whole reports, with their times and request ids.
fn raw(site: &Site, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(site.program.path(file)).expect("a file")).expect("JSON")
}

#[test]
fn only_a_document_that_does_not_exist_is_absent() {
    let missing = target(&failing(&error("InvalidDocument", "The specified document does not exist.")), 2);
    assert_eq!(missing["preferences"]["document"], "absent");
    for (code, message, reason) in [
        ("InvalidDocument", "Document type: 'Command' is not supported", "unintelligible"),
        ("ValidationException", "1 validation error detected", "unintelligible"),
        ("AccessDeniedException", "The document does not exist for you", "denied"),
        ("ResourceNotFoundException", "no", "unintelligible"),
    ] {
        let target = target(&failing(&error(code, message)), 4);
        assert_eq!((&target["unread"]["reason"], &target["unread"]["code"]), (&reason.into(), &code.into()));
        assert_eq!(target["unread"]["message"], message);
    }
}

#[test]
fn a_failure_of_either_call_makes_the_target_unread() {
    for after in [0, 1] {
        for (fault, reason) in [
            ("fault: throttle", "throttled"),
            ("fault: server_error", "unreachable"),
            ("fault: foreign_body", "unintelligible"),
            ("fault: empty_200", "unintelligible"),
            ("fault: {answer: {status: 203, body: \"{}\"}}", "unintelligible"),
        ] {
            let target = target(&failing(&format!("after: {after}, {fault}")), 4);
            assert_eq!(target["unread"]["reason"], reason, "{fault} after {after}");
            assert_eq!(target["settings"][0]["outcome"], "unread");
        }
    }
}

#[test]
fn a_denial_names_what_is_missing() {
    let world = crate::support::World::new().account(
        ACCOUNT,
        &format!("session_manager: {{preferences: {{\"*\": [{ON}]}}}}, denials: [{{actions: [\"{READ}\"]}}]"),
    );
    let site = Site::new(&world, [""; 0]).file("a.yaml", declared("run_as_enabled: true"));
    let unread = &target(&site, 4)["unread"];
    assert_eq!((&unread["reason"], &unread["action"]), (&"denied".into(), &READ.into()));
    assert!(unread["principal"].as_str().expect("an ARN").starts_with("arn:aws:sts::111122223333:assumed-role/"));
    assert_eq!(calls(&site), 1, "what is denied once is not asked again");
}

#[test]
fn what_changes_meanwhile_is_read_once_more() {
    let gone = error("InvalidDocumentVersion", "The document version is not valid or does not exist.");
    let once = failing(&format!("after: 1, times: 1, {gone}"));
    assert_eq!(target(&once, 0)["outcome"], "in_sync");
    assert_eq!(calls(&once), 4, "from the start");
    let always = failing(&gone);
    let unread = &target(&always, 4)["unread"];
    assert_eq!((&unread["reason"], &unread["code"]), (&"unintelligible".into(), &"InvalidDocumentVersion".into()));
    assert_eq!(calls(&always), 2, "no more than once");
    // There and not there is no answer.
    let absent = error("InvalidDocument", "The specified document does not exist.");
    let made = failing(&format!("times: 1, {absent}"));
    assert_eq!(target(&made, 0)["preferences"]["document"], "present");
    let deleted = failing(&format!("after: 1, {absent}"));
    assert_eq!(target(&deleted, 2)["preferences"]["document"], "absent");
}

#[test]
fn credentials_that_expire_are_refreshed() {
    for after in [0, 1] {
        let expired = failing(&format!("after: {after}, times: 1, fault: expired_token"));
        assert_eq!(target(&expired, 0)["outcome"], "in_sync", "after {after}");
    }
}

#[test]
fn a_region_that_is_off_is_neither_absent_nor_in_sync() {
    for (regions_on, regions, told, exit) in [
        ("", "me-south-1, eu-west-1", ("unread", json!("region_off")), 4),
        ("", "\"me-south-?\", eu-west-1", ("not_applicable", Value::Null), 0),
        ("me-south-1", "me-south-1, eu-west-1", ("in_sync", Value::Null), 0),
    ] {
        for list in ["allowed", "denied"] {
            let world = crate::support::World::new().account(
                ACCOUNT,
                &format!(
                    "session_manager: {{preferences: {{\"*\": [{ON}]}}}}, regions_on: [{regions_on}], list_regions: {list}"
                ),
            );
            let policy = in_regions(regions, "run_as_enabled: true");
            let site = Site::new(&world, [""; 0]).file("a.yaml", policy);
            let report = site.run(&["check", "a.yaml", "--report", "json"], exit).json();
            let targets = report["targets"].as_array().expect("targets");
            let found = targets.iter().find(|target| target["region"] == "me-south-1").expect("the target");
            assert_eq!(
                (found["outcome"].as_str().expect("a word"), found["unread"]["reason"].clone()),
                told,
                "{regions}, ListRegions {list}"
            );
        }
    }
}

/// A site with a document whose versions differ, none, and one that is known in part, each in a Region of its own.
fn three_kinds() -> Site {
    let world = crate::support::World::new().account(
        ACCOUNT,
        "session_manager: {preferences: {\
         eu-west-1: [{inputs: {idleSessionTimeout: \"20\", runAsEnabled: true}, default: true}, {inputs: {idleSessionTimeout: 60}}], \
         eu-west-3: [{inputs: {idleSessionTimeout: never, runAsEnabled: true, kmsKeyId: \"alias/{{a}}\"}}]}}",
    );
    let settings = "idle_session_timeout: {at_most: 20}, run_as_enabled: true, kms_key_id: UNSET";
    Site::new(&world, [""; 0]).file("a.yaml", in_regions("eu-west-1, eu-west-2, eu-west-3", settings))
}

#[test]
fn a_report_is_read_back_as_it_was_written() {
    let site = three_kinds();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    let again = site.run(&["report", "last.json", "--report", "json=again.json"], 6);
    assert!(again.stderr.is_empty(), "{}", again.stderr);
    let report = raw(&site, "last.json");
    assert_eq!(report["targets"], raw(&site, "again.json")["targets"]);
    assert_eq!(report["ledger"]["partly_unread"], 1);
    for (from, to, told) in [
        ("\"document\":\"absent\"", "\"document\":null", "it does not say why it does not apply"),
        ("\"default_version\":\"1\"", "\"default_version\":\"01\"", "no number of a version"),
        ("\"latest_version\":\"2\"", "\"latest_version\":\"1\"", "the latest version is the default one"),
        ("\"idleSessionTimeout\":60", "\"idleSessionTimeout\":20", "its live value is not that of the target"),
    ] {
        let text = std::fs::read_to_string(site.program.path("last.json")).expect("a file");
        let compact = serde_json::from_str::<Value>(&text).expect("JSON").to_string();
        assert!(compact.contains(from), "{from}: {compact}");
        std::fs::write(site.program.path("bad.json"), compact.replacen(from, to, 1)).expect("a file");
        site.run(&["report", "bad.json", "--report", "json"], 1).says(told);
    }
}

#[test]
fn a_snapshot_stands_in_for_aws() {
    let site = three_kinds();
    let saved = site.run(&["snapshot", "a.yaml", "--out", "s.json"], 4);
    assert!(saved.stdout.contains("0 of them unread, 1 known in part"), "{}", saved.stdout);
    site.run(&["check", "a.yaml", "--report", "json=aws.json"], 6);
    let asked = site.simulation.calls();
    site.run(&["check", "a.yaml", "--live", "s.json", "--report", "json=live.json"], 6);
    assert_eq!(site.simulation.calls(), asked, "nobody is asked");
    let (mut aws, mut live) = (raw(&site, "aws.json"), raw(&site, "live.json"));
    for report in [&mut aws, &mut live] {
        for target in report["targets"].as_array_mut().expect("targets") {
            if target["evidence"].is_object() {
                target["evidence"]["request_id"] = Value::Null;
            }
        }
    }
    assert_eq!(aws["targets"], live["targets"]);
    // The whole document is read, so that other settings can be compared with it.
    let site = site.file("b.yaml", declared("run_as_default_user: UNSET"));
    site.run(&["check", "b.yaml", "--live", "s.json"], 0);
    // A snapshot of other policies holds no preferences.
    let site = site
        .file("c.yaml", format!("version: 1\nmacie_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], status: ENABLED}}\n"));
    site.run(&["snapshot", "c.yaml", "--out", "s.json"], 0);
    let report = site.run(&["check", "b.yaml", "--live", "s.json", "--report", "json"], 4).json();
    assert_eq!(report["targets"][0]["unread"]["reason"], "not_listed");
}

#[test]
fn a_snapshot_of_a_resource_holds_every_setting_everywhere() {
    let world = crate::support::World::new().account(
        ACCOUNT,
        "sessions: {\"*\": {}}, session_manager: {preferences: {\"*\": [{inputs: {runAsEnabled: true}}]}, \
         sessions: {\"*\": {active: 1, ended: 2}}}",
    );
    let macie = format!("version: 1\nmacie_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], status: ENABLED}}\n");
    let later = format!(
        "version: 1\nmacie_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [\"eu-*\"], status: ENABLED, \
         security_hub: {{publish_policy_findings: true}}}}\n\
         session_manager_preferences:\n  - {{accounts: [\"{ACCOUNT}\"], run_as_enabled: true}}\n\
         session_manager_sessions:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], ended_within: 30d, count: 3}}\n"
    );
    let site = Site::new(&world, [""; 0]).file("a.yaml", macie).file("later.yaml", later);
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    site.run(&["check", "later.yaml", "--live", "s.json"], 4);
    let all = ["macie_session", "session_manager_preferences", "session_manager_sessions"];
    let options = all.iter().flat_map(|resource| ["--resource", resource]);
    let snapshot: Vec<&str> = ["snapshot", "a.yaml", "--out", "s.json"].into_iter().chain(options).collect();
    site.run(&snapshot, 0);
    let asked = site.simulation.calls();
    site.run(&["check", "later.yaml", "--live", "s.json"], 0);
    assert_eq!(site.simulation.calls(), asked, "nobody is asked");
    site.run(&["snapshot", "a.yaml", "--out", "s.json", "--resource", "buckets"], 1)
        .says("session_manager_preferences");
}

#[test]
fn an_earlier_report_tells_what_is_new() {
    let before = three_kinds();
    before.run(&["check", "a.yaml", "--since", "last.json"], 6);
    before.run(&["check", "a.yaml", "--since", "last.json"], 6);
    let report = raw(&before, "last.json");
    assert_eq!(
        (&report["changes"]["new"], &report["changes"]["changed"]),
        (&0.into(), &0.into()),
        "nothing has changed"
    );
    assert_eq!(report["changes"]["persisting"], 6, "{}", report["changes"]);
    // Only what was known in part is read again, as a whole.
    let asked = calls(&before);
    before.run(&["check", "a.yaml", "--only-unread", "last.json"], 6);
    assert_eq!(calls(&before) - asked, 2);
}

/// A report says what has ended, and is read back by the next run.
#[test]
fn drift_of_two_versions_that_has_ended_is_read_back() {
    let versions = "{inputs: {idleSessionTimeout: \"20\"}, default: true}, {inputs: {idleSessionTimeout: \"60\"}}";
    let site = Site::new(&world(versions), [""; 0]).file("a.yaml", declared("idle_session_timeout: 20"));
    site.run(&["check", "a.yaml", "--since", "last.json"], 2);
    let site = site.file("a.yaml", declared("idle_session_timeout: SET"));
    site.run(&["check", "a.yaml", "--since", "last.json"], 0);
    let was = &raw(&site, "last.json")["changes"]["resolved"][0]["was"];
    assert_eq!(was, "drifted 20 (default, version 1), 60 (latest, version 2)");
    site.run(&["report", "last.json"], 0);
    site.run(&["check", "a.yaml", "--since", "last.json"], 0);
}

#[test]
fn a_region_that_was_off_and_is_not_named_any_more_is_not_applicable() {
    let site = Site::new(&world(ON), [""; 0]).file("a.yaml", in_regions("me-south-1", "run_as_enabled: true"));
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 4);
    let site = site.file("a.yaml", in_regions("\"me-south-?\"", "run_as_enabled: true"));
    let report = site.run(&["check", "a.yaml", "--live", "s.json", "--report", "json"], 0).json();
    assert_eq!(report["targets"][0]["outcome"], "not_applicable");
}

#[test]
fn preferences_are_kept_where_one_call_fails_and_read_by_the_next_run() {
    let site = failing("times: 1, fault: {answer: {status: 200, body: \"{}\"}}");
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 4);
    let next = site.run(&["check", "a.yaml", "--only-unread", "last.json", "--report", "json"], 0).json();
    assert_eq!(next["targets"][0]["outcome"], "in_sync");
}

#[test]
fn the_only_document_that_is_asked_for_is_that_of_the_preferences() {
    let site = site(ON, "run_as_enabled: true");
    target(&site, 0);
    let calls = site.simulation.calls();
    let names: Vec<&str> = calls.keys().map(String::as_str).filter(|name| name.starts_with("ssm:")).collect();
    assert_eq!(names, [READ]);
    assert!(!site.simulation.was_written_to());
}
