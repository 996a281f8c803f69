//! Tables of findings in Markdown: of four columns, so that they fit a comment, with a row for all targets that share everything
//! but account and Region. Untrusted text stands in code.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::Date;

use super::FormatOptions;
use super::account_labels::AccountLabels;
use super::escape::code_span;
use super::finding::Finding;
use super::fold::folded_list;
use super::markdown::{FULL_REPORT, LimitedMarkdown, More, Row, cell, table_cell, table_place};
use super::messages::new_of;
use super::model::{ChangeMark, WaiverFacts};
use super::target_group::{TargetGroup, group_by_key};
use super::unread_group::{Cause, describe};
use crate::model::{Resource, Severity};
use crate::resource::LastChange;

/// Style of the tables of a document.
pub(super) struct TableStyle<'a> {
    /// The accounts and the Regions of a row that are named; the rest is counted.
    pub(super) named: usize,
    pub(super) options: &'a FormatOptions,
    pub(super) accounts: &'a AccountLabels,
}

/// The head of the column for accounts and Regions.
const TARGET: &str = "Target";

/// A column: its head, and its cell for a finding. That of the target is filled for the group.
pub(super) type Column = (&'static str, fn(&Finding<'_>, &FormatOptions) -> String);

const SEVERITY: Column = ("Severity", |finding, _| finding.severity().to_string());
const TARGETS: Column = (TARGET, |_, _| String::new());
const CHANGE: Column = ("Change", |finding, _| change(finding));
const UNREAD_REASON: Column = ("Unread", |finding, _| unread(finding));
const WAIVER: Column = ("Waiver", |finding, _| waiver(finding).map_or_else(String::new, waiver_facts));

/// The columns for drift.
pub(super) const DRIFT: &[Column] = &[
    SEVERITY,
    TARGETS,
    CHANGE,
    ("Declared at", |finding, options| finding.origin().map_or_else(String::new, |at| table_place(at, options))),
];

/// The columns for waived drift.
pub(super) const WAIVED: &[Column] = &[
    TARGETS,
    CHANGE,
    WAIVER,
    ("Waived at", |finding, options| {
        waiver(finding).map_or_else(String::new, |waiver| table_place(&waiver.origin, options))
    }),
];

/// The columns for what is unread as expected.
pub(super) const EXPECTED: &[Column] = &[
    TARGETS,
    UNREAD_REASON,
    ("Waiver", |finding, _| {
        finding.expected().map_or_else(String::new, |it| waiver_cell(it.expires, it.owner.as_deref(), &it.reason))
    }),
    ("Expected at", |finding, options| {
        finding.expected().map_or_else(String::new, |it| table_place(&it.origin, options))
    }),
];

/// `status`: want `ENABLED`, is `PAUSED`.
fn change(finding: &Finding<'_>) -> String {
    if finding.unread().is_some() {
        return format!("unread: {}", unread(finding));
    }
    if let Some(fact) = finding.folded_fact() {
        return fact;
    }
    let is = finding.shown_live().marked(table_cell);
    format!("{}: want {}, is {is}", cell(&finding.subject_cell()), table_cell(&finding.wanted()))
}

/// The reason, behind the settings if it is not the target as a whole.
fn unread(finding: &Finding<'_>) -> String {
    let reason = cell(finding.unread().map_or("", |unread| unread.reason.as_str()));
    let subject = finding.subject_cell();
    if subject.is_empty() { reason } else { format!("{}: {reason}", cell(&subject)) }
}

fn waiver<'f>(finding: &'f Finding<'_>) -> Option<&'f WaiverFacts<'f>> {
    finding.row()?.waiver.as_ref()
}

fn waiver_facts(waiver: &WaiverFacts<'_>) -> String {
    waiver_cell(waiver.expires, waiver.owner.as_deref(), &waiver.reason)
}

/// The terms of a waiver in a cell.
pub(super) fn waiver_cell(expires: Date, owner: Option<&str>, reason: &str) -> String {
    let owner = owner.map_or_else(String::new, |owner| format!(", {}", table_cell(owner)));
    format!("until {expires}{owner}: {}", table_cell(reason))
}

/// Facts that targets in one row share. For unread targets the cause counts, since its texts name the target.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shared<'f> {
    severity: Reverse<Severity>,
    resource: Resource,
    cause: Option<Cause<'f>>,
    cells: Vec<String>,
}

impl<'f> Shared<'f> {
    fn new(finding: &'f Finding<'_>, columns: &[Column], options: &FormatOptions) -> Self {
        let cause = finding.cause().map(Cause::at_any_time);
        let cells = match cause {
            Some(_) => {
                let state = finding.target.account_state.map_or_else(String::new, |state| state.to_string());
                vec![cell(&finding.subject_cell()), state]
            }
            None => cells(finding, columns, options),
        };
        let resource = finding.target.resource;
        Self { severity: Reverse(finding.severity()), resource, cause, cells }
    }
}

fn cells(finding: &Finding<'_>, columns: &[Column], options: &FormatOptions) -> Vec<String> {
    columns.iter().map(|(_, cell)| cell(finding, options)).collect()
}

