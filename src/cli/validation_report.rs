//! Findings of `validate`, and their JSON form, version 1.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{self, Diagnostics, DocumentKind, Envelope, Level, Sources, Span, write_json_document};
use crate::inventory::OfflineInventory;
use crate::policy::{NameKind, UncheckedNames};

/// A checked policy set.
#[derive(Debug)]
pub(super) struct CheckedSet {
    /// The folder or files, as displayed.
    pub(super) name: String,
    /// The settings file as displayed, if there is one.
    pub(super) settings_file: Option<String>,
    /// Contents; `None` if errors keep them from being known.
    pub(super) contents: Option<SetContents>,
    /// Why it could not be checked at all, other than for errors in files.
    pub(super) failure: Option<String>,
    /// Errors and warnings.
    pub(super) findings: Findings,
}

/// What a valid policy set holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "Holds")]
pub(super) struct SetContents {
    /// Policy files.
    pub(super) policy_files: usize,
    /// Declarations in them.
    pub(super) declarations: usize,
    /// Targets that they reach: in the caller's account, if that is the inventory; null if the inventory is the organization,
    /// whose accounts only AWS knows.
    pub(super) targets: Option<usize>,
    /// Accounts with a target; null if the inventory is the caller's account or the organization.
    pub(super) accounts: Option<usize>,
    /// Names in selectors that were not checked, because the accounts of the organization are unknown; null if there are none.
    pub(super) not_checked: Option<NotChecked>,
    /// The saved inventory that stood in for the organization; null if none did.
    pub(super) offline_inventory: Option<OfflineInventory>,
}

impl SetContents {
    /// Number of unchecked names, to stand behind another text; empty if there are none.
    pub(super) fn not_checked_text(&self) -> String {
        self.not_checked.as_ref().map_or_else(String::new, |names| format!("; {}", names.text))
    }
}

/// Numbers of names that were not checked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct NotChecked {
    account_names: usize,
    organizational_units: usize,
    tags: usize,
    /// The same in words.
    #[serde(skip)]
    text: String,
}

impl From<&UncheckedNames> for NotChecked {
    fn from(names: &UncheckedNames) -> Self {
        Self {
            account_names: names.count(NameKind::Account),
            organizational_units: names.count(NameKind::Unit),
            tags: names.count(NameKind::Tag),
            text: names.to_string(),
        }
    }
}

/// Diagnostics with their files.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) diagnostics: Diagnostics,
    pub(super) sources: Sources,
}

const DIAGNOSTICS: DocumentKind =
    DocumentKind { format: "driftline.diagnostics", version: 1, title: "driftline diagnostics" };

/// Writes the findings of all policy sets as one JSON object and a line feed. `valid` is the verdict over all of them.
pub(super) fn write_diagnostics_json(sets: &[CheckedSet], valid: bool, out: &mut dyn Write) -> io::Result<()> {
    let counts = sets.iter().map(|set| set.findings.diagnostics.counts());
    let (errors, warnings) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let document = Document { valid, errors, warnings, policy_sets: sets.iter().map(policy_set).collect() };
    write_json_document(&Envelope::new(DIAGNOSTICS, document), out)
}

/// The JSON Schema of the diagnostics.
pub(super) fn diagnostics_schema() -> serde_json::Value {
    DIAGNOSTICS.schema::<Document<'_>>()
}

/// Errors and warnings of policy sets. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
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
    holds: Option<&'a SetContents>,
    /// Why it could not be checked at all, if not for the content of a file; null otherwise.
    failure: Option<&'a str>,
    /// By file and place, those without a place first.
    diagnostics: Vec<Diagnostic<'a>>,
}

/// An error or a warning.
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

/// A place and its text. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Serialize, JsonSchema)]
struct Label<'a> {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    text: &'a str,
}

fn policy_set(set: &CheckedSet) -> PolicySet<'_> {
    let Findings { diagnostics, sources } = &set.findings;
    PolicySet {
        name: &set.name,
        settings_file: set.settings_file.as_deref(),
        holds: set.contents.as_ref(),
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
