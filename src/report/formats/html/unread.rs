//! Unread targets and settings by reason, then by account and cause.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::block::{Block, UNREAD, anchor, anchors, as_fit, left_out};
use super::escaped::{account, key, place, untrusted};
use crate::model::{AccountId, Origin, Severity, UnreadReason};
use crate::report::FormatOptions;
use crate::report::escape::shown;
use crate::report::finding::Finding;
use crate::report::messages::pluralize;
use crate::report::rule::Rule;
use crate::report::unread_group::Cause;

/// The unread targets of one account and one cause.
type Row<'f> = Vec<&'f Finding<'f>>;

/// The facts that targets in one row share: severity, account, setting or session, cause, and the declaration.
type Common<'f> = (Reverse<Severity>, AccountId, Option<usize>, Cause<'f>, Option<&'f Origin>);

pub(super) fn block<'f>(findings: &[&'f Finding<'f>], options: &FormatOptions) -> Block {
    let mut left = UNREAD;
    let mut rendered = Vec::new();
    let bodies: Vec<Markup> = by_reason(findings)
        .into_iter()
        .map(|(reason, rows)| {
            let fit = as_fit(&rows, left, |row| render(row, options));
            left = left.saturating_sub(fit.bytes);
            rendered.extend(rows.iter().take(fit.count).flatten().copied());
            html! { @if fit.count > 0 { tbody { (heading(reason, &rows)) (fit.markup) } } }
        })
        .collect();
    let markup = html! {
        section.block.unread aria-labelledby="unread-title" {
            h3 #unread-title { "Unread " span.count { (pluralize(findings.len(), "target")) } }
            p.note { "Nothing is known of these: they are neither in sync nor drift." }
            table.list.blocked {
                caption.unseen { "Unread targets, by reason" }
                thead {
                    tr { @for head in ["Severity", "Account", "Regions", "What was said", "Fix"] { th scope="col" { (head) } } }
                }
                @for body in &bodies { (body) }
            }
            (left_out(findings.len() - rendered.len(), "unread targets"))
        }
    };
    Block { markup, anchors: anchors(rendered) }
}

/// The rows of each reason, the most severe first.
fn by_reason<'f>(findings: &[&'f Finding<'f>]) -> Vec<(UnreadReason, Vec<Row<'f>>)> {
    let mut reasons: BTreeMap<UnreadReason, BTreeMap<Common<'_>, Row<'f>>> = BTreeMap::new();
    for finding in findings {
        let Some((unread, cause)) = finding.unread().zip(finding.cause()) else { continue };
        let common = (Reverse(finding.severity()), finding.target.account, finding.place, cause, finding.origin());
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

fn render(row: &Row<'_>, options: &FormatOptions) -> Markup {
    let Some((first, unread)) = row.first().and_then(|first| Some((first, first.unread()?))) else { return html! {} };
    let target = &first.target;
    let evidence = &unread.evidence;
    let message = evidence.message.as_deref();
    let is_other =
        |finding: &Finding<'_>| finding.unread().is_some_and(|other| other.evidence.message != evidence.message);
    let names_region = row.iter().any(|finding| is_other(finding));
    html! {
        tr.unread.(first.severity().as_str()) {
            td { span.severity { (first.severity()) } }
            th scope="row" {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
            }
            td { ul.regions { @for finding in row {
                li.finding id=[anchor(finding)] { (finding.target.region) }
            } } }
            td.answer {
                @if let Some(setting) = first.row() { p.note { (key(setting.setting.key())) } }
                @if let Some(code) = &evidence.code { code { (shown(code)) } }
                @if evidence.code.is_some() && message.is_some() { ": " }
                @if let Some(message) = message { (untrusted(message)) }
                @if evidence.code.is_none() && message.is_none() { "nothing" }
                @if names_region { p.note { "In " (target.region) "; elsewhere the same, with names of its own." } }
                (requests(row))
            }
            td {
                @if let Some(remediation) = first.remediation() { (untrusted(&capital(&remediation))) "." }
                @if let Some(origin) = first.origin() { p.note { "Wanted by " (place(origin, options)) } }
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
