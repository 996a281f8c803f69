//! The JSON report.

use std::collections::BTreeSet;

use driftline::resource::Outcome;
use serde_json::Value;

use crate::support::{Driftline, World, copied, policy};

fn example() -> Driftline {
    let program = copied(Driftline::new(), "examples/organization");
    program.args(["check", "policies", "--simulate", "world.yaml", "--report", "json"])
}

/// Account and Region of each target, in the order of the report.
fn targets(report: &Value) -> Vec<(String, String, String)> {
    let targets = report["targets"].as_array().expect("targets");
    let keys =
        |target: &Value| ["account", "region", "resource"].map(|key| target[key].as_str().expect("a text").to_owned());
    targets.iter().map(keys).map(Into::into).collect()
}

/// The report as it is written, times included.
fn raw(program: &Driftline) -> Value {
    let output = program.command().output().expect("the program runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The report's schema, as the program prints it.
pub(crate) fn schema(of: &str) -> Value {
    Driftline::new().args(["schema", of]).run(0).json()
}

/// The same schema, but that nothing may be in a document which it does not name.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(object) => {
            for value in object.values_mut() {
                *value = strict(value.take());
            }
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = strict(item.take());
            }
        }
        _ => {}
    }
    schema
}

/// Asserts that a report fits the schema and names nothing beyond it.
#[track_caller]
pub(crate) fn fits_the_schema(report: &Value) {
    fits(report, &schema("report"));
}

/// Asserts that a document fits a schema and names nothing beyond it.
#[track_caller]
pub(crate) fn fits(report: &Value, schema: &Value) {
    for schema in [schema.clone(), strict(schema.clone())] {
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        let mistakes: Vec<String> =
            validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(mistakes, Vec::<String>::new());
    }
}

#[test]
fn the_example() {
    insta::assert_snapshot!("example_json", example().run(6).stdout);
}

#[test]
fn the_report_fits_its_schema_and_says_nothing_beyond_it() {
    fits_the_schema(&raw(&example()));
}

#[test]
fn the_strict_schema_notices_a_field_that_the_schema_does_not_name() {
    let report = raw(&example());
    let mut changed = report.clone();
    changed["targets"][0]["settings"][0]["surprise"] = Value::Null;
    let schema = schema("report");
    assert!(jsonschema::is_valid(&schema, &changed), "readers ignore what they do not know");
    assert!(!jsonschema::is_valid(&strict(schema.clone()), &changed));
    assert!(jsonschema::is_valid(&strict(schema), &report));
}

#[test]
fn the_parts_of_the_ledger_add_up_and_are_those_of_the_targets() {
    let report = example().run(6).json();
    let ledger = &report["ledger"];
    let count = |outcome: Outcome| ledger[outcome.as_str()].as_u64().expect("a count");
    let all = report["targets"].as_array().expect("targets");
    assert_eq!(ledger["declared"], Outcome::ALL.map(count).iter().sum::<u64>());
    assert_eq!(ledger["declared"], all.len());
    for outcome in Outcome::ALL {
        let shown = all.iter().filter(|target| target["outcome"] == outcome.as_str()).count();
        assert_eq!(count(outcome), shown as u64, "{outcome:?}");
    }
    assert_eq!(ledger.as_object().expect("a ledger").len(), 3 + Outcome::ALL.len());
    // Of the ledgers of the resources, each count adds up, too.
    let by_resource = report["ledger_by_resource"].as_object().expect("ledgers");
    assert_eq!(by_resource.len(), 3);
    for (key, count) in ledger.as_object().expect("a ledger") {
        let sum: u64 = by_resource.values().map(|ledger| ledger[key].as_u64().expect("a count")).sum();
        assert_eq!(count.as_u64(), Some(sum), "{key}");
    }
}

#[test]
fn every_declared_target_is_there_exactly_once_and_in_order() {
    let targets = targets(&example().run(6).json());
    assert!(targets.is_sorted(), "{targets:?}");
    let baseline = [
        "000011112222",
        "111122223333",
        "222233334444",
        "333344445555",
        "444455556666",
        "555566667777",
        "666677778888",
        "999988887777",
    ];
    let mut declared = BTreeSet::new();
    for account in baseline {
        for region in ["us-west-1", "us-west-2", "eu-central-1", "me-south-1"] {
            declared.insert((account, region, "macie_session"));
        }
    }
    for account in &baseline[1..4] {
        declared.insert((account, "ap-southeast-2", "macie_session"));
        declared.insert((account, "eu-central-1", "session_manager_preferences"));
        declared.insert((account, "eu-central-1", "session_manager_sessions"));
    }
    declared.insert(("999988887777", "ca-west-1", "macie_session"));
    let declared = declared.into_iter().map(|key| <[&str; 3]>::from(key).map(str::to_owned).into());
    assert_eq!(targets, declared.collect::<Vec<_>>());
}

#[test]
fn no_target_is_lost_where_nothing_can_be_read() {
    let ids = ["000000000001", "000000000002", "000000000003"];
    let declaration = format!("accounts: {ids:?}, status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new());
    let program = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]);
    let report = program.run(4).json();
    assert_eq!(targets(&report).len(), 3 * 22);
    assert_eq!(report["ledger"]["unread"], 3 * 22);
    assert!(report["targets"].as_array().expect("targets").iter().all(|target| target["live"].is_null()));
    fits_the_schema(&raw(&program));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = example().run(6);
    for _ in 0..3 {
        assert_eq!(example().run(6), first);
    }
}

#[test]
fn detail_and_colour_are_for_people_only() {
    let report = example().run(6).stdout;
    for more in [&["--quiet"][..], &["--verbose"], &["--color", "always"]] {
        assert_eq!(example().args(more).run(6).stdout, report, "{more:?}");
    }
}
