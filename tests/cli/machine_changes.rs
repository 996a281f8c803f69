//! What changed, in the formats for programs: nothing of the JSON report's comparison is lost on the way.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, policy};

const OTHER: &str = "222233334444";
const CHECK: [&str; 6] = ["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json"];

/// When the first run was.
const FIRST: &str = "2026-01-01T00:00:00Z";

fn declared(regions: &str) -> String {
    policy([format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [{regions}], status: ENABLED, severity: high")])
}

fn world(sessions: &str, other: &str) -> World {
    World::new()
        .account(ACCOUNT, &format!("sessions: {{\"*\": {{status: ENABLED}}, {sessions}}}"))
        .account(OTHER, &format!("sessions: {{\"*\": {{status: ENABLED}}, eu-west-1: {{status: PAUSED}}}}{other}"))
}

/// The second run: one problem of each kind, and drift of an account that cannot be read any more.
fn compared() -> Driftline {
    let paused = |region: &str| format!("{region}: {{status: PAUSED}}");
    let before = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2"].map(paused).join(", ");
    let program = Driftline::new()
        .policy("a.yaml", declared("eu-central-1, eu-north-1, eu-west-1, eu-west-2, us-east-1"))
        .world(&world(&before, ""));
    program.run_with(&CHECK, 2);
    // Another time, so that what is new can be told from what is not.
    let mut first: Value = serde_json::from_str(&read(&program, "last.json")).expect("a report");
    first["run"]["started_at"] = FIRST.into();
    first["run"]["finished_at"] = FIRST.into();
    for time in ["told_at", "compared_with"] {
        first["changes"][time] = Value::Null;
    }
    let after = format!("{}, {}, eu-west-1: off", paused("eu-north-1"), paused("us-east-1"));
    let program = program
        .file("last.json", first.to_string())
        .policy("a.yaml", declared("eu-north-1, eu-west-1, eu-west-2, us-east-1"))
        .world(&world(&after, ", roles: []"));
    program.run_with(&CHECK, 6);
    program
}

/// The text of a file, with its times.
fn read(program: &Driftline, file: &str) -> String {
    std::fs::read_to_string(program.path(file)).expect("a file")
}

fn rendered(program: &Driftline, format: &str) -> String {
    program.run_with(&["report", "last.json", "--report", &format!("{format}=out")], 6);
    read(program, "out")
}

/// The rows, by the name of the column.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(table.as_bytes()).into_deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn csv_has_columns_for_changes_and_a_row_for_what_is_not_there_any_more() {
    let rows = rows(&rendered(&compared(), "csv"));
    let columns = ["account", "region", "setting", "outcome", "change", "since", "was", "resolution"];
    let cell = |cell: &str| if cell.ends_with('Z') && cell != FIRST { "now".to_owned() } else { cell.to_owned() };
    let line = |row: &BTreeMap<String, String>| columns.map(|column| cell(&row[column])).join(",") + "\n";
    assert_snapshot!("csv", columns.join(",") + "\n" + &rows.iter().map(line).collect::<String>());
    assert!(rows.iter().all(|row| row["outcome"].is_empty() != row["resolution"].is_empty()));
}

#[test]
fn junit_has_properties_for_changes_and_a_suite_for_the_comparison() {
    let junit = rendered(&compared(), "junit");
    assert_eq!(junit.matches("name=\"change\"").count(), junit.matches("name=\"since\"").count());
    assert_eq!(junit.matches("<property name=\"change\" value=\"persisting\"/>").count(), 1);
    let start = junit.find("<testsuite name=\"comparison\"").expect("a suite");
    let now = junit[start..].split("compared_with\" value=\"").nth(1).and_then(|rest| rest.get(..20));
    assert_eq!(now, Some(FIRST));
    assert_snapshot!("junit", &junit[start..]);
}

#[test]
fn formats_for_security_products_say_what_is_new_and_since_when() {
    let program = compared();
    let log: Value = serde_json::from_str(&rendered(&program, "sarif")).expect("a log");
    let state = |result: &Value| {
        let place = result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].as_str().expect("a name");
        let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        format!("{place} {} {}\n", word(&result["baselineState"]), word(&result["properties"]["since"]))
    };
    let results = log["runs"][0]["results"].as_array().expect("results").iter();
    let sarif: String = results.map(state).collect();
    assert!(sarif.contains("111122223333/eu-north-1/status unchanged 2026-01-01T00:00:00Z\n"), "{sarif}");
    assert!(sarif.contains("111122223333/eu-west-1/status updated 2026-01-01T00:00:00Z\n"), "{sarif}");
    assert!(sarif.contains("111122223333/us-east-1/status new 20"), "{sarif}");
    assert_eq!(sarif.matches("222233334444").count(), sarif.matches("/session new ").count(), "{sarif}");

    let ocsf = rendered(&program, "ocsf");
    let event = |region: &str| -> Value {
        let uid = format!("driftline:{ACCOUNT}:{region}:session:status");
        let events = ocsf.lines().map(|line| serde_json::from_str::<Value>(line).expect("an event"));
        events.into_iter().find(|event| event["finding_info"]["uid"] == *uid).expect("the event")
    };
    let first = jiff::Timestamp::from_second(1_767_225_600).expect("a time").as_millisecond();
    let persisting = event("eu-north-1");
    assert_eq!(persisting["finding_info"]["first_seen_time"], first);
    assert_eq!(persisting["unmapped"]["driftline"]["change"], "persisting");
    assert_eq!(event("eu-west-1")["unmapped"]["driftline"]["change"], "changed");
    assert_eq!(event("eu-west-2")["unmapped"]["driftline"].get("change"), None, "it is resolved");

    program.run_with(&["report", "last.json", "--report", "asff=findings"], 6);
    let file = |region: &str| -> Value {
        serde_json::from_str(&read(&program, &format!("findings/{ACCOUNT}.{region}.001.asff.json"))).expect("findings")
    };
    let persisting = &file("eu-north-1")[0];
    assert_eq!(persisting["FirstObservedAt"], FIRST);
    assert_eq!(persisting["ProductFields"]["driftline/change"], "persisting");
    assert_eq!(file("eu-west-2")[0].get("FirstObservedAt"), None, "it is resolved");
}

