//! Laws that hold for any report: every format lists as many problems as there are, and nothing of others escapes.

use driftline::drift::Ledger;
use driftline::report::{
    Detail, Format, FormatOptions, Paint, Target, Targets, TextOptions, View, findings, render, worst_first,
};
use driftline::resource::{Outcome, Reading};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;

use super::fixture::{HOSTILE, report};

fn text() -> impl Strategy<Value = String> {
    let hostile = proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned);
    let joined = (any::<String>(), hostile.clone(), any::<String>()).prop_map(|(a, b, c)| a + &b + &c);
    prop_oneof![any::<String>(), hostile, joined]
}

/// A target of the fixture with other texts wherever others write.
fn rewritten<'a>(mut target: Target<'a>, texts: &[String]) -> Target<'a> {
    let mut texts = texts.iter().cycle().cloned();
    let mut next = || texts.next().unwrap_or_default();
    target.account_name = Some(next().into());
    for setting in &mut target.settings {
        setting.origin.to_mut().declaration = Some(next());
        if let Some(waiver) = &mut setting.waiver {
            waiver.reason = next().into();
            waiver.owner = Some(next().into());
        }
        for lapsed in &mut setting.lapsed_waivers {
            lapsed.waiver.reason = next().into();
        }
    }
    if let Reading::Unread(unread) = target.reading.to_mut() {
        unread.evidence.code = Some(next().into());
        unread.evidence.message = Some(next().into());
        unread.evidence.request_id = Some(next().into());
    }
    target
}

fn drawn(view: &View<'_>, format: Format, options: &FormatOptions) -> String {
    let plain =
        TextOptions { width: 100, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links: None };
    let mut out = Vec::new();
    render(view, format, plain, options, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_format_lists_every_problem(
        chosen in prop::collection::vec(any::<Index>(), 0..12),
        texts in prop::collection::vec(text(), 1..12),
    ) {
        let report = report();
        let whole = View::from(&report);
        let mut places: Vec<usize> = chosen.iter().map(|index| index.index(whole.targets.len())).collect();
        places.sort_unstable();
        places.dedup();
        let targets: Vec<Target<'_>> = places
            .iter()
            .filter_map(|place| whole.targets.get(*place))
            .map(|target| rewritten(target.into_owned(), &texts))
            .collect();
        let ledger: Ledger = targets.iter().map(|target| target.outcome).collect();
        let view = View { ledger, verdict: ledger.verdict(), targets: Targets::Saved(targets), ..View::from(&report) };
        let options = FormatOptions { sarif_waived: true, ..FormatOptions::default() };
        let (all, counted) = (findings(&view).count(), worst_first(&view).len());

        let entries: serde_json::Value =
            serde_json::from_str(&drawn(&view, Format::Codequality, &options)).expect("JSON");
        prop_assert_eq!(entries.as_array().map(Vec::len), Some(counted));

        let log: serde_json::Value = serde_json::from_str(&drawn(&view, Format::Sarif, &options)).expect("JSON");
        prop_assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(all));

        let lines = drawn(&view, Format::Jsonl, &options);
        prop_assert_eq!(lines.lines().count(), view.targets.len() + 2);
        for line in lines.lines() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{}", line);
        }

        let junit = drawn(&view, Format::Junit, &options);
        prop_assert_eq!(junit.matches("<failure ").count() + junit.matches("<error ").count(), counted);
        prop_assert_eq!(junit.matches("message=\"want ").count(), all - findings(&view).filter(|it| it.outcome() == Outcome::Unread).count());
        let legal = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        prop_assert!(junit.chars().all(legal), "{:?}", junit);

        let annotations = drawn(&view, Format::Github, &options);
        let more: usize = annotations
            .lines()
            .filter_map(|line| line.split_once(" title=driftline::")?.1.split_once(" more ")?.0.parse::<usize>().ok())
            .sum();
        let summaries = annotations.lines().filter(|line| line.contains(" title=driftline::")).count();
        // What is unread in several Regions for one cause is one annotation, whose title names them.
        let regions = |title: &str| title.split_once("::").map_or(0, |(title, _)| title.matches("%2C").count() + 1);
        let titles = annotations.lines().filter_map(|line| line.split_once(",title=driftline "));
        prop_assert_eq!(titles.clone().count(), annotations.lines().count() - summaries);
        prop_assert_eq!(titles.map(|(_, title)| regions(title)).sum::<usize>() + more, counted);
        for level in ["error", "warning", "notice"] {
            let head = format!("::{level} ");
            let of_level = annotations.lines().filter(|line| line.starts_with(&head)).count();
            prop_assert!(of_level <= 10, "{}", annotations);
        }
        prop_assert!(annotations.lines().all(|line| line.starts_with("::")), "{}", annotations);
        prop_assert!(!annotations.contains("##["), "{}", annotations);
    }
}
