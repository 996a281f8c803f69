//! `prometheus` and `openmetrics`: gauges, of which none vanishes.

use std::collections::{BTreeMap, BTreeSet};

use driftline::report::{Format, FormatOptions, MetricsDetail, Report, View};
use driftline::resource::Outcome;

use super::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};

const DETAILS: [MetricsDetail; 3] = [MetricsDetail::Summary, MetricsDetail::Account, MetricsDetail::Target];

fn of(report: &Report, metrics: MetricsDetail) -> String {
    drawn(report, Format::Prometheus, &FormatOptions { metrics, ..FormatOptions::default() })
}

/// The samples: series, and value.
fn samples(text: &str) -> Vec<(String, i64)> {
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        (series.to_owned(), value.parse().expect("an integer"))
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

/// The value of a metric that has one series.
fn value(text: &str, name: &str) -> Option<i64> {
    samples(text).into_iter().find(|(series, _)| series.starts_with(&format!("{name}{{"))).map(|(_, value)| value)
}

/// The sum of a metric over everything but its state.
fn sum(text: &str, name: &str, state: &str) -> i64 {
    let state = format!("state=\"{state}\"");
    let of = |series: &str| series.starts_with(&format!("{name}{{")) && series.contains(&state);
    samples(text).into_iter().filter(|(series, _)| of(series)).map(|(_, value)| value).sum()
}

#[test]
fn by_account() {
    insta::assert_snapshot!(of(&report(), MetricsDetail::Account));
}

#[test]
fn the_numbers_of_the_run_alone() {
    insta::assert_snapshot!(of(&report(), MetricsDetail::Summary));
}

#[test]
fn openmetrics_is_the_same_with_an_end() {
    for metrics in DETAILS {
        let options = FormatOptions { metrics, ..FormatOptions::default() };
        let open = drawn(&report(), Format::Openmetrics, &options);
        assert_eq!(open, format!("{}# EOF\n", of(&report(), metrics)));
    }
}

#[test]
fn every_detail_adds_up_to_the_same() {
    let report = report();
    let view = View::from(&report);
    for detail in DETAILS {
        let text = of(&report, detail);
        for outcome in Outcome::ALL {
            let settings = view.targets.iter().flat_map(|target| target.settings.clone());
            let settings = settings.filter(|setting| setting.outcome == outcome).count();
            let held = |count: usize| i64::try_from(count).expect("a small number");
            assert_eq!(sum(&text, "driftline_attributes", outcome.as_str()), held(settings), "{detail:?} {outcome:?}");
            let targets = held(view.ledger.count(outcome));
            assert_eq!(sum(&text, "driftline_targets", outcome.as_str()), targets, "{detail:?} {outcome:?}");
        }
    }
}

#[test]
fn every_state_has_a_series_also_where_nothing_has_it() {
    let text = of(&clean(), MetricsDetail::Target);
    for outcome in Outcome::ALL {
        let series = format!(
            "driftline_attributes{{account_id=\"111122223333\",policy_set=\"default\",region=\"eu-west-1\",resource=\"macie_session\",state=\"{}\"}} {}",
            outcome.as_str(),
            i64::from(outcome == Outcome::InSync)
        );
        assert!(text.lines().any(|line| line == series), "{series}");
    }
}

#[test]
fn a_target_that_could_not_be_read_is_down() {
    let text = of(&report(), MetricsDetail::Target);
    let up: Vec<i64> = samples(&text)
        .into_iter()
        .filter(|(series, _)| series.starts_with("driftline_target_up{"))
        .map(|(_, value)| value)
        .collect();
    let report = report();
    let ledger = View::from(&report).ledger;
    assert_eq!(up.len(), ledger.declared);
    // A target that is known in part is down, too.
    assert_eq!(up.iter().filter(|value| **value == 0).count(), ledger.unread + ledger.partly_unread);
}

#[test]
fn success_is_to_have_read_everything() {
    let ended = "2027-03-31T12:01:30Z".parse::<jiff::Timestamp>().expect("a moment").as_second();
    for (report, is_success) in [(clean(), true), (nothing_read(), false), (report(), false)] {
        let text = of(&report, MetricsDetail::Account);
        assert_eq!(value(&text, "driftline_check_success"), Some(is_success.into()));
        assert_eq!(value(&text, "driftline_last_run_timestamp_seconds"), Some(ended));
        assert_eq!(value(&text, "driftline_last_success_timestamp_seconds"), is_success.then_some(ended));
        assert_eq!(value(&text, "driftline_run_duration_seconds"), Some(90));
    }
}

#[test]
fn a_waiver_ends_with_the_day_after_its_last_one() {
    let text = of(&report(), MetricsDetail::Summary);
    let series =
        "driftline_waiver_expiry_timestamp_seconds{policy_set=\"default\",waiver=\"policies/waivers.yaml:10\"}";
    let found = samples(&text).into_iter().find(|(found, _)| found == series).expect("a waiver");
    let day_after = "2027-04-08T00:00:00Z".parse::<jiff::Timestamp>().expect("a moment");
    assert_eq!(found.1, day_after.as_second());
}

#[test]
fn no_series_stands_twice_and_none_has_a_time_of_its_own() {
    for detail in DETAILS {
        let text = of(&report(), detail);
        let series: Vec<String> = samples(&text).into_iter().map(|(series, _)| series).collect();
        assert_eq!(series.iter().collect::<BTreeSet<_>>().len(), series.len());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, behind) = line.rsplit_once("} ").expect("labels");
            assert!(behind.parse::<i64>().is_ok(), "{line}");
        }
        assert!(text.ends_with('\n'));
    }
}

