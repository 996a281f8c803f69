//! Settings that drift, waived or not, as rows of a table.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::badge::{badges, severity};
use super::block::{Block, Context, anchor, anchors, as_fit, left_out};
use super::escaped::{account, key, place, region, untrusted};
use crate::model::{AccountId, Severity};
use crate::report::FormatOptions;
use crate::report::escape::{shown, value};
use crate::report::finding::Finding;
use crate::report::live_text::LiveText;
use crate::report::messages::{self, pluralize};
use crate::report::model::{Basis, SettingRow, Target, WaiverFacts};
use crate::report::violations::violations;

/// With more findings than these they are folded by account.
const FOLDED_ABOVE: usize = 500;

/// Name of a block of findings.
#[derive(Clone, Copy)]
pub(super) struct Heading {
    pub(super) title: &'static str,
    pub(super) class: &'static str,
}

pub(super) fn block<'f>(
    (findings, count): (&[&'f Finding<'f>], usize),
    heading: Heading,
    bytes: usize,
    context: Context<'_>,
) -> Block {
    let Heading { title, class } = heading;
    let (markup, rendered) = if findings.len() > FOLDED_ABOVE {
        by_account(findings, heading, bytes, context)
    } else {
        let rows = as_fit(findings, bytes, |finding| row(finding, (class, true), context));
        let rendered: Vec<_> = findings.iter().take(rows.count).copied().collect();
        (table(heading, &[&["Severity", "Account"][..], &HEADS].concat(), &rows.markup), rendered)
    };
    let markup = html! {
        section.block.(class) aria-labelledby={ (class) "-title" } {
            h3 id={ (class) "-title" } { (title) " " span.count { (pluralize(count, "setting")) } }
            (markup)
            (left_out(findings.len() - rendered.len(), "settings"))
        }
    };
    Block { markup, anchors: anchors(rendered) }
}

/// The columns after that of the account.
const HEADS: [&str; 5] = ["Region", "Setting", "Want", "Is", "Declared in"];

fn table(heading: Heading, heads: &[&str], rows: &Markup) -> Markup {
    html! {
        table.list.drift {
            caption.unseen { (heading.title) " settings, the most severe first" }
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { (rows) }
        }
    }
}

/// The findings of each account in a fold of its own, the worst account first.
fn by_account<'f>(
    findings: &[&'f Finding<'f>],
    heading: Heading,
    bytes: usize,
    context: Context<'_>,
) -> (Markup, Vec<&'f Finding<'f>>) {
    let mut accounts: BTreeMap<AccountId, Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in findings {
        accounts.entry(finding.target.account).or_default().push(finding);
    }
    let mut accounts: Vec<Vec<&Finding<'_>>> = accounts.into_values().collect();
    accounts.sort_by_key(|rows| Reverse((rows.first().map(|finding| finding.severity()), rows.len())));
    let folds = as_fit(&accounts, bytes, |rows| account_fold(rows, heading, context));
    let rendered = accounts.iter().take(folds.count).flatten().copied().collect();
    let markup = html! {
        p.note { "By account, the worst first." }
        (folds.markup)
        (left_out(folds.left_out, "accounts"))
    };
    (markup, rendered)
}