/// Adds a table of findings, the most severe first.
pub(super) fn add_table(
    document: &mut LimitedMarkdown,
    findings: &[Finding<'_>],
    columns: &[Column],
    style: &TableStyle<'_>,
) {
    let findings = folded_list(findings);
    let groups = group_by_key(
        findings.iter(),
        |finding| Shared::new(finding, columns, style.options),
        |finding| (finding.target.account, finding.target.account_name.as_deref(), finding.target.region.as_str()),
    );
    let row = |group: &TargetGroup<'_, Finding<'_>>| {
        let (one, others) = group.items.split_first()?;
        let first = cells(one, columns, style.options);
        // Of what is not unread, the cells are the key.
        let differs = one.cause().is_some() && others.iter().any(|it| cells(it, columns, style.options) != first);
        let cell = |((head, _), text): (&Column, String)| match *head {
            TARGET => target_cell(group, style, differs),
            "Change" | "Unread" => [text].into_iter().chain(history(group)).collect::<Vec<_>>().join("<br>"),
            _ => text,
        };
        Some((columns.iter().zip(first).map(cell).collect(), group.len()))
    };
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    document.long_table(&heads, groups.iter().filter_map(row).collect(), ("target", FULL_REPORT));
}

/// Adds a list of what is unread, by account and cause, the most severe first. It is no table, since messages and fixes are long.
pub(super) fn add_unread(document: &mut LimitedMarkdown, findings: &[Finding<'_>], style: &TableStyle<'_>) {
    let findings = folded_list(findings);
    let groups = group_by_key(
        findings.iter(),
        |finding| Shared::new(finding, &[], style.options),
        |finding| (finding.target.account, finding.target.account_name.as_deref(), finding.target.region.as_str()),
    );
    let lead = |finding: &Finding<'_>| format!("**{}** ", finding.severity());
    let lines = |finding: &Finding<'_>| {
        let said = finding.unread().map(describe).unwrap_or_default();
        let fix = finding.remediation().unwrap_or_default();
        vec![unread(finding), cell(&said), format!("fix: {}", cell(&fix))]
    };
    add_list(document, &groups, (lead, lines, history), (style, ("target", FULL_REPORT)));
}

/// Parts of a list: the lead and the lines of an item, and the lines of its group.
type ListParts<T, L, R> = (L, R, fn(&TargetGroup<'_, T>) -> Vec<String>);

/// Adds a list with an item for each group: a lead, the targets, lines about an item, which may be empty, and lines about the group.
/// Where texts name their target, those of the first one stand for all.
pub(super) fn add_list<T>(
    document: &mut LimitedMarkdown,
    groups: &[TargetGroup<'_, T>],
    (lead, lines, of_group): ListParts<T, impl Fn(&T) -> String, impl Fn(&T) -> Vec<String>>,
    (style, (noun, elsewhere)): (&TableStyle<'_>, More),
) {
    let row = |group: &TargetGroup<'_, T>| -> Option<Row> {
        let (one, others) = group.items.split_first()?;
        let first = lines(one);
        let differs = others.iter().any(|item| lines(item) != first);
        let head = format!("{}{}", lead(one), target_cell(group, style, differs));
        let below = first.into_iter().chain(of_group(group)).filter(|line| !line.is_empty());
        let all: Vec<String> = std::iter::once(head).chain(below).collect();
        Some((format!("- {}\n", all.join("<br>")), group.len()))
    };
    document.rows(groups.iter().filter_map(row).collect(), noun, elsewhere);
    document.must("\n");
}

/// When the live values of a group were changed, and since when the findings have been there.
fn history(group: &TargetGroup<'_, Finding<'_>>) -> Vec<String> {
    let times: Vec<LastChange> = group.items.iter().filter_map(|finding| finding.last_change()).collect();
    let changed = LastChange::span(&times).map(|span| format!("changed {span}"));
    let is_new = |finding: &&&Finding<'_>| finding.mark() == Some(ChangeMark::New);
    let new = new_of(group.items.iter().filter(is_new).count(), group.items.len());
    let old = group.items.iter().filter(|finding| !is_new(finding));
    let since: Option<Timestamp> = old.filter_map(|finding| finding.since()).min();
    let since = since.map(|since| format!("there since {since}"));
    [changed, new, since].into_iter().flatten().collect()
}

/// The accounts and Regions of a group, and whether its texts are those of the first target.
fn target_cell<T>(group: &TargetGroup<'_, T>, style: &TableStyle<'_>, differs: bool) -> String {
    let note = if differs { "<br>texts of the first target" } else { "" };
    let account = |account, _: Option<&str>| style.accounts.label(account);
    format!("{}{note}", group.describe_with(account, code_span, style.named, [" / ", "<br>"]))
}

/// Adds a table with a row for each group, without columns that are empty. The cells are those beside the one of the target. Where
/// texts name their target, those of the first one stand for all.
pub(super) fn add_groups<T>(
    document: &mut LimitedMarkdown,
    heads: &[&str],
    groups: &[TargetGroup<'_, T>],
    cells: impl Fn(&T) -> Vec<String>,
    (style, more): (&TableStyle<'_>, More),
) {
    let at = heads.iter().position(|head| *head == TARGET).unwrap_or_default();
    let row = |group: &TargetGroup<'_, T>| {
        let (one, others) = group.items.split_first()?;
        let mut first = cells(one);
        let differs = others.iter().any(|item| cells(item) != first);
        first.insert(at.min(first.len()), target_cell(group, style, differs));
        Some((first, group.len()))
    };
    let mut rows: Vec<(Vec<String>, usize)> = groups.iter().filter_map(row).collect();
    let is_used = |column: usize| rows.iter().any(|(cells, _)| cells.get(column).is_some_and(|cell| !cell.is_empty()));
    let used: Vec<bool> = (0..heads.len()).map(is_used).collect();
    let heads: Vec<&str> = heads.iter().zip(&used).filter(|(_, used)| **used).map(|(head, _)| *head).collect();
    for (cells, _) in &mut rows {
        let mut used = used.iter();
        cells.retain(|_| used.next().copied().unwrap_or_default());
    }
    document.long_table(&heads, rows, more);
}
