//! Reports and plans about all three resources in one account and Region.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json::{fits, schema};
use crate::support::{ACCOUNT, Driftline, World};

/// Macie is paused in one Region and off in the other. The document has two versions in one Region and is missing in the other. Of
/// three sessions in one Region, two have no reason, and one may last too long.
fn world() -> World {
    let document = "eu-west-1: [{inputs: {idleSessionTimeout: \"20\", maxSessionDuration: \"{{longest}}\", kmsKeyId: \
                    \"alias/other\"}, default: true}, {inputs: {idleSessionTimeout: \"60\", maxSessionDuration: \
                    \"{{longest}}\", kmsKeyId: \"alias/other\", runAsEnabled: true}}]";
    let session = |id: &str, rest: &str| {
        format!(
            "{{id: {id}, target: i-0123456789abcdef0, status: Connected, started: 2026-01-31T12:00:00Z, owner: \
             \"arn:aws:sts::{ACCOUNT}:assumed-role/Operator/{id}\"{rest}}}"
        )
    };
    let sessions = [
        session("anna-0123456789abcdef0", ", reason: CHG-1, max_session_duration: 60"),
        session("bert-0123456789abcdef0", ", max_session_duration: 120"),
        session("cora-0123456789abcdef0", ", max_session_duration: 60"),
    ];
    World::new().account(
        ACCOUNT,
        &format!(
            "name: payments, sessions: {{eu-west-1: {{status: PAUSED}}}}, session_manager: {{preferences: {{{document}}}, \
             sessions: {{eu-west-1: [{}]}}}}",
            sessions.join(", ")
        ),
    )
}

const POLICY: &str = "version: 1
macie_sessions:
  - {name: Macie, accounts: [\"111122223333\"], regions: [eu-west-1, eu-central-1], status: ENABLED}
session_manager_preferences:
  - name: preferences
    accounts: [\"111122223333\"]
    regions: [eu-west-1, eu-central-1]
    idle_session_timeout: {at_most: 20}
    max_session_duration: {at_most: 720}
    run_as_enabled: true
    kms_key_id: alias/session-manager
    s3_bucket_name: [SET, UNSET]
    severity: high
session_manager_sessions:
  - {name: sessions, accounts: [\"111122223333\"], regions: [eu-west-1, eu-central-1], reason: SET, max_session_duration: {at_most: 60}, count: {at_most: 2}}
";

fn program(world: &World) -> Driftline {
    Driftline::new().policy("a.yaml", POLICY).world(world)
}

fn check(world: &World, more: &[&str]) -> Driftline {
    program(world).args(["check", "a.yaml", "--simulate", "world.yaml"]).args(more)
}

/// A report in a format.
fn report(format: &str) -> String {
    check(&world(), &["--report", format]).run(2).stdout
}

#[test]
fn people_see_which_resource_a_line_is_about() {
    insta::assert_snapshot!("resources_text", check(&world(), &[]).run(2).stdout);
    insta::assert_snapshot!("resources_verbose", check(&world(), &["--verbose"]).run(2).stdout);
    insta::assert_snapshot!("resources_markdown", report("markdown"));
    insta::assert_snapshot!("resources_sns", report("sns"));
    let summary =
        check(&world(), &["--report", "github"]).file("summary.md", "").env("GITHUB_STEP_SUMMARY", "summary.md");
    insta::assert_snapshot!("resources_annotations", summary.run(2).stdout);
    insta::assert_snapshot!("resources_summary", summary.read("summary.md"));
}

#[test]
fn programs_have_a_row_for_each_setting() {
    for format in ["csv", "codequality"] {
        insta::assert_snapshot!(format!("resources_{format}"), report(format));
    }
    let junit = report("junit");
    for case in ["session.status", "preferences.max_session_duration", "sessions.max_session_duration"] {
        assert_eq!(junit.matches(&format!("<testcase name=\"{case}\"")).count(), 2, "{case}");
    }
    let metrics = report("prometheus");
    for (resource, drifted) in
        [("macie_session", 2), ("session_manager_preferences", 2), ("session_manager_sessions", 1)]
    {
        let series = format!("policy_set=\"default\",resource=\"{resource}\",state=\"drifted\"}} {drifted}");
        assert!(
            metrics.lines().any(|line| line.starts_with("driftline_targets{") && line.ends_with(&series)),
            "{metrics}"
        );
    }
    let ocsf = report("ocsf");
    let count: Value = serde_json::from_str(ocsf.lines().last().expect("an event")).expect("JSON");
    let data = &count["resources"][0]["data"];
    assert_eq!((&data["setting"], data["sessions"].as_array().map(Vec::len)), (&"count".into(), Some(3)));
    for format in ["sarif", "junit", "codequality", "markdown", "github", "slack", "sns", "prometheus"] {
        assert!(!report(format).contains("0123456789abcdef0"), "{format} names a session");
    }
}

/// The values under a key, wherever it stands.
fn values(document: &Value, key: &str, found: &mut Vec<String>) {
    match document {
        Value::Object(fields) => {
            found.extend(fields.get(key).and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| values(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, key, found)),
        _ => {}
    }
}

#[track_caller]
fn are_unique(text: &str, key: &str, at_least: usize) {
    let mut found = Vec::new();
    for line in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        values(&line.expect("JSON"), key, &mut found);
    }
    assert!(found.len() >= at_least, "{key}: {found:?}");
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "{key}: {found:?}");
}

#[test]
fn no_two_findings_have_one_identity() {
    let denied = world().with("latency: 1ms").account(
        "999988887777",
        "denials: [{actions: [\"macie2:GetMacieSession\", \"ssm:GetDocument\", \"ssm:DescribeSessions\"]}]",
    );
    let everywhere = POLICY.replace("[\"111122223333\"]", "[\"111122223333\", \"999988887777\"]");
    let check = |format: &str| {
        let program = program(&denied).policy("a.yaml", everywhere.clone());
        program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", format]).run(6).stdout
    };
    are_unique(&check("sarif"), "primaryLocationLineHash", 15);
    are_unique(&check("codequality"), "fingerprint", 15);
    let folder = program(&denied).policy("a.yaml", everywhere.clone());
    let folder = folder.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "asff=asff"]);
    folder.run(6);
    for account in [ACCOUNT, "999988887777"] {
        let file = folder.read(format!("asff/{account}.eu-west-1.001.asff.json"));
        let found: Vec<Value> = serde_json::from_str(&file).expect("JSON");
        let ids: BTreeSet<&str> = found.iter().filter_map(|finding| finding["Id"].as_str()).collect();
        assert_eq!((ids.len(), found.len()), (9, 9), "{file}");
    }
    let events: Vec<Value> = check("ocsf")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["finding_info"].clone())
        .collect();
    let ids: BTreeSet<&str> = events.iter().filter_map(|event| event["uid"].as_str()).collect();
    assert_eq!((ids.len(), events.len()), (36, 36));
    let csv = check("csv");
    let keys: Vec<String> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            // The message holds commas; seven columns follow the resource.
            format!("{} {} {} {}", cells[2], cells[4], cells[5], cells[cells.len() - 8])
        })
        .collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{keys:#?}");
    let junit = check("junit");
    let cases: Vec<&str> = junit.split("<testcase ").skip(1).filter_map(|case| case.split('>').next()).collect();
    assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), cases.len(), "{cases:#?}");
    let html = check("html");
    let anchors: Vec<&str> = html.split(" id=\"f-").skip(1).filter_map(|part| part.split('"').next()).collect();
    assert_eq!(anchors.iter().collect::<BTreeSet<_>>().len(), anchors.len(), "{anchors:?}");
}

