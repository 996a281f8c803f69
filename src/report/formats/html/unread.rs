//! Unread targets and settings by reason, then by account and cause.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::badge::{badges, severity};
use super::block::{Block, Context, UNREAD, anchor, anchors, as_fit, left_out};
use super::escaped::{account, key, place, prose, region, untrusted};
use crate::model::{AccountId, Origin, Severity, UnreadReason};
use crate::report::escape::shown;
use crate::report::finding::Finding;
use crate::report::messages::pluralize;
use crate::report::rule::Rule;
use crate::report::unread_group::Cause;
use crate::report::unread_summary::UnreadSummary;

/// The unread targets of one account and one cause.
type Row<'f> = Vec<&'f Finding<'f>>;

/// The facts that targets in one row share: severity, account, setting or resource, cause, and the declaration.
type Common<'f> = (Reverse<Severity>, AccountId, Cow<'static, str>, Cause<'f>, Option<&'f Origin>);

pub(super) fn block<'f>(
    (findings, count): (&[&'f Finding<'f>], usize),
    summary: &UnreadSummary,
    context: Context<'_>,
) -> Block {
    let (stated, others): (Vec<&Finding<'_>>, Vec<&Finding<'_>>) =
        findings.iter().partition(|finding| summary.is_stated_once(finding));
    let (expected, others): (Vec<&Finding<'_>>, Vec<&Finding<'_>>) =
        others.into_iter().partition(|finding| finding.is_expected());
    let mut list = List { left: UNREAD, rendered: Vec::new() };
    let others = list.table(&others, context);
    let stated_ones = list.table(&stated, context);
    let expected_ones = list.table(&expected, context);
    let markup = html! {
        section.block.unread aria-labelledby="unread-title" {
            h3 #unread-title { "Unread " span.count { (pluralize(count, "target")) } }
            p.note { "Nothing is known of these: they are neither in sync nor drift." }
            @for cause in &summary.shared {
                p { strong { (untrusted(&capital(&cause.headline))) } " (" (pluralize(cause.targets, "target")) "): " (prose(&cause.fix)) "." }
                @if !cause.said.is_empty() { p.note { (untrusted(&cause.said)) } }
            }
            (by_reason_table(summary))
            (others)
            @if !stated.is_empty() {
                details {
                    summary { (pluralize(stated.len(), "target")) " unread for a cause named above" }
                    (stated_ones)
                }
            }
            @if !expected.is_empty() {
                details {
                    summary { (expected.len()) " unread as expected" }
                    (expected_ones)
                }
            }
            (left_out(findings.len() - list.rendered.len(), "unread targets"))
        }
    };
    Block { markup, anchors: anchors(list.rendered) }
}

/// What of the size of the section is left, and the findings in it.
struct List<'f> {
    left: usize,
    rendered: Vec<&'f Finding<'f>>,
}

impl<'f> List<'f> {
    /// A table of unread targets, as many as fit; nothing if there are none.
    fn table(&mut self, findings: &[&'f Finding<'f>], context: Context<'_>) -> Markup {
        if findings.is_empty() {
            return html! {};
        }
        let bodies: Vec<Markup> = by_reason(findings)
            .into_iter()
            .map(|(reason, rows)| {
                let fit = as_fit(&rows, self.left, |row| render(row, context));
                self.left = self.left.saturating_sub(fit.bytes);
                self.rendered.extend(rows.iter().take(fit.count).flatten().copied());
                html! { @if fit.count > 0 { tbody { (heading(reason, &rows)) (fit.markup) } } }
            })
            .collect();
        html! {
            table.list.blocked {
                caption.unseen { "Unread targets, by reason" }
                thead {
                    tr { @for head in ["Severity", "Account", "Regions", "Answer", "Fix"] { th scope="col" { (head) } } }
                }
                @for body in &bodies { (body) }
            }
        }
    }
}

/// The numbers and the fix of each reason.
fn by_reason_table(summary: &UnreadSummary) -> Markup {
    html! {
        table.list.reasons {
            caption.unseen { "Unread targets by reason, in sum" }
            thead { tr { @for head in ["Reason", "Accounts", "Targets", "What to do"] { th scope="col" { (head) } } } }
            tbody {
                @for total in &summary.reasons {
                    tr {
                        th scope="row" { (total.reason.as_str().replace('_', " ")) }
                        td.number { (total.accounts) }
                        td.number { (total.targets) (total.expected_words()) }
                        td { (prose(&capital(&total.fix))) "." }
                    }
                }
            }
        }
    }
}