fn account_fold(rows: &[&Finding<'_>], heading: Heading, context: Context<'_>) -> Markup {
    let count = |severity| rows.iter().filter(|finding| finding.severity() == severity).count();
    let counts = Severity::ALL.into_iter().rev().map(|severity| (count(severity), severity));
    let counts: Vec<String> =
        counts.filter(|(count, _)| *count > 0).map(|(count, severity)| format!("{count} {severity}")).collect();
    let Some(first) = rows.first() else { return html! {} };
    let target = &first.target;
    html! {
        details.account {
            summary {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
                " " span.count { (counts.join(", ")) }
            }
            @let markup = html! { @for finding in rows { (row(finding, (heading.class, false), context)) } };
            (table(heading, &[&["Severity"][..], &HEADS].concat(), &markup))
        }
    }
}

/// A row; the account is left out where the table is that of one account.
fn row(finding: &Finding<'_>, (class, names_account): (&str, bool), context: Context<'_>) -> Markup {
    let Some(row) = finding.row() else { return html! {} };
    let (target, options) = (&finding.target, context.options);
    html! {
        tr.finding.(class).(finding.severity().as_str()) id=[anchor(finding)] {
            td { (severity(finding.severity())) (badges(finding, context.now)) }
            @if names_account {
                th scope="row" {
                    (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
                }
                td { (region(target, options)) }
            } @else { th scope="row" { (region(target, options)) } }
            td { (key(&finding.label())) }
            @if finding.folded_fact().is_some() { td.want { (finding.wanted()) } } @else {
                td.want { @for (nth, word) in row.desired.iter().enumerate() {
                    @if nth > 0 { " or " }
                    (key(&value(word)))
                } }
            }
            td.live {
                (live(&finding.shown_live()))
                @if let Some(change) = finding.last_change() { p.note { (change.words()) } }
                (sessions(row))
            }
            td {
                (place(&row.origin, options))
                (excuses(row, options))
                (more(row, target, options))
            }
        }
    }
}

fn live(live: &LiveText<'_>) -> Markup {
    html! {
        @if live.as_clause().is_some() { (shown(live.text())) } @else { (key(live.text())) }
        @if let Some(remark) = live.remark { " (" (remark) ")" }
    }
}

/// The sessions that violate a rule.
fn sessions(row: &SettingRow<'_>) -> Markup {
    let lines = violations(row, usize::MAX);
    html! {
        @if !lines.is_empty() {
            details {
                summary { "The sessions" }
                ul { @for line in &lines { li { (untrusted(line)) } } }
            }
        }
    }
}

/// The waiver that covers the drift, or those that do not.
fn excuses(row: &SettingRow<'_>, options: &FormatOptions) -> Markup {
    html! {
        @if let Some(waiver) = &row.waiver {
            p.excuse { "Waived until " (waiver.expires) ": " (untrusted(&waiver.reason)) ", " (signed(waiver, options)) }
        }
        @for lapsed in &row.lapsed_waivers {
            p.excuse { "Not waived by " (signed(&lapsed.waiver, options)) ": " (shown(&messages::lapse(lapsed))) }
        }
    }
}

fn signed(waiver: &WaiverFacts<'_>, options: &FormatOptions) -> Markup {
    html! {
        (place(&waiver.origin, options))
        @if let Some(owner) = &waiver.owner { " (" (untrusted(owner)) ")" }
    }
}

/// The overridden declarations, and the evidence that the session is off.
fn more(row: &SettingRow<'_>, target: &Target<'_>, options: &FormatOptions) -> Markup {
    let (lost, basis) = (&row.overridden, target.basis());
    let title = match (lost.len(), basis) {
        (0, None) => return html! {},
        (0, Some(_)) => "Evidence".to_owned(),
        (count, None) => format!("Overrides {}", pluralize(count, "declaration")),
        (count, Some(_)) => format!("Evidence; overrides {}", pluralize(count, "declaration")),
    };
    html! {
        details {
            summary { (title) }
            @if let Some(basis) = basis { p { (evidence(basis, target)) } }
            @if !lost.is_empty() {
                ul {
                    @for lost in lost {
                        li {
                            (place(&lost.origin, options))
                            ": " code { (shown(&lost.desired.join(" or "))) }
                        }
                    }
                }
            }
        }
    }
}

fn evidence(basis: Basis, target: &Target<'_>) -> Markup {
    let answer = target.evidence();
    html! {
        @if let Some(words) = messages::basis(basis) { (words) }
        @if let Some(code) = answer.and_then(|answer| answer.code.as_deref()) { code { (shown(code)) } }
        @if let Some(message) = answer.and_then(|answer| answer.message.as_deref()) { ": " (untrusted(message)) }
        @if let Some(id) = answer.and_then(|answer| answer.request_id.as_deref()) { " (request " code { (shown(id)) } ")" }
    }
}
