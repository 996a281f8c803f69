//! What could not be read: by reason, and below it by account and by what was said.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::anchor::anchor;
use super::escaped::{account, place, said};
use super::findings::{Block, anchors};
use super::limited_list::{UNREAD, as_fit, left_out};
use crate::model::{AccountId, Origin, Severity, UnreadReason};
use crate::report::cause::Cause;
use crate::report::{FormatOptions, Problem, Rule, pluralize, shown};

/// The unread targets of one account that were kept from being read by the same.
type Row<'problem> = Vec<&'problem Problem<'problem>>;

/// What targets in one row have in common: severity, account, cause, and the declaration to look at.
type Common<'problem> = (Reverse<Severity>, AccountId, Cause<'problem>, Option<&'problem Origin>);

pub(super) fn block<'problem>(problems: &[&'problem Problem<'problem>], options: &FormatOptions) -> Block {
    let mut left = UNREAD;
    let mut drawn = Vec::new();
    let bodies: Vec<Markup> = by_reason(problems)
        .into_iter()
        .map(|(reason, rows)| {
            let fit = as_fit(&rows, left, |row| draw(row, options));
            left = left.saturating_sub(fit.bytes);
            drawn.extend(rows.iter().take(fit.count).flatten().copied());
            html! { @if fit.count > 0 { tbody { (heading(reason, &rows)) (fit.markup) } } }
        })
        .collect();
    let markup = html! {
        section.block.unread aria-labelledby="unread-title" {
            h3 #unread-title { "Unread " span.count { (pluralize(problems.len(), "target")) } }
            p.note { "Nothing is known of these: they are neither in sync nor drift." }
            table.list.blocked {
                caption.unseen { "Unread targets, by reason" }
                thead {
                    tr { @for head in ["Severity", "Account", "Regions", "What was said", "Fix"] { th scope="col" { (head) } } }
                }
                @for body in &bodies { (body) }
            }
            (left_out(problems.len() - drawn.len(), "unread targets"))
        }
    };
    Block { markup, anchors: anchors(drawn) }
}

/// The rows of each reason, the most severe first.
fn by_reason<'problem>(problems: &[&'problem Problem<'problem>]) -> Vec<(UnreadReason, Vec<Row<'problem>>)> {
    let mut reasons: BTreeMap<UnreadReason, BTreeMap<Common<'_>, Row<'problem>>> = BTreeMap::new();
    for problem in problems {
        let Some(unread) = problem.unread() else { continue };
        let cause = Cause::new(unread, &problem.target.region);
        let common = (Reverse(problem.severity()), problem.target.account, cause, problem.origin());
        reasons.entry(unread.reason).or_default().entry(common).or_default().push(problem);
    }
    let mut reasons: Vec<_> =
        reasons.into_iter().map(|(reason, rows)| (reason, rows.into_values().collect::<Vec<_>>())).collect();
    reasons.sort_by_key(|(_, rows)| Reverse(rows.iter().flatten().map(|problem| problem.severity()).max()));
    reasons
}

fn heading(reason: UnreadReason, rows: &[Row<'_>]) -> Markup {
    let mut accounts: Vec<AccountId> = rows.iter().flatten().map(|problem| problem.target.account).collect();
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

fn draw(row: &Row<'_>, options: &FormatOptions) -> Markup {
    let Some((first, unread)) = row.first().and_then(|first| Some((first, first.unread()?))) else { return html! {} };
    let target = &first.target;
    let message = unread.message.as_deref();
    let is_other = |problem: &&Problem<'_>| problem.unread().is_some_and(|other| other.message != unread.message);
    let names_region = row.iter().copied().any(|problem| is_other(&problem));
    html! {
        tr.unread.(first.severity().as_str()) {
            td { span.severity { (first.severity()) } }
            th scope="row" {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
            }
            td { ul.regions { @for problem in row {
                li.finding id=[anchor(problem)] { (shown(&problem.target.region)) }
            } } }
            td.answer {
                @if let Some(code) = &unread.code { code { (shown(code)) } }
                @if unread.code.is_some() && message.is_some() { ": " }
                @if let Some(message) = message { (said(message)) }
                @if unread.code.is_none() && message.is_none() { "nothing" }
                @if names_region { p.note { "In " (shown(&target.region)) "; elsewhere the same, with names of its own." } }
                (requests(row))
            }
            td {
                @if let Some(remediation) = first.remediation() { (said(&capital(&remediation))) "." }
                @if let Some(origin) = first.origin() { p.note { "Wanted by " (place(origin, options)) } }
            }
        }
    }
}

/// What AWS Support asks for.
fn requests(row: &Row<'_>) -> Markup {
    let ids: Vec<(&str, &str)> = row
        .iter()
        .filter_map(|problem| Some((&*problem.target.region, problem.unread()?.request_id.as_deref()?)))
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
