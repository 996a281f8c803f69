//! What a project to start from consists of.

use super::super::schema::{policy_schema, settings_schema};

/// Where a project keeps the JSON Schemas, so that editors find them without a network.
const SCHEMAS: [(&str, Schema); 2] =
    [(".driftline/policy.schema.json", policy_schema), (".driftline/settings.schema.json", settings_schema)];

/// What makes a schema.
type Schema = fn() -> serde_json::Value;

/// Each file by its path in the project, with its text.
pub(in crate::cli) fn files() -> Vec<(&'static str, String)> {
    let mut files: Vec<(&str, String)> = [
        ("driftline.toml", include_str!("driftline.toml")),
        ("policies/macie.yaml", include_str!("policies/macie.yaml")),
        ("world.yaml", include_str!("world.yaml")),
        (".taplo.toml", include_str!("taplo.toml")),
        (".github/workflows/macie.yml", include_str!("workflow.yml")),
    ]
    .map(|(path, text)| (path, text.to_owned()))
    .to_vec();
    // Schemas are printed and not kept here: an old one would refuse what this driftline takes.
    files.extend(SCHEMAS.map(|(path, schema)| (path, format!("{:#}\n", schema()))));
    files
}
