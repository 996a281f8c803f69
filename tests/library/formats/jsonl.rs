//! JSON Lines.

use driftline::report::{Format, FormatOptions, report_line_schema};
use serde_json::Value;

use super::fixture::{clean, drawn, nothing_read, report};

fn lines(text: &str) -> Vec<Value> {
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).expect("an object on each line")).collect()
}

#[test]
fn the_lines_of_everything() {
    let options = FormatOptions { exit_code: 6, ..FormatOptions::default() };
    insta::assert_snapshot!(drawn(&report(), Format::Jsonl, &options));
}

#[test]
fn the_lines_hold_what_the_json_report_holds() {
    let options = FormatOptions { exit_code: 6, ..FormatOptions::default() };
    let lines = lines(&drawn(&report(), Format::Jsonl, &options));
    let json: Value = serde_json::from_str(&drawn(&report(), Format::Json, &options)).expect("JSON");
    let [start, targets @ .., end] = lines.as_slice() else { panic!("no lines") };
    assert_eq!((&start["type"], &start["run"], &start["tool"]), (&"run_start".into(), &json["run"], &json["tool"]));
    assert_eq!(targets.len(), json["targets"].as_array().map_or(0, Vec::len));
    for (line, target) in targets.iter().zip(json["targets"].as_array().into_iter().flatten()) {
        let mut line = line.clone();
        assert_eq!(line.as_object_mut().and_then(|line| line.remove("type")), Some("target".into()));
        assert_eq!(&line, target);
    }
    assert_eq!(end["type"], "run_end");
    assert_eq!(end["exit_code"], 6);
    for key in ["verdict", "ledger", "requests", "waivers", "unreached_accounts"] {
        assert_eq!(end[key], json[key], "{key}");
    }
}

#[test]
fn every_line_follows_the_schema() {
    let schema = report_line_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for report in [report(), clean(), nothing_read()] {
        for line in lines(&drawn(&report, Format::Jsonl, &FormatOptions::default())) {
            let errors: Vec<String> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}: {line}");
        }
    }
    for wrong in [r#"{"type": "target"}"#, r#"{"type": "run_start", "format": "x"}"#, r#"{"format_version": 1}"#] {
        assert!(!validator.is_valid(&serde_json::from_str(wrong).expect("JSON")), "{wrong}");
    }
}