#[test]
fn a_saved_report_is_rendered_as_it_was() {
    let program = program(&world());
    let check = ["check", "a.yaml", "--simulate", "world.yaml", "--report", "json=last.json", "--report", "text"];
    let text = program.run_with(&check, 2).stdout;
    assert_eq!(program.run_with(&["report", "last.json", "--report", "text"], 2).stdout, text);
    let csv = program.run_with(&["report", "last.json", "--report", "csv"], 2).stdout;
    assert_eq!(csv, program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "csv"], 2).stdout);
}

#[test]
fn a_plan_lists_the_drift_that_it_cannot_remove_with_its_remedy() {
    let plan = program(&world()).args(["plan", "a.yaml", "--simulate", "world.yaml"]);
    insta::assert_snapshot!("resources_plan", plan.run(2).stdout);
    let saved = program(&world()).args([
        "plan",
        "a.yaml",
        "--simulate",
        "world.yaml",
        "--out",
        "plan.json",
        "--report",
        "markdown",
    ]);
    insta::assert_snapshot!("resources_plan_markdown", saved.run(2).stdout);
    let plan: Value =
        serde_json::from_str(&std::fs::read_to_string(saved.path("plan.json")).expect("a plan")).expect("JSON");
    fits(&schema("plan"), &plan);
    let blocked = plan["blocked"].as_array().expect("a list");
    let of = |resource: &str, setting: &str, region: &str| {
        let found = blocked.iter().find(|item| {
            item["resource"] == resource && item["change"]["setting"] == setting && item["region"] == region
        });
        found.unwrap_or_else(|| panic!("{resource} {setting}")).clone()
    };
    let preferences = of("session_manager_preferences", "idle_session_timeout", "eu-west-1");
    assert_eq!(preferences["change"]["before"], "20 (default, version 1), 60 (latest, version 2)");
    assert_eq!((&preferences["change"]["after"], &preferences["block_reason"]), (&"20".into(), &"report_only".into()));
    let sessions = of("session_manager_sessions", "reason", "eu-west-1");
    assert_eq!(
        (&sessions["change"]["before"], &sessions["change"]["after"]),
        (&"2 of 3 sessions".into(), &Value::Null)
    );
    assert_eq!(sessions["change"]["desired"], serde_json::json!(["SET"]));
}
