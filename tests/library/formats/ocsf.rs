//! `ocsf`: Compliance Findings, one a line.

use std::collections::BTreeSet;

use driftline::report::{Format, FormatOptions, Report, View};
use driftline::resource::Outcome;
use serde_json::Value;

use super::fixture::{HOSTILE, clean, drawn, many, report};

fn events(report: &Report) -> Vec<Value> {
    let text = drawn(report, Format::Ocsf, &FormatOptions::default());
    text.lines().map(|line| serde_json::from_str(line).expect("an event on each line")).collect()
}

/// The settings of a report that have an outcome.
fn settings(report: &Report, wanted: Outcome) -> usize {
    let view = View::from(report);
    let settings = view.targets.iter().flat_map(|target| target.settings.clone());
    settings.filter(|setting| setting.outcome == wanted).count()
}

#[test]
fn the_events() {
    let text = drawn(&report(), Format::Ocsf, &FormatOptions::default());
    // One of each outcome is enough to look at; the rest is held by the other tests.
    let mut seen = BTreeSet::new();
    let first: Vec<Value> = events(&report())
        .into_iter()
        .filter(|event| seen.insert(event["unmapped"]["driftline"]["outcome"].to_string()))
        .collect();
    assert_eq!(seen.len(), 4);
    insta::assert_snapshot!(serde_json::to_string_pretty(&first).expect("JSON"));
    assert!(text.ends_with("}\n"));
}

#[test]
fn every_setting_that_applies_is_an_event_and_no_identity_stands_twice() {
    for report in [report(), clean(), many(9)] {
        let events = events(&report);
        let applies = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::NotApplicable);
        assert_eq!(events.len(), applies.map(|outcome| settings(&report, outcome)).sum::<usize>());
        let ids: BTreeSet<String> = events.iter().map(|event| event["finding_info"]["uid"].to_string()).collect();
        assert_eq!(ids.len(), events.len());
    }
}

#[test]
fn outcomes_are_told_in_the_words_of_the_class() {
    let report = report();
    let events = events(&report);
    let count = |is: &dyn Fn(&Value) -> bool| events.iter().filter(|event| is(event)).count();
    let compliance = |id: u64| move |event: &Value| event["compliance"]["status_id"] == id;
    assert_eq!(count(&compliance(1)), settings(&report, Outcome::InSync));
    assert_eq!(count(&compliance(3)), settings(&report, Outcome::Drifted) + settings(&report, Outcome::Waived));
    assert_eq!(count(&compliance(0)), settings(&report, Outcome::Unread));
    assert_eq!(count(&|event| event["status_id"] == 3), settings(&report, Outcome::Waived));
    for event in &events {
        let waived = &event["unmapped"]["driftline"]["waiver"];
        assert_eq!(event["status"] == "Suppressed", !waived.is_null());
        let passed = event["compliance"]["status"] == "Pass";
        assert_eq!(passed, event["severity"] == "Informational");
    }
}

#[test]
fn times_are_milliseconds() {
    for event in events(&clean()) {
        assert_eq!(event["time"], 1_806_494_490_000_i64);
        assert_eq!(event["finding_info"]["last_seen_time"], event["time"]);
    }
}

#[test]
fn text_of_others_is_harmless() {
    let options = FormatOptions { policy_set: HOSTILE.concat(), ..FormatOptions::default() };
    let text = drawn(&report(), Format::Ocsf, &options);
    let escaped = |piece: &str| serde_json::to_string(piece).expect("JSON").trim_matches('"').to_owned();
    for piece in &HOSTILE[..5] {
        assert!(!text.contains(piece) && !text.contains(&escaped(piece)), "{piece:?}");
    }
    for event in text.lines() {
        assert!(event.starts_with("{\"metadata\"") && event.ends_with("}}}"), "{event}");
    }
}

#[test]
fn twenty_thousand_targets_lose_no_event() {
    let text = drawn(&many(20_000), Format::Ocsf, &FormatOptions::default());
    assert_eq!(text.lines().count(), 20_000);
}
