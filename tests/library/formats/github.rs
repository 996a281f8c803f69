//! GitHub Actions: annotations, the summary of a job, the outputs of a step.

use driftline::report::{Format, FormatOptions, Report, View, github_summary, write_github_outputs};

use super::fixture::{clean, drawn, many, nothing_read, report};
use super::harmless;

const LEVELS: [&str; 3] = ["error", "warning", "notice"];

fn annotations(report: &Report) -> String {
    drawn(report, Format::Github, &FormatOptions::default())
}

fn summary(report: &Report) -> String {
    github_summary(&View::from(report), &FormatOptions::default(), 0)
}

/// Level, properties and message of a command, read as the runner reads it.
fn command(line: &str) -> (&str, Vec<(&str, String)>, String) {
    let decoded = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",").replace("%0A", "\n");
        text.replace("%0D", "\r").replace("%25", "%")
    };
    let (head, message) = line.strip_prefix("::").and_then(|line| line.split_once("::")).expect("a command");
    let (level, properties) = head.split_once(' ').expect("properties");
    let property = |pair| {
        let (key, value): (&str, &str) = Option::expect(str::split_once(pair, '='), "a property");
        (key, decoded(value))
    };
    (level, properties.split(',').map(property).collect(), decoded(message))
}

#[test]
fn the_annotations_of_everything() {
    insta::assert_snapshot!(annotations(&report()));
}

#[test]
fn nothing_is_annotated_where_nothing_is_amiss() {
    assert_eq!(annotations(&clean()), "");
}

#[test]
fn a_command_is_what_it_was_meant_to_be() {
    for report in [report(), nothing_read()] {
        let text = annotations(&report);
        harmless::to_a_log(&text, |line| LEVELS.iter().any(|level| line.starts_with(&format!("::{level} "))));
        for line in text.lines() {
            let (level, properties, message) = command(line);
            assert!(LEVELS.contains(&level), "{line}");
            let keys: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
            if keys != ["title"] {
                assert_eq!(keys, ["file", "line", "endLine", "col", "endColumn", "title"]);
                assert!(message.starts_with("Account '"), "{message}");
                assert!(properties[0].1.starts_with("policies/"), "{line}");
            }
            assert!(message.chars().count() <= 4_096, "{} letters", message.chars().count());
        }
    }
    let file = annotations(&report()).lines().map(|line| command(line).1[0].1.clone()).find(|file| file.contains('%'));
    assert_eq!(file.as_deref(), Some("policies/team a, 100%.yaml"));
}

#[test]
fn of_many_the_worst_are_annotated_and_the_rest_is_counted() {
    let text = annotations(&many(30_000));
    assert_eq!(text.lines().count(), 10, "drift and unread are warnings here, and the last says how many more");
    let (level, _, message) = command(text.lines().last().expect("a line"));
    assert_eq!(level, "warning");
    assert_eq!(message, "29991 more results of this level are in the summary of the job and in the reports");
    let first = command(text.lines().next().expect("a line")).2;
    assert!(first.contains("status is 'PAUSED', the policy wants 'ENABLED'."), "{first}");
}

#[test]
fn the_summary_of_everything() {
    insta::assert_snapshot!("summary", summary(&report()));
    insta::assert_snapshot!("summary_clean", summary(&clean()));
}

/// The text outside code spans.
fn prose(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        out.push_str(&rest[..start]);
        let inside = &rest[start + run..];
        let mark = "`".repeat(run);
        let mut places = inside
            .match_indices(&mark)
            .filter(|(place, _)| !inside[..*place].ends_with('`') && !inside[place + run..].starts_with('`'));
        let (end, _) = places.next().expect("every span ends");
        rest = &inside[end + run..];
    }
    out + rest
}

#[test]
fn text_of_others_stays_in_code_spans() {
    let text = summary(&report());
    harmless::to_a_log(&text, |_| false);
    let mut tags = Vec::new();
    for line in text.lines() {
        let prose = prose(line);
        assert!(!prose.contains(['@', '[', '!', '#']) || prose.starts_with("##"), "{line}");
        tags.extend(prose.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default().to_owned()));
        if line.starts_with('|') {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!([5, 7].contains(&bars), "four columns, or the ledger: {line}");
        }
    }
    tags.retain(|tag| tag != "br");
    assert!(tags.chunks(4).all(|tags| tags == ["details", "summary", "/summary", "/details"]), "{tags:?}");
}

#[test]
fn a_summary_stays_within_what_is_shown() {
    let text = summary(&many(30_000));
    assert!(text.contains(" | 20000 targets: 20000 accounts × 1 Region<br>"), "one row for all that share it: {text}");
    assert!(text.contains(" … and 19900 more in ") && text.len() < 32 * 1024, "{} bytes", text.len());
    let (report, room) = (report(), 12 * 1024);
    let text = github_summary(&View::from(&report), &FormatOptions::default(), 900 * 1024 - room);
    assert!(text.len() <= usize::try_from(room).expect("a size"), "{} bytes", text.len());
    for section in text.split("<details>").skip(1) {
        let has_row = section.lines().skip(3).any(|line| line.starts_with("- ") || line.starts_with("| "));
        assert!(has_row, "every section has some: {section}");
    }
    assert!(text.contains(": the full report lists each\n"), "{text}");
    assert_eq!(github_summary(&View::from(&report), &FormatOptions::default(), 900 * 1024), "");
}

#[test]
fn outputs_are_words_and_numbers() {
    let outputs = |changed| {
        let report = report();
        let options = FormatOptions { exit_code: 6, ..FormatOptions::default() };
        let mut out = Vec::new();
        write_github_outputs(&View::from(&report), &options, changed, &mut out).expect("a vector takes everything");
        String::from_utf8(out).expect("UTF-8")
    };
    insta::assert_snapshot!(outputs(Some(true)));
    assert!(!outputs(None).contains("changed"));
}
