//! The JSON Schemas that the program prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use driftline::diagnostic::{Code, Diagnostics, Sources};
use driftline::model::{Inventory, RegionTable};
use driftline::resource::catalog;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::json::schema;
use crate::support::{Driftline, files_below, repository};

const SCHEMAS: [&str; 9] =
    ["policy", "settings", "report", "diff", "targets", "explain", "diagnostics", "doctor", "inventory"];

/// A TOML text as a JSON document.
pub(crate) fn toml(text: &str) -> Value {
    fn table(table: &DeTable<'_>) -> Value {
        table.iter().map(|(key, item)| (key.get_ref().to_string(), value(item.get_ref()))).collect()
    }
    fn value(item: &DeValue<'_>) -> Value {
        match item {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).expect("a number").into(),
            DeValue::Float(number) => number.to_string().parse::<f64>().expect("a number").into(),
            DeValue::Datetime(date) => date.to_string().into(),
            DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
            DeValue::Table(inner) => table(inner),
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

/// Mistakes that the schemas let pass: about several places or several files, about what AWS and the inventory have, or about
/// two keys that do not go together.
const NOT_FOR_A_SCHEMA: [Code; 15] = [
    Code::AmbiguousDeclarations,
    Code::AutoEnableConflict,
    Code::EmptyPolicySet,
    Code::FrequencyWithoutSession,
    Code::FullyOverridden,
    Code::MatchesNothing,
    Code::NoAccounts,
    Code::RegionWithoutMacie,
    Code::RoleTwice,
    Code::SelectorNeedsInventory,
    Code::SettingWithoutStatus,
    Code::UnknownRegion,
    Code::WaiverEnding,
    Code::WaiverExpired,
    Code::WaiverWithoutCover,
];

/// Files that break a rule which a schema cannot know, in a way that it can see: a number where only words stand.
const REFUSED_ALL_THE_SAME: &[&str] = &["waiver-without-cover/yaml-bare/policy.yaml"];

/// Files whose mistake the schemas let pass although they refuse others of its code: a duration of more than a day, and a
/// version 1.0, which to JSON is the same number as 1.
const TOO_FINE_FOR_A_SCHEMA: [&str; 2] =
    ["bad-duration/settings-too-long/driftline.toml", "unsupported-version/yaml-fraction/policy.yaml"];

/// The codes that a file earns by itself.
fn codes(path: &Path) -> BTreeSet<Code> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let (folder, table) = (path.parent().expect("a folder"), RegionTable::bundled());
    if path.ends_with("driftline.toml") {
        driftline::config::load(Some(path), folder, &mut sources, &mut diagnostics);
    } else {
        let set = driftline::policy::load(&[path.to_owned()], folder, catalog(&table), &mut sources, &mut diagnostics);
        if !diagnostics.has_errors() {
            let ids = set.declared_accounts();
            let inventory = Inventory::from_ids(ids, table.macie_regions().cloned().collect());
            driftline::policy::resolve(&set, &inventory, &mut diagnostics);
        }
    }
    diagnostics.sorted(&sources).into_iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_schemas_refuse_every_invalid_file_that_a_schema_can_refuse() {
    let (policy, settings) = (schema("policy"), schema("settings"));
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for path in files_below(&repository("tests/invalid")) {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        // Files that nest without end are for the real program, which has more of a stack than a test has.
        let is_too_complex = path.components().any(|part| part.as_os_str() == Code::TooComplex.as_str());
        if !["yaml", "toml", "json"].contains(&ending) || is_too_complex {
            continue;
        }
        let codes = codes(&path);
        // What is no document cannot be held against a schema.
        if codes.iter().any(|code| [Code::Syntax, Code::DuplicateKey].contains(code)) {
            continue;
        }
        let schema = if path.ends_with("driftline.toml") { &settings } else { &policy };
        let is_valid = jsonschema::is_valid(schema, &document(&path));
        let is_for_no_schema = codes.iter().all(|code| NOT_FOR_A_SCHEMA.contains(code))
            && !REFUSED_ALL_THE_SAME.iter().any(|plain| path.ends_with(plain));
        let should = is_for_no_schema || TOO_FINE_FOR_A_SCHEMA.iter().any(|fine| path.ends_with(fine));
        refused += usize::from(!is_valid);
        if is_valid != should {
            wrong.push(format!("{}: {codes:?}: the schema says {is_valid}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused >= 30, "only {refused} files were refused");
}

#[test]
fn a_policy_in_json_may_name_its_schema() {
    let text = r#"{"$schema": "https://example.com/policy.schema.json", "version": 1,
        "macie_sessions": [{"accounts": ["111122223333"], "status": "ENABLED"}]}"#;
    assert!(jsonschema::is_valid(&schema("policy"), &serde_json::from_str(text).expect("JSON")));
    Driftline::new().policy("a.json", text).args(["validate", "a.json"]).run(0);
    let ran = Driftline::new().policy("a.json", text.replace("\"https://example.com/policy.schema.json\"", "1"));
    ran.args(["validate", "a.json"]).run(1).says("`$schema` must be a reference, not a number");
}
