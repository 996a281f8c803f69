//! The JSON Schemas that the program prints.

use std::path::{Path, PathBuf};

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::json::schema;
use crate::support::{files_below, repository};

const SCHEMAS: [&str; 4] = ["policy", "settings", "report", "inventory"];

fn toml(text: &str) -> Value {
    fn table(table: &DeTable<'_>) -> Value {
        table.iter().map(|(key, item)| (key.get_ref().to_string(), value(item.get_ref()))).collect()
    }
    fn value(item: &DeValue<'_>) -> Value {
        match item {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            DeValue::Integer(number) => number.to_string().parse::<i64>().expect("a number").into(),
            DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
            DeValue::Table(inner) => table(inner),
            other => panic!("nothing in these files is {other:?}"),
        }
    }
    table(DeTable::parse(text).expect("TOML").get_ref())
}

/// A file as a JSON document.
fn document(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file");
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("yaml" | "yml") => serde_yaml::from_str(&text).expect("YAML"),
        Some("json") => serde_json::from_str(&text).expect("JSON"),
        _ => toml(&text),
    }
}

/// The files that this repository gives to its readers and tests, those with mistakes aside.
fn sound_files() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut policies, mut settings) = (Vec::new(), Vec::new());
    let folders = ["policies", "examples", "tests/cases"].map(repository);
    for path in folders.iter().flat_map(|folder| files_below(folder)) {
        let has_mistakes = path
            .ancestors()
            .any(|folder| std::fs::read_to_string(folder.join("expected/exit")).is_ok_and(|exit| exit.trim() == "1"));
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let text = if ["yaml", "yml", "toml", "json"].contains(&ending) {
            std::fs::read_to_string(&path).expect("a file")
        } else {
            continue;
        };
        if has_mistakes || path.components().any(|part| part.as_os_str() == "expected") {
            continue;
        }
        if path.ends_with("driftline.toml") {
            settings.push(path);
        } else if text.contains("macie_sessions") {
            policies.push(path);
        }
    }
    (policies, settings)
}

#[track_caller]
fn accepts(schema: &Value, path: &Path) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let document = document(path);
    let mistakes: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(mistakes, Vec::<String>::new(), "{}", path.display());
}

#[test]
fn every_schema_is_one() {
    for name in SCHEMAS {
        let schema = schema(name);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(schema["$id"].as_str().is_some_and(|id| id.starts_with("urn:driftline:schema:")), "{name}");
    }
}

#[test]
fn the_schemas_accept_every_sound_policy_and_settings_file_of_this_repository() {
    let (policies, settings) = sound_files();
    assert!(policies.len() >= 12 && !settings.is_empty(), "{policies:?} {settings:?}");
    let (policy, setting) = (schema("policy"), schema("settings"));
    for path in policies {
        // The program takes an id without quotes for what it is; to a YAML parser it is a number, and editors may say so.
        if !path.starts_with(repository("tests/cases/an_account_id_keeps_its_zeros")) {
            accepts(&policy, &path);
        }
    }
    for path in settings {
        accepts(&setting, &path);
    }
}

#[test]
fn the_schemas_refuse_what_the_program_refuses() {
    let (policy, settings) = (schema("policy"), schema("settings"));
    let declared = |declaration: Value| serde_json::json!({"version": 1, "macie_sessions": [declaration]});
    assert!(jsonschema::is_valid(&policy, &declared(serde_json::json!({"status": "ENABLED"}))));
    for bad in [
        serde_json::json!({"status": "ON"}),
        serde_json::json!({"status": []}),
        serde_json::json!({"status": "ENABLED", "account": ["111122223333"]}),
        serde_json::json!({"status": "ENABLED", "accounts": ["1"]}),
        serde_json::json!({"status": "ENABLED", "accounts": [111_122_223_333_u64]}),
        serde_json::json!({"status": "ENABLED", "regions": ["EU"]}),
    ] {
        assert!(!jsonschema::is_valid(&policy, &declared(bad.clone())), "{bad}");
    }
    assert!(!jsonschema::is_valid(&policy, &serde_json::json!({"macie_sessions": []})), "without a version");
    assert!(!jsonschema::is_valid(&settings, &serde_json::json!({"limits": {"concurrency": 0}})));
    assert!(!jsonschema::is_valid(&settings, &serde_json::json!({"limit": {}})));
    let accounts =
        |value: Value| jsonschema::is_valid(&settings, &serde_json::json!({"inventory": {"accounts": value}}));
    for good in ["declared", "caller", "organization", "saved/accounts.json"] {
        assert!(accounts(good.into()), "{good}");
    }
    assert!(accounts(serde_json::json!(["111122223333"])));
    assert!(!accounts("111122223333".into()) && !accounts("".into()) && !accounts(serde_json::json!(["a.json"])));
}
