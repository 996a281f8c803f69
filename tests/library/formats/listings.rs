//! What formats for people list, and how much they say that they leave out.

use std::borrow::Cow;
use std::collections::BTreeSet;

use driftline::report::{
    ChangeMark, Detail, Finding, Format, FormatOptions, MetricsDetail, Paint, Targets, TextOptions, View, findings,
    render, worst_first,
};
use proptest::prelude::{prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use serde_json::Value;

pub(super) type Checked = Result<(), TestCaseError>;

pub(super) fn rendered(view: &View<'_>, format: Format) -> String {
    detailed(view, format, Detail::Normal)
}

pub(super) fn detailed(view: &View<'_>, format: Format, detail: Detail) -> String {
    let options =
        FormatOptions { metrics: MetricsDetail::Target, sarif_waived: true, exit_code: 6, ..FormatOptions::default() };
    let text = TextOptions { width: 100_000, paint: Paint::Plain, detail, administrator: None, links: None };
    let mut out = Vec::new();
    render(view, format, text, &options, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

pub(super) fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

const LABELS: [&str; 9] = [
    "newly unread",
    "new",
    "changed",
    "resolved, since the policies accept it now",
    "resolved, since it can be read again",
    "resolved",
    "does not apply any more",
    "does not apply",
    "not declared any more",
];

const REGIONS: [&str; 5] = ["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "eu-north-1"];

/// The number of changes in a line, by its accounts and Regions: several may share one.
fn changes_in(line: &str) -> usize {
    let Some(mut rest) = LABELS.iter().find_map(|label| line.strip_prefix(label)?.strip_prefix(": ")) else { return 0 };
    let mut places = [0, 0];
    for (nth, known) in places.iter_mut().enumerate() {
        loop {
            let is_part = |part: &str| {
                if nth == 0 {
                    part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit())
                } else {
                    REGIONS.contains(&part)
                }
            };
            let end = rest.find([' ', ',']).unwrap_or(rest.len());
            if !is_part(&rest[..end]) {
                return 0;
            }
            *known += 1;
            rest = &rest[end..];
            match rest.strip_prefix(", ") {
                Some(next) => rest = next,
                None => break,
            }
        }
        rest = rest.trim_start();
    }
    places[0] * places[1]
}

/// The lines about changes of a format for people, each as `label: text`, and the number of lines that it leaves out.
fn change_lines(text: &str, format: Format) -> (Vec<String>, usize) {
    let of_line = |line: &str| match format {
        Format::Text => Some(line.trim_start_matches("Changes").trim_start().to_owned()),
        Format::Sns => line.strip_prefix("- ").map(str::to_owned),
        Format::Slack => Some(line.strip_prefix("• *")?.replacen("* ", ": ", 1)),
        Format::Markdown => {
            Some(line.strip_prefix("- **")?.replacen("** ", ": ", 1).replace(['`'], "").replace(":  ", ": "))
        }
        _ => {
            let (_, rest) = line.strip_prefix("<span class=\"badge ")?.split_once("\">")?;
            Some(rest.replacen("</span> <bdi>", ": ", 1))
        }
    };
    let (lines, parts): (Vec<String>, Vec<&str>) = match format {
        Format::Slack => {
            let payload: Value = serde_json::from_str(text).expect("a payload");
            let texts = list(&payload["blocks"]).into_iter().filter_map(|block| block["text"]["text"].as_str());
            (texts.flat_map(str::lines).map(str::to_owned).collect(), Vec::new())
        }
        Format::Html => (Vec::new(), text.split("<li>").collect()),
        _ => (Vec::new(), text.lines().collect()),
    };
    let lines: Vec<&str> = lines.iter().map(String::as_str).chain(parts).collect();
    let more =
        lines.iter().filter_map(|line| line.strip_prefix("… and ")?.split_once(" more line")?.0.parse::<usize>().ok());
    let more = more.sum();
    (lines.into_iter().filter_map(of_line).filter(|line| changes_in(line) > 0).collect(), more)
}

/// Formats for people list each change, or say how many lines they leave out.
pub(super) fn check_lists(view: &View<'_>) -> Checked {
    let changes = view.changes.as_ref().expect("a comparison");
    let is_news = |finding: &Finding<'_>| finding.mark() != Some(ChangeMark::Persisting);
    let expected = findings(view).filter(is_news).count() + changes.resolved.len();
    for format in [Format::Text, Format::Sns, Format::Markdown, Format::Html] {
        let text = rendered(view, format);
        let (lines, _) = change_lines(&text, format);
        prop_assert_eq!(lines.iter().map(|line| changes_in(line)).sum::<usize>(), expected, "{}:\n{}", format, text);
    }
    // Only Slack has so little room that lines may be left out.
    let (all, _) = change_lines(&rendered(view, Format::Sns), Format::Sns);
    let (listed, more) = change_lines(&rendered(view, Format::Slack), Format::Slack);
    prop_assert_eq!(listed.len() + more, all.len());
    let (ended, undeclared) = changes.ended();
    let counts = [
        (changes.new - changes.newly_unread, "new"),
        (changes.newly_unread, "newly unread"),
        (changes.changed, "changed"),
        (changes.persisting, "persisting"),
        (ended, "resolved"),
        (undeclared, "not declared any more"),
    ];
    for format in [Format::Text, Format::Markdown, Format::Html] {
        let text = rendered(view, format);
        for (count, word) in counts.iter().filter(|(count, _)| *count > 0) {
            prop_assert!(text.contains(&format!("{count} {word}")), "{} {} in {}:\n{}", count, word, format, text);
        }
    }
    Ok(())
}

/// The causes that a text report begins with, those of drift and those of what is unread, and the number of causes that it leaves out.
fn causes_in(text: &str) -> ([usize; 2], usize) {
    let section: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("Verdict ")).take_while(|line| !line.is_empty()).collect();
    let severities = ["low ", "medium ", "high ", "critical "];
    let facts = section.iter().map(|line| line.trim_start_matches("Causes").trim_start());
    let facts: Vec<&str> = facts.filter(|fact| severities.iter().any(|severity| fact.starts_with(severity))).collect();
    let drifted = facts.iter().filter(|fact| fact.contains("policies/a.yaml:3")).count();
    let more = section.iter().filter_map(|line| line.trim_start().split_once(" more cause")?.0.parse::<usize>().ok());
    ([drifted, facts.len() - drifted], more.sum())
}

/// A text report names each cause of what counts, or says how many it leaves out.
pub(super) fn check_causes(view: &View<'_>, like: View<'_>) -> Checked {
    let counting = worst_first(view);
    let declarations: BTreeSet<_> = counting
        .iter()
        .filter(|finding| finding.unread().is_none())
        .filter_map(|finding| finding.row().map(|row| row.origin.declaration.clone()))
        .collect();
    let reasons: BTreeSet<_> =
        counting.iter().filter_map(|finding| finding.unread().map(|unread| unread.reason)).collect();
    let text = detailed(view, Format::Text, Detail::Verbose);
    let ([drifted, unread], left_out) = causes_in(&text);
    prop_assert_eq!((drifted, left_out), (declarations.len(), 0), "{}", text);
    // Accounts that share a cause have a line of their own.
    prop_assert!(unread >= reasons.len() && (unread == 0) == reasons.is_empty(), "{}", text);
    let ([listed, listed_unread], more) = causes_in(&rendered(view, Format::Text));
    prop_assert_eq!(listed + listed_unread + more, drifted + unread);
    // Beside a list of changes, messages name fewer causes.
    let alone =
        View { changes: None, targets: Targets::Saved(view.targets.iter().map(Cow::into_owned).collect()), ..like };
    // Without a comparison, nothing overrules a waiver that expects something to be unread.
    let ([drifted, unread], _) = causes_in(&detailed(&alone, Format::Text, Detail::Verbose));
    let message = rendered(&alone, Format::Sns);
    let listed = message.lines().filter(|line| line.starts_with("* ")).count();
    let more = message.lines().find_map(|line| line.strip_prefix("… and ")?.split_once(" more cause")?.0.parse().ok());
    prop_assert_eq!(listed + more.unwrap_or(0_usize), drifted + unread, "{}", message);
    Ok(())
}
