//! `csv`: rows that a spreadsheet opens without running anything.

use driftline::report::{Format, FormatOptions, Report, View};
use driftline::resource::Outcome;

use super::fixture::{HOSTILE, clean, drawn, many, report};

fn csv(report: &Report) -> String {
    drawn(report, Format::Csv, &FormatOptions::default())
}

/// The rows as somebody else's reader finds them, without the header.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(|row| cells(row.expect("a row with as many cells as the header"))).collect()
}

fn column(text: &str, name: &str) -> usize {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    header.iter().position(|column| column == name).expect("a column")
}

#[test]
fn the_table() {
    insta::assert_snapshot!(csv(&report()).replace("\r\n", "\n"));
}

#[test]
fn rows_end_as_the_standard_wants_and_text_has_no_line_ends() {
    let text = csv(&report());
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\n').count(), rows(&text).len() + 1);
}

#[test]
fn a_row_for_each_setting_and_one_for_each_unread_target() {
    for report in [report(), clean(), many(9)] {
        let view = View::from(&report);
        let settings: usize = view.targets.iter().map(|target| target.settings.len()).sum();
        let text = csv(&report);
        let rows = rows(&text);
        assert_eq!(rows.len(), settings + view.ledger.unread);
        let (setting, outcome) = (column(&text, "setting"), column(&text, "outcome"));
        let sessions = rows.iter().filter(|row| row[setting] == "session").count();
        assert_eq!(sessions, view.ledger.unread);
        for wanted in Outcome::ALL {
            let held =
                view.targets.iter().flat_map(|target| target.settings.clone()).filter(|found| found.outcome == wanted);
            let held = held.count() + if wanted == Outcome::Unread { view.ledger.unread } else { 0 };
            assert_eq!(rows.iter().filter(|row| row[outcome] == wanted.as_str()).count(), held, "{wanted:?}");
        }
    }
}

#[test]
fn no_cell_runs_unless_that_is_asked_for() {
    let runs = |cell: &String| cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = csv(&report());
    assert!(!rows(&text).concat().iter().any(runs));
    assert!(text.contains(",'=cmd|' /C calc'!A1,"), "the name is there, and does not run");
    let raw = drawn(&report(), Format::Csv, &FormatOptions { csv_raw: true, ..FormatOptions::default() });
    assert!(rows(&raw).concat().iter().any(runs));
    assert!(raw.contains(",=cmd|' /C calc'!A1,"));
}

#[test]
fn text_of_others_is_harmless_raw_or_not() {
    for csv_raw in [false, true] {
        let text = drawn(&report(), Format::Csv, &FormatOptions { csv_raw, ..FormatOptions::default() });
        for piece in &HOSTILE[..5] {
            assert!(!text.contains(piece), "{piece:?}");
        }
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\r'));
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
    }
}

#[test]
fn twenty_thousand_targets_lose_no_row() {
    let text = csv(&many(20_000));
    assert_eq!(text.matches("\r\n").count(), 1 + 20_000 + 20_000 / 3);
}
