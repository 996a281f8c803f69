//! The table of the examples has every file, and the dashboard asks for what there is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{root, text};
use crate::support::files_below;

/// The words of a text that begin with this.
fn words<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(move |word| word.starts_with(start))
}

#[test]
fn the_table_of_examples_has_every_file_and_no_other() {
    let table = text("examples/README.md");
    let rows = table.lines().filter(|line| line.starts_with("| ["));
    let mut listed: Vec<String> = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| cell.trim_matches(['|', ' ']).len() >= 3), "{row}");
        // A row may have several files, each as a link.
        for link in cells[0].split("](").skip(1) {
            listed.push(link.split(')').next().expect("a link").to_owned());
        }
    }
    let shipped = ["examples", "templates"].iter().flat_map(|folder| files_below(&root().join(folder)));
    let shipped: BTreeSet<String> = shipped
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| path.strip_prefix(root()).expect("a file of the repository").to_str().expect("UTF-8").to_owned())
        .collect();
    let path = |link: &str| match link.strip_prefix("../") {
        Some(other) => other.to_owned(),
        None => format!("examples/{link}"),
    };
    let covers = |link: &String, file: &String| {
        let path = path(link);
        *file == path || path.ends_with('/') && file.starts_with(&path)
    };
    for file in &shipped {
        let rows = listed.iter().filter(|link| covers(link, file)).count();
        assert_eq!(rows, 1, "{file} is in {rows} rows of examples/README.md");
    }
    for link in &listed {
        assert!(shipped.iter().any(|file| covers(link, file)), "{link} is nothing that is shipped");
    }
}

#[test]
fn the_version_of_the_wheel_and_of_the_images_is_that_of_the_program() {
    let version = env!("CARGO_PKG_VERSION");
    let hook = text("pyproject.toml");
    assert!(hook.contains(&format!("\nversion = \"{version}\"\n")), "{hook}");
    assert!(hook.contains(&format!("\ndependencies = [\"driftline=={version}\"]\n")), "{hook}");
    assert!(text("examples/ci/pre-commit-config.yaml").contains(&format!("rev: v{version}\n")));
    assert!(text("docs/how-to/pull-requests.md").contains(&format!("driftline-{version}-py3-none-")));
    let mut named = 0;
    for folder in ["examples", "templates", "docs"] {
        for path in files_below(&root().join(folder)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for (_, rest) in
                text.match_indices("OWNER/driftline:").map(|(place, name)| (name, &text[place + name.len()..]))
            {
                assert!(rest.starts_with(version), "{}: {}", path.display(), &rest[..10]);
                named += 1;
            }
            for reference in text.split("/driftline/").skip(1).filter_map(|rest| rest.split_once("@v")) {
                let is_component = ["check", "comment"].contains(&reference.0);
                assert!(!is_component || reference.1.starts_with(version), "{}", path.display());
            }
        }
    }
    assert!(named >= 6, "{named}");
}

#[test]
fn the_dashboard_asks_for_metrics_and_labels_that_are_written() {
    // What stands before `=`, `=~` and `!=` in braces, and what is grouped by.
    const LABELS: [&str; 9] =
        ["account_id", "change", "policy_set", "region", "resource", "severity", "state", "version", "waiver"];
    let dashboard: Value = serde_json::from_str(&text("examples/grafana/dashboard.json")).expect("JSON");
    let documented: BTreeSet<String> =
        words(&text("docs/reference/formats.md"), "driftline_").map(str::to_owned).collect();
    let metrics = ["metrics__by_account", "metrics__the_numbers_of_the_run_alone"]
        .map(|name| text(&format!("tests/library/formats/snapshots/library__formats__{name}.snap")))
        .concat();
    for label in LABELS {
        // A region is only in the series of every target.
        let is_written = metrics.contains(&format!("{label}=\"")) || ["change", "region", "severity"].contains(&label);
        assert!(is_written, "{label}");
    }
    let mut asked = BTreeSet::new();
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    let mut cells = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64()), "{} twice", panel["id"]);
        let place = |key: &str| panel["gridPos"][key].as_u64().expect("a number");
        assert!(place("x") + place("w") <= 24, "{panel}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(cells.insert((x, y)), "{} lies on another panel", panel["title"]);
            }
        }
        for target in panel["targets"].as_array().expect("targets") {
            let query = target["expr"].as_str().expect("a query");
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            asked.extend(words(query, "driftline_").map(str::to_owned));
            assert!(query.contains("policy_set=~\"$policy_set\"") || query.contains("driftline_build_info"), "{query}");
            let matched = query
                .split(['{', ','])
                .skip(1)
                .filter_map(|part| part.split_once(['=', '!']))
                .map(|(label, _)| label.trim());
            let grouped =
                query.split("by (").skip(1).filter_map(|part| part.split_once(')')).flat_map(|(by, _)| by.split(", "));
            for label in matched.chain(grouped) {
                assert!(LABELS.contains(&label), "{label} in {query}");
            }
        }
    }
    let missing: Vec<&String> = asked.difference(&documented).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(asked.len() >= 8, "{asked:?}");
    // Nothing that is written is forgotten, but what only the largest detail has.
    let forgotten: Vec<&String> = documented.difference(&asked).collect();
    assert_eq!(forgotten, ["driftline_check_success", "driftline_target_up"]);
}
