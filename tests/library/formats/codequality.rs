//! GitLab's code quality.

use std::collections::BTreeSet;

use driftline::report::{Format, FormatOptions, View, worst_first};
use serde_json::Value;

use super::fixture::{clean, drawn, report};
use super::harmless;

fn entries(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("an array")
}

#[test]
fn what_code_quality_gets() {
    insta::assert_snapshot!(drawn(&report(), Format::Codequality, &FormatOptions::default()));
}

#[test]
fn nothing_amiss_is_an_empty_array() {
    assert_eq!(drawn(&clean(), Format::Codequality, &FormatOptions::default()), "[]\n");
}

#[test]
fn each_problem_is_one_entry_of_its_own() {
    let report = report();
    let options = FormatOptions { path_prefix: "infra".to_owned(), ..FormatOptions::default() };
    let text = drawn(&report, Format::Codequality, &options);
    let entries = entries(&text);
    assert_eq!(entries.len(), worst_first(&View::from(&report)).len());
    let fingerprints: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["fingerprint"].as_str()).collect();
    assert_eq!(fingerprints.len(), entries.len());
    for entry in &entries {
        let path = entry["location"]["path"].as_str().expect("a path");
        assert!(path.starts_with("infra/policies/"), "{path}");
        assert!(entry["location"]["lines"]["begin"].as_u64() > Some(0));
        let severity = entry["severity"].as_str().expect("a severity");
        assert!(["minor", "major", "critical", "blocker"].contains(&severity), "{severity}");
        let description = entry["description"].as_str().expect("a description");
        assert!(description.starts_with("[driftline] "), "{description}");
        harmless::to_a_log(description, |_| false);
    }
    harmless::to_a_terminal(&text);
}