/// The rows of each reason, the most severe first.
fn by_reason<'f>(findings: &[&'f Finding<'f>]) -> Vec<(UnreadReason, Vec<Row<'f>>)> {
    let mut reasons: BTreeMap<UnreadReason, BTreeMap<Common<'_>, Row<'f>>> = BTreeMap::new();
    for finding in findings {
        let Some((unread, cause)) = finding.unread().zip(finding.cause()) else { continue };
        let common = (Reverse(finding.severity()), finding.target.account, finding.label(), cause, finding.origin());
        reasons.entry(unread.reason).or_default().entry(common).or_default().push(finding);
    }
    let mut reasons: Vec<_> =
        reasons.into_iter().map(|(reason, rows)| (reason, rows.into_values().collect::<Vec<_>>())).collect();
    reasons.sort_by_key(|(_, rows)| Reverse(rows.iter().flatten().map(|finding| finding.severity()).max()));
    reasons
}

fn heading(reason: UnreadReason, rows: &[Row<'_>]) -> Markup {
    let mut accounts: Vec<AccountId> = rows.iter().flatten().map(|finding| finding.target.account).collect();
    let targets = accounts.len();
    accounts.dedup();
    accounts.sort_unstable();
    accounts.dedup();
    html! {
        tr.reason {
            th scope="rowgroup" colspan="5" {
                (reason.as_str().replace('_', " "))
                " " span.count { (pluralize(targets, "target")) " in " (pluralize(accounts.len(), "account")) ", " (Rule::Unread(reason).id()) }
            }
        }
    }
}

fn render(row: &Row<'_>, context: Context<'_>) -> Markup {
    let options = context.options;
    let Some((first, unread)) = row.first().and_then(|first| Some((first, first.unread()?))) else { return html! {} };
    let target = &first.target;
    let evidence = &unread.evidence;
    let message = evidence.message.as_deref();
    let is_other =
        |finding: &Finding<'_>| finding.unread().is_some_and(|other| other.evidence.message != evidence.message);
    let names_region = row.iter().any(|finding| is_other(finding));
    html! {
        tr.unread.(first.severity().as_str()) {
            td { (severity(first.severity())) (badges(first, context.now)) }
            th scope="row" {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
            }
            td { ul.regions { @for finding in row {
                li.finding id=[anchor(finding)] { (region(&finding.target, options)) }
            } } }
            td.answer {
                @if !first.subject_cell().is_empty() { p.note { (key(&first.subject_cell())) } }
                @if let Some(code) = &evidence.code { code { (shown(code)) } }
                @if evidence.code.is_some() && message.is_some() { ": " }
                @if let Some(message) = message { (untrusted(message)) }
                @if evidence.code.is_none() && message.is_none() { "nothing" }
                @if names_region { p.note { "In " (target.region) "; elsewhere the same, with names of its own." } }
                (requests(row))
            }
            td {
                @if let Some(expected) = first.expected() {
                    "Expected until " time datetime=(expected.expires) { (expected.expires) } ": " (untrusted(&expected.reason))
                    @if let Some(owner) = &expected.owner { " (" (untrusted(owner)) ")" }
                    p.note { "By the waiver in " (place(&expected.origin, options)) }
                } @else if let Some(remediation) = first.remediation() {
                    (prose(&capital(&remediation))) "."
                }
                @if let Some(origin) = first.origin() { p.note { "Declared in " (place(origin, options)) } }
            }
        }
    }
}

/// What AWS Support asks for.
fn requests(row: &Row<'_>) -> Markup {
    let ids: Vec<(&str, &str)> = row
        .iter()
        .filter_map(|finding| Some((finding.target.region.as_str(), finding.unread()?.evidence.request_id.as_deref()?)))
        .collect();
    html! {
        @match ids[..] {
            [] => {},
            [(_, id)] if row.len() == 1 => p.note { "Request " code { (shown(id)) } },
            _ => details {
                summary { (pluralize(ids.len(), "request id")) }
                ul { @for (region, id) in &ids { li { (shown(region)) " " code { (shown(id)) } } } }
            },
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