#[test]
fn the_explanations_are_the_same_whatever_the_report_says() {
    let explained = |text: &str| -> BTreeMap<String, String> {
        let helps = text.lines().filter_map(|line| line.strip_prefix("# HELP "));
        helps.filter_map(|line| line.split_once(' ')).map(|(name, help)| (name.to_owned(), help.to_owned())).collect()
    };
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for report in [report(), clean(), nothing_read()] {
        for detail in DETAILS {
            for (name, help) in explained(&of(&report, detail)) {
                all.entry(name).or_default().insert(help);
            }
        }
    }
    assert_eq!(all.len(), 10);
    for (name, helps) in all {
        assert_eq!(helps.len(), 1, "{name}");
    }
}

#[test]
fn text_of_others_stays_in_its_label_or_is_not_there() {
    let hostile = HOSTILE.join("\" } 1\n\\");
    let options = FormatOptions { policy_set: hostile, metrics: MetricsDetail::Target, ..FormatOptions::default() };
    let text = drawn(&report(), Format::Prometheus, &options);
    for piece in &HOSTILE[..5] {
        assert!(!text.contains(piece), "{piece:?}");
    }
    assert_eq!(samples(&text).len(), samples(&of(&report(), MetricsDetail::Target)).len());
    assert!(text.lines().all(|line| line.starts_with("# ") || line.starts_with("driftline_")));
    // Names, reasons and answers are no labels.
    let plain = of(&report(), MetricsDetail::Target);
    for text in ["onerror", "@team", "payments", "ends soon", "AccessDenied", "arn:"] {
        assert!(!plain.contains(text), "{text}");
    }
}

#[test]
fn the_number_of_series_is_that_of_the_detail() {
    let report = many(20_000);
    let count = |detail| samples(&of(&report, detail)).len();
    assert!(count(MetricsDetail::Summary) < 20);
    assert_eq!(count(MetricsDetail::Account), count(MetricsDetail::Summary) - 10 + 2 * 5 * 20_000);
    assert_eq!(count(MetricsDetail::Target), count(MetricsDetail::Account) + 20_000);
}
