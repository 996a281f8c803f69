//! JUnit XML.

use std::collections::BTreeSet;

use driftline::report::{Format, FormatOptions, View, findings};
use driftline::resource::Outcome;

use super::fixture::{clean, drawn, many, report};
use super::harmless;

fn junit(report: &driftline::report::Report) -> String {
    drawn(report, Format::Junit, &FormatOptions::default())
}

#[test]
fn the_suites_of_everything() {
    insta::assert_snapshot!(junit(&report()));
}

#[test]
fn everything_in_sync_passes() {
    let text = junit(&clean());
    assert!(text.contains("tests=\"2\" skipped=\"0\" failures=\"0\" errors=\"0\""), "{text}");
}

#[test]
fn each_problem_is_a_case_of_its_kind() {
    let report = report();
    let text = junit(&report);
    let view = View::from(&report);
    let count = |wanted: fn(Outcome) -> bool| findings(&view).filter(|finding| wanted(finding.outcome())).count();
    assert_eq!(text.matches("<failure ").count(), count(|outcome| outcome == Outcome::Drifted));
    assert_eq!(text.matches("<error ").count(), count(|outcome| outcome == Outcome::Unread));
    assert_eq!(text.matches("message=\"want").count(), count(|outcome| outcome != Outcome::Unread));
    assert_eq!(text.matches("<testsuite ").count(), view.targets.len());
}

#[test]
fn text_of_others_stays_text() {
    let text = junit(&report());
    harmless::to_a_log(&text, |_| false);
    assert!(!text.contains(['\u{fffe}', '\u{ffff}']), "XML cannot hold them");
    assert!(!text.contains("<img") && !text.contains("<![CDATA[") && !text.contains("<script"), "{text}");
    let known = ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties", "property"];
    let elements: BTreeSet<&str> = text
        .split('<')
        .skip(2)
        .map(|tag| tag.trim_start_matches('/').split([' ', '>', '/']).next().unwrap_or_default())
        .collect();
    assert_eq!(elements, known.into_iter().collect());
}

#[test]
fn paths_begin_at_the_root_of_the_repository() {
    let options = FormatOptions { path_prefix: "infra".to_owned(), ..FormatOptions::default() };
    let text = drawn(&report(), Format::Junit, &options);
    assert!(text.contains("file=\"infra/policies/team a, 100%.yaml\" line=\"6\""), "{text}");
    assert!(!text.contains("\"policies/"), "{text}");
}

#[test]
fn thirty_thousand_targets_stay_below_what_gitlab_takes() {
    let text = junit(&many(30_000));
    assert_eq!(text.matches("<testcase ").count(), 30_000);
    assert!(text.len() < 30_000_000, "{} bytes", text.len());
}
