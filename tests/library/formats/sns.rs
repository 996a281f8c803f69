//! `sns`: a subject, an empty line, and a message that SNS takes.

use driftline::report::{Format, FormatOptions, Report, View, worst_first};

use super::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};
use super::laws::stands_for;

/// The subject and the message.
fn of(report: &Report, policy_set: &str) -> (String, String) {
    let options = FormatOptions { policy_set: policy_set.to_owned(), ..FormatOptions::default() };
    let text = drawn(report, Format::Sns, &options);
    let (subject, message) = text.split_once("\n\n").expect("an empty line");
    (subject.to_owned(), message.to_owned())
}

/// The lines about problems.
fn lines(message: &str) -> impl Iterator<Item = &str> {
    message.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": ")).map(|(_, text)| text)
}

/// The problems that they stand for.
fn listed(message: &str) -> usize {
    lines(message).map(stands_for).sum()
}

fn is_accepted(subject: &str, message: &str) {
    assert!(subject.len() < 100, "{subject}");
    assert!(subject.starts_with(|letter: char| letter.is_ascii_alphanumeric()));
    assert!(subject.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()), "{subject}");
    assert!(message.len() < 256 * 1024 && message.ends_with('\n'));
}

#[test]
fn the_notification() {
    insta::assert_snapshot!(drawn(&report(), Format::Sns, &FormatOptions::default()));
}

#[test]
fn what_is_in_sync_is_told_in_brief() {
    insta::assert_snapshot!(drawn(&clean(), Format::Sns, &FormatOptions::default()));
}

#[test]
fn the_twenty_worst_are_listed_and_the_rest_is_counted() {
    for report in [report(), clean(), many(21), many(20_000)] {
        let (subject, message) = of(&report, "default");
        is_accepted(&subject, &message);
        let problems = worst_first(&View::from(&report)).len();
        assert!(lines(&message).count() <= 20, "{message}");
        let rest = problems - listed(&message);
        let said = format!("… and {rest} more problem");
        assert_eq!(message.contains(&said), rest > 0, "{said}");
    }
    let (subject, message) = of(&nothing_read(), "default");
    is_accepted(&subject, &message);
    assert_eq!(listed(&message), 0, "one cause is stated once");
    assert!(message.contains("was denied in all 3"), "{message}");
}

#[test]
fn the_numbers_are_those_of_the_ledger() {
    let report = many(20_000);
    let (subject, message) = of(&report, "default");
    assert!(subject.starts_with("driftline: drift and incomplete, 13334 of 20000 targets drifted, 6666 unread"));
    assert!(
        message.contains("\n20000 targets = 0 in sync + 13334 drifted + 0 waived + 0 not applicable + 6666 unread\n")
    );
}

#[test]
fn text_of_others_is_harmless() {
    for set in [HOSTILE.concat(), HOSTILE.join("\n"), "ü".repeat(5_000), "\n::error::x".to_owned(), String::new()] {
        for report in [report(), nothing_read()] {
            let (subject, message) = of(&report, &set);
            is_accepted(&subject, &message);
            for piece in &HOSTILE[..5] {
                assert!(!subject.contains(piece) && !message.contains(piece), "{piece:?}");
            }
            assert!(!message.chars().any(|letter| letter.is_control() && letter != '\n'));
            assert!(!message.lines().any(|line| line.trim_start().starts_with(':')));
            // Each line is begun by us.
            let begun = |line: &str| {
                let known = ["* ", "  fix: ", "- ", "… and ", "Policy set "];
                line.is_empty()
                    || line.starts_with(|letter: char| letter.is_ascii_digit())
                    || known.iter().any(|known| line.starts_with(known))
            };
            assert!(message.lines().all(begun), "{message}");
        }
    }
}
