//! SARIF 2.1.0.

use std::collections::BTreeSet;

use driftline::report::{Finding, Format, FormatOptions, Report, Rule, View, findings, worst_first};
use serde_json::Value;

use super::fixture::{clean, drawn, many, nothing_read, report};
use super::harmless;

fn sarif(report: &Report, options: &FormatOptions) -> Value {
    serde_json::from_str(&drawn(report, Format::Sarif, options)).expect("JSON")
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().map(Vec::as_slice).expect("results")
}

/// Rule, file and fingerprint: what GitHub takes for the identity of a result.
fn identities(results: &[Value]) -> BTreeSet<String> {
    let identity = |result: &Value| {
        let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        format!("{} {file} {}", result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
    };
    results.iter().map(identity).collect()
}

fn by_line() -> FormatOptions {
    FormatOptions { sarif_by_line: true, ..FormatOptions::default() }
}

fn with_waived() -> FormatOptions {
    FormatOptions { sarif_waived: true, sarif_category: Some("prod".to_owned()), ..FormatOptions::default() }
}

#[test]
fn the_log_of_everything() {
    insta::assert_snapshot!("all", drawn(&report(), Format::Sarif, &FormatOptions::default()));
    let results = results(&sarif(&report(), &by_line())).to_vec();
    insta::assert_snapshot!("by_line", serde_json::to_string_pretty(&results).expect("JSON"));
}

#[test]
fn nothing_amiss_is_an_empty_array_which_closes_alerts() {
    assert_eq!(results(&sarif(&clean(), &FormatOptions::default())).len(), 0);
}

#[test]
fn each_problem_is_a_result_of_its_own() {
    let report = report();
    let log = sarif(&report, &FormatOptions::default());
    let listed = results(&log);
    assert_eq!(listed.len(), worst_first(&View::from(&report)).len());
    assert_eq!(identities(listed).len(), listed.len());
    let rules: Vec<&Value> = log["runs"][0]["tool"]["driver"]["rules"].as_array().into_iter().flatten().collect();
    assert_eq!(rules.len(), Rule::all().count() + 1);
    for result in listed {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], region["endLine"]);
        assert!(region["endColumn"].as_u64() > region["startColumn"].as_u64());
        assert!(result.get("suppressions").is_none());
    }
}

#[test]
fn the_path_of_a_file_is_a_uri_from_the_root_of_the_repository() {
    let options = FormatOptions { path_prefix: "infra".to_owned(), ..FormatOptions::default() };
    let log = sarif(&report(), &options);
    let files: BTreeSet<&str> = results(&log)
        .iter()
        .filter_map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str())
        .collect();
    assert_eq!(
        files.into_iter().collect::<Vec<_>>(),
        ["infra/policies/baseline.yaml", "infra/policies/team%20a,%20100%25.yaml"]
    );
}

#[test]
fn what_is_waived_is_there_only_if_asked_for_and_then_suppressed() {
    let report = report();
    let view = View::from(&report);
    let waived = findings(&view).filter(Finding::is_waived).count();
    let log = sarif(&report, &with_waived());
    let suppressed: Vec<&Value> = results(&log).iter().filter(|result| result.get("suppressions").is_some()).collect();
    assert!(waived > 0);
    assert_eq!(suppressed.len(), waived);
    assert_eq!(results(&log).len(), findings(&view).count());
    assert_eq!(suppressed[0]["suppressions"][0]["status"], "accepted");
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "driftline/prod/");
    let plain = sarif(&report, &FormatOptions::default());
    assert!(plain["runs"][0].get("automationDetails").is_none());
}

#[test]
fn by_line_each_rule_and_line_is_one_result_with_its_targets() {
    let log = sarif(&many(100), &by_line());
    let listed = results(&log);
    assert_eq!(listed.len(), 2, "a drift and an unread one, both of the one declaration");
    assert_eq!(identities(listed).len(), 2);
    let message = listed[0]["message"]["text"].as_str().expect("a message");
    assert!(message.starts_with(
        "status of 67 targets is not 'ENABLED' as the policy wants it: '000000000001/eu-west-1' is 'PAUSED', "
    ));
    assert!(message.ends_with(", and 17 more."), "{message}");
    let log = sarif(&report(), &by_line());
    let listed = results(&log);
    assert_eq!(identities(listed).len(), listed.len());
}

#[test]
fn a_run_that_read_nothing_has_failed_and_any_other_has_not() {
    let successful = |report: &Report| {
        let log = sarif(report, &FormatOptions::default());
        log["runs"][0]["invocations"][0]["executionSuccessful"].as_bool()
    };
    assert_eq!(successful(&report()), Some(true));
    assert_eq!(successful(&clean()), Some(true));
    assert_eq!(successful(&nothing_read()), Some(false));
}

#[test]
fn text_of_others_is_no_link_and_obeys_nobody() {
    for options in [FormatOptions::default(), by_line(), with_waived()] {
        let text = drawn(&report(), Format::Sarif, &options);
        harmless::to_a_log(&text, |_| false);
        assert!(!text.contains("]("), "{text}");
    }
}

#[test]
fn of_too_many_results_the_worst_are_kept_and_the_rest_is_counted() {
    let log = sarif(&many(30_000), &FormatOptions::default());
    let listed = results(&log);
    assert_eq!(listed.len(), 25_000);
    assert_eq!(identities(listed).len(), 25_000);
    assert_eq!(listed[24_999]["ruleId"], "DL9999");
    let message = listed[24_999]["message"]["text"].as_str().expect("a message");
    assert_eq!(message, "5001 results are left out here: GitHub takes 25,000. The JSON report holds all.");
    assert!(listed.iter().take(24_999).all(|result| result["ruleId"] != "DL9999"));
    assert_eq!(results(&sarif(&many(25_000), &FormatOptions::default())).len(), 25_000);
}
