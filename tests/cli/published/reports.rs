//! What the documentation says of reports is all that there is, and is there.

use std::collections::BTreeSet;

use driftline::report::Format;

use super::{fields_of, text};

#[test]
fn every_format_is_documented_with_what_it_shows() {
    let document = text("docs/reference/formats.md");
    for format in Format::ALL {
        let name = format.as_str();
        let row =
            document.lines().filter(|line| line.starts_with("| `")).find(|line| line.contains(&format!("`{name}`")));
        assert!(row.is_some_and(|row| row.split('|').count() == 8), "{name} in the first table");
    }
}

#[test]
fn every_option_of_a_check_is_documented() {
    let documents = [
        "reference/environment",
        "reference/formats",
        "how-to/cron",
        "reference/changes",
        "how-to/pull-requests",
        "reference/comments",
        "reference/report",
        "how-to/shards",
        "reference/settings",
        "reference/policies",
        "reference/inventory",
        "explanation/reading",
        "how-to/quiet",
        "reference/simulator",
    ]
    .map(|name| text(&format!("docs/{name}.md")))
    .concat();
    let program = driftline::cli::command();
    let check = program.find_subcommand("check").expect("the command");
    let own = check.get_arguments().filter(|argument| !argument.is_global_set());
    for option in own.filter_map(|argument| argument.get_long()) {
        assert!(documents.contains(&format!("--{option}")), "--{option}");
    }
}

#[test]
fn every_metric_is_documented_and_no_other() {
    let names = |text: &str| -> BTreeSet<String> {
        text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'))
            .filter(|word| word.starts_with("driftline_"))
            .map(str::to_owned)
            .collect()
    };
    // Only a report with every detail has every series.
    let mut written = names(&text("examples/organization/reports/driftline.prom"));
    let more = [
        "driftline_target_up",
        "driftline_last_success_timestamp_seconds",
        "driftline_problems",
        "driftline_drift_first_seen_timestamp_seconds",
    ];
    written.extend(more.map(str::to_owned));
    assert_eq!(names(&text("docs/reference/formats.md")), written);
    for alerting in names(&text("examples/cron/alerts.yml")) {
        assert!(written.contains(&alerting), "{alerting}");
    }
}

#[test]
fn fields_of_a_report_are_documented() {
    const SCHEMA: &str = "docs/schemas/report-1.schema.json";
    let document = text("docs/reference/report.md");
    for schema in [None, Some("Changes"), Some("BaseFacts"), Some("BaseCounts")] {
        for field in fields_of(SCHEMA, schema) {
            assert!(document.contains(&format!("`{field}`")), "{field} of {schema:?}");
        }
    }
}

#[test]
fn inputs_and_outputs_of_the_action_are_documented() {
    let action: serde_json::Value = serde_yaml::from_str(&text("action.yml")).expect("YAML");
    let document = text("docs/reference/github-action.md");
    for part in ["inputs", "outputs"] {
        for name in action[part].as_object().expect("a mapping").keys() {
            assert!(document.contains(&format!("`{name}`")), "{name} of {part}");
        }
    }
}
