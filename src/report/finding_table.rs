//! Tables of findings in Markdown: one row for all targets that share the rest of it. Untrusted text stands in code.

use std::cmp::Reverse;

use super::FormatOptions;
use super::escape::code_span;
use super::finding::Finding;
use super::markdown::{FULL_REPORT, LimitedMarkdown, More, cell};
use super::model::{SettingRow, WaiverFacts};
use super::target_groups::{TargetGroup, group_by_key};
use super::unread_group::{Cause, describe};
use crate::model::{Origin, Severity};

/// A column: its head, and its cell for a finding.
pub(super) type Column = (&'static str, fn(&Finding<'_>, &FormatOptions) -> String);

const SETTING: Column = ("Setting", |finding, _| cell(finding.row().map_or("", |row| row.setting.key())));
const WANT: Column = ("Want", |finding, _| of_row(finding, |row| row.wanted()));
const IS: Column = ("Is", |finding, _| of_row(finding, |row| row.live().to_owned()));
const SEVERITY: Column = ("Severity", |finding, _| finding.severity().to_string());
const DECLARED: Column =
    ("Declared", |finding, options| finding.origin().map_or_else(String::new, |at| place(at, options)));
const UNTIL: Column =
    ("Until", |finding, _| waiver(finding).map_or_else(String::new, |waiver| waiver.expires.to_string()));
const OWNER: Column =
    ("Owner", |finding, _| cell(waiver(finding).and_then(|waiver| waiver.owner.as_deref()).unwrap_or("")));
const REASON: Column = ("Reason", |finding, _| cell(waiver(finding).map_or("", |waiver| &waiver.reason)));
const WAIVED_AT: Column =
    ("Waived at", |finding, options| waiver(finding).map_or_else(String::new, |waiver| place(&waiver.origin, options)));

/// The columns for drift.
pub(super) const DRIFT: &[Column] = &[SETTING, WANT, IS, SEVERITY, DECLARED];

/// The columns for waived drift.
pub(super) const WAIVED: &[Column] = &[SETTING, WANT, IS, UNTIL, OWNER, REASON, WAIVED_AT];

/// The columns for what is unread.
pub(super) const UNREAD: &[Column] = &[
    SETTING,
    ("Unread", |finding, _| cell(finding.unread().map_or("", |unread| unread.reason.as_str()))),
    ("Message", |finding, _| cell(&finding.unread().map(describe).unwrap_or_default())),
    ("Fix", |finding, _| cell(&finding.remediation().unwrap_or_default())),
];

fn of_row(finding: &Finding<'_>, text: impl Fn(&SettingRow<'_>) -> String) -> String {
    finding.row().map_or_else(String::new, |row| cell(&text(row)))
}

fn waiver<'f>(finding: &'f Finding<'_>) -> Option<&'f WaiverFacts<'f>> {
    finding.row()?.waiver.as_ref()
}

fn place(origin: &Origin, options: &FormatOptions) -> String {
    let name = origin.declaration.as_deref().map_or_else(String::new, |name| format!(" {}", cell(name)));
    format!("{}{name}", code_span(&format!("{}:{}", options.path(&origin.file), origin.line)))
}

/// What targets in one row share. Of what is unread the cause counts, since its texts name the target.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shared<'f> {
    severity: Reverse<Severity>,
    resource: &'static str,
    cause: Option<Cause<'f>>,
    cells: Vec<String>,
}

impl<'f> Shared<'f> {
    fn new(finding: &'f Finding<'_>, columns: &[Column], options: &FormatOptions) -> Self {
        let cause = finding.cause();
        let cells = match cause {
            Some(_) => {
                let state = finding.target.account_state.map_or_else(String::new, |state| state.to_string());
                vec![SETTING.1(finding, options), state]
            }
            None => columns.iter().map(|(_, cell)| cell(finding, options)).collect(),
        };
        let resource = finding.target.resource.as_str();
        Self { severity: Reverse(finding.severity()), resource, cause, cells }
    }
}

/// Adds a table of findings, the most severe first. Of accounts and Regions that share a row so many are named.
pub(super) fn add_table(
    document: &mut LimitedMarkdown,
    findings: &[Finding<'_>],
    columns: &[Column],
    (named, options): (usize, &FormatOptions),
) {
    let groups = group_by_key(
        findings,
        |finding| Shared::new(finding, columns, options),
        |finding| (finding.target.account, finding.target.account_name.as_deref(), finding.target.region.as_str()),
    );
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let cells = |finding: &Finding<'_>| columns.iter().map(|(_, cell)| cell(finding, options)).collect();
    add_groups(document, &heads, &groups, cells, (named, ("target", FULL_REPORT)));
}

/// Adds a table with a row for each group, without columns that are empty. Where texts name their target, those of the first one
/// stand for all.
pub(super) fn add_groups<T>(
    document: &mut LimitedMarkdown,
    heads: &[&str],
    groups: &[TargetGroup<'_, T>],
    cells: impl Fn(&T) -> Vec<String>,
    (named, more): (usize, More),
) {
    let mut rows: Vec<(Vec<String>, usize)> = Vec::new();
    for group in groups {
        let Some(first) = group.first().map(&cells) else { continue };
        let differs = group.items.iter().any(|item| cells(item) != first);
        let note = if differs { "<br>texts of the first target" } else { "" };
        let targets = format!("{}{note}", group.describe(cell, named, "<br>"));
        rows.push(([targets].into_iter().chain(first).collect(), group.len()));
    }
    let heads: Vec<&str> = ["Targets"].into_iter().chain(heads.iter().copied()).collect();
    let is_used = |column: usize| rows.iter().any(|(cells, _)| cells.get(column).is_some_and(|cell| !cell.is_empty()));
    let used: Vec<bool> = (0..heads.len()).map(is_used).collect();
    let heads: Vec<&str> = heads.into_iter().zip(&used).filter(|(_, used)| **used).map(|(head, _)| head).collect();
    for (cells, _) in &mut rows {
        let mut used = used.iter();
        cells.retain(|_| used.next().copied().unwrap_or_default());
    }
    document.table(&heads, rows, more);
}
