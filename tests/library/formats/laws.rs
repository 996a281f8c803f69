//! What holds of any report: each format lists as much as there is, or says how much it does not; and text that others write
//! stays text.

use driftline::diagnostic::{command_marks, is_harmful};
use driftline::report::{
    Detail, Format, FormatOptions, MetricsDetail, Paint, TextOptions, View, asff_files, findings, render, worst_first,
    write_csv, write_ocsf, write_openmetrics, write_prometheus, write_slack, write_sns,
};
use driftline::resource::Outcome;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::Config;
use serde_json::Value;

use super::any::{targets, view};
use super::fixture::clean;

const FORMATS: [Format; 7] =
    [Format::Csv, Format::Prometheus, Format::Openmetrics, Format::Ocsf, Format::Asff, Format::Slack, Format::Sns];

/// The text of a report in the format of a function.
fn text(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// The settings of a report whose outcome is one of these.
fn settings(view: &View<'_>, outcomes: &[Outcome]) -> usize {
    let of = |outcome: Outcome| {
        view.targets
            .iter()
            .map(|target| target.settings.iter().filter(|setting| setting.outcome == outcome).count())
            .sum::<usize>()
    };
    outcomes.iter().map(|outcome| of(*outcome)).sum()
}

/// What no format for files and logs may hold, in words or escaped.
fn is_tame(text: &str) -> bool {
    !text.chars().any(|letter| is_harmful(letter) && letter != '\r')
        && command_marks(text).next().is_none()
        && !text.contains("\\u00")
        && !text.lines().any(|line| line.trim_start().starts_with("::"))
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_obeyed(targets in targets()) {
        let report = clean();
        let view = view(&targets, View::from(&report));
        let options = FormatOptions { metrics: MetricsDetail::Target, ..FormatOptions::default() };
        let applies = [Outcome::InSync, Outcome::Drifted, Outcome::Waived, Outcome::Unread];
        let unread = findings(&view).filter(|problem| problem.unread().is_some()).count();

        let csv = text(|out| write_csv(&view, &options, out));
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(csv.as_bytes()).into_records().map(|row| row.expect("a row")).collect();
        prop_assert_eq!(rows.len(), settings(&view, &Outcome::ALL) + unread);
        let runs = |cell: &str| cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        prop_assert!(!rows.iter().any(|row| row.iter().any(runs)));
        prop_assert!(is_tame(&csv));

        let ocsf = text(|out| write_ocsf(&view, &options, out));
        let events: Vec<Value> = ocsf.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
        prop_assert_eq!(events.len(), settings(&view, &applies));
        prop_assert!(is_tame(&ocsf));

        let mut findings = 0;
        for file in asff_files(&view, &options) {
            let (_, bytes) = file.expect("a file");
            findings += serde_json::from_slice::<Vec<Value>>(&bytes).expect("an array").len();
            prop_assert!(is_tame(&String::from_utf8(bytes).expect("UTF-8")));
        }
        prop_assert_eq!(findings, settings(&view, &applies));

        let metrics = text(|out| write_prometheus(&view, &options, out));
        for outcome in Outcome::ALL {
            let state = format!("state=\"{}\"", outcome.as_str());
            let series = metrics.lines().filter(|line| line.starts_with("driftline_attributes{") && line.contains(&state));
            let sum: usize = series.filter_map(|line| line.rsplit_once(' ')?.1.parse::<usize>().ok()).sum();
            prop_assert_eq!(sum, settings(&view, &[outcome]));
        }
        prop_assert!(is_tame(&metrics));
        prop_assert_eq!(text(|out| write_openmetrics(&view, &options, out)), metrics + "# EOF\n");

        let worst = worst_first(&view).len();
        let slack = text(|out| write_slack(&view, &options, out));
        prop_assert!(is_tame(&slack));
        let payload: Value = serde_json::from_str(&slack).expect("a payload");
        let blocks = payload["blocks"].as_array().expect("blocks");
        let sections: Vec<&str> = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
        let listed = sections.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("• *"));
        let listed: usize = listed.filter_map(|line| line.split_once("* ")).map(|(_, text)| stands_for(text)).sum();
        prop_assert_eq!(listed + more(sections.last().expect("a section")), worst);

        let sns = text(|out| write_sns(&view, &options, out));
        prop_assert!(is_tame(&sns));
        let listed = sns.lines().filter_map(|line| line.strip_prefix("- "));
        let listed: usize = listed.filter_map(|line| line.split_once(": ")).map(|(_, text)| stands_for(text)).sum();
        prop_assert_eq!(listed + more(sns.lines().last().expect("a line")), worst);
    }

    #[test]
    fn the_same_report_is_the_same_bytes(targets in targets()) {
        let report = clean();
        let view = view(&targets, View::from(&report));
        let options = FormatOptions::default();
        for format in FORMATS {
            let once = || {
                let text = TextOptions { width: 100, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links: None };
                self::text(|out| render(&view, format, text, &options, out))
            };
            prop_assert_eq!(once(), once());
        }
    }
}

/// How many findings a line stands for: `3 targets: 3 accounts × 1 Region: …`, or one.
pub(super) fn stands_for(line: &str) -> usize {
    line.split_once(" targets: ").and_then(|(count, _)| count.parse().ok()).unwrap_or(1)
}

/// How many findings a line says that it leaves out.
fn more(line: &str) -> usize {
    line.strip_prefix("… and ").and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or_default()
}