#[test]
fn metrics_say_since_when_there_is_drift() {
    let program = compared();
    let name = "driftline_drift_first_seen_timestamp_seconds";
    let series = |arguments: &[&str], format: &str| -> Vec<(String, i64)> {
        let text = program.run_with(&[&["report", "last.json", "--report", format], arguments].concat(), 6).stdout;
        let samples = text.lines().filter_map(|line| line.strip_prefix(&format!("{name}{{"))?.rsplit_once("} "));
        samples.map(|(labels, value)| (labels.to_owned(), value.parse().expect("a number"))).collect()
    };
    let first = 1_767_225_600;
    for format in ["prometheus", "openmetrics"] {
        let targets = series(&["--metrics-detail", "target"], format);
        let of = |account: &str, region: &str| {
            let labels = format!(
                "account_id=\"{account}\",policy_set=\"default\",region=\"{region}\",resource=\"macie_session\""
            );
            targets.iter().find(|(found, _)| *found == labels).map(|(_, value)| *value)
        };
        assert_eq!([of(ACCOUNT, "eu-north-1"), of(ACCOUNT, "eu-west-1")], [Some(first); 2], "{targets:?}");
        assert!(of(ACCOUNT, "us-east-1").is_some_and(|time| time > first), "it is new");
        assert_eq!(of(ACCOUNT, "eu-west-2"), None, "it is resolved");
        assert_eq!(of(OTHER, "eu-west-1"), Some(first), "it is carried");
        assert_eq!(targets.len(), 4);
        assert_eq!(series(&["--metrics-detail", "account"], format).len(), 2);
        let summary = series(&["--metrics-detail", "summary"], format);
        assert_eq!(summary, [("policy_set=\"default\",resource=\"macie_session\"".to_owned(), first)]);
    }
    let alone = program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "prometheus"], 6);
    assert!(!alone.stdout.contains(name), "{}", alone.stdout);
}
