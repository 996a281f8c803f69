//! Version 1 of the JSON diagnostics.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Checked, Findings, Holds};
use crate::diagnostic::{self, Level, Sources, Span, write_json_document};
use crate::offline::json::{Tool, schema};

const FORMAT: &str = "driftline.diagnostics";
const FORMAT_VERSION: u32 = 1;

/// Writes what was found in each policy set as one JSON object and a line feed. `valid` is the verdict over all of them.
pub fn write_diagnostics_json(sets: &[Checked], valid: bool, out: &mut dyn Write) -> io::Result<()> {
    let counts = sets.iter().map(|set| set.findings.diagnostics.counts());
    let (errors, warnings) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let document = Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: Tool::THIS,
        valid,
        errors,
        warnings,
        policy_sets: sets.iter().map(policy_set).collect(),
    };
    write_json_document(&document, out)
}

/// The JSON Schema of the diagnostics.
pub fn diagnostics_schema() -> serde_json::Value {
    schema::<Document<'_>>("urn:driftline:schema:diagnostics:1", "driftline diagnostics, version 1")
}

/// What is wrong with policy sets. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.diagnostics`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool,
    /// Whether the exit code is 0: no error in any of them, and under `--deny-warnings` no warning either.
    valid: bool,
    errors: usize,
    warnings: usize,
    policy_sets: Vec<PolicySet<'a>>,
}

/// A policy set.
#[derive(Serialize, JsonSchema)]
struct PolicySet<'a> {
    /// Its folder or its paths.
    name: &'a str,
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    /// What it holds; null if it has errors.
    holds: Option<Holds>,
    /// Why it could not be checked at all, where no file's content is the cause; null elsewhere.
    failure: Option<&'a str>,
    /// By file and place, those without a place first.
    diagnostics: Vec<Diagnostic<'a>>,
}

/// A mistake or a doubt.
#[derive(Serialize, JsonSchema)]
struct Diagnostic<'a> {
    /// Its kind: a stable name.
    code: &'static str,
    #[schemars(extend("enum" = ["error", "warning"]))]
    level: &'static str,
    message: &'a str,
    /// The fix.
    help: Option<&'a str>,
    /// The places, the one to edit first.
    labels: Vec<Label<'a>>,
}

/// A place and what is to be said there. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Serialize, JsonSchema)]
struct Label<'a> {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    text: &'a str,
}

fn policy_set(set: &Checked) -> PolicySet<'_> {
    let Findings { diagnostics, sources } = &set.findings;
    PolicySet {
        name: &set.name,
        settings_file: set.settings_file.as_deref(),
        holds: set.holds,
        failure: set.failure.as_deref(),
        diagnostics: diagnostics.sorted(sources).into_iter().map(|found| one(found, sources)).collect(),
    }
}

fn one<'a>(found: &'a diagnostic::Diagnostic, sources: &Sources) -> Diagnostic<'a> {
    Diagnostic {
        code: found.code.as_str(),
        level: match found.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        message: &found.message,
        help: found.help.as_deref(),
        labels: found.labels.iter().map(|place| label(place, sources)).collect(),
    }
}

fn label<'a>(label: &'a diagnostic::Label, sources: &Sources) -> Label<'a> {
    let start = sources.place(label.span);
    let end = sources.place(Span { start: label.span.end, ..label.span });
    Label {
        file: start.file,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: &label.text,
    }
}
