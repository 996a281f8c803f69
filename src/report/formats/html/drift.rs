//! Settings that drift, waived or not, as rows of a table.

use maud::{Markup, html};

use super::block::{Block, anchor, anchors, as_fit, left_out};
use super::escaped::{account, key, place, region, untrusted};
use crate::report::FormatOptions;
use crate::report::escape::{shown, value};
use crate::report::finding::Finding;
use crate::report::live_text::LiveText;
use crate::report::messages::{self, pluralize};
use crate::report::model::{Basis, SettingRow, Target, WaiverFacts};
use crate::report::violations::violations;

pub(super) fn block(
    (findings, count): (&[&Finding<'_>], usize),
    title: &str,
    class: &str,
    bytes: usize,
    options: &FormatOptions,
) -> Block {
    let rows = as_fit(findings, bytes, |finding| row(finding, class, options));
    let markup = html! {
        section.block.(class) aria-labelledby={ (class) "-title" } {
            h3 id={ (class) "-title" } { (title) " " span.count { (pluralize(count, "setting")) } }
            table.list.drift {
                caption.unseen { (title) " settings, the most severe first" }
                thead {
                    tr {
                        @for head in ["Severity", "Account", "Region", "Setting", "Wanted", "Live", "Declared in"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody { (rows.markup) }
            }
            (left_out(rows.left_out, "settings"))
        }
    };
    Block { markup, anchors: anchors(findings.iter().take(rows.count).copied()) }
}

fn row(finding: &Finding<'_>, class: &str, options: &FormatOptions) -> Markup {
    let Some(row) = finding.row() else { return html! {} };
    let target = &finding.target;
    html! {
        tr.finding.(class).(finding.severity().as_str()) id=[anchor(finding)] {
            td { span.severity { (finding.severity()) } }
            th scope="row" {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
            }
            td { (region(target, options)) }
            td { (key(&finding.label())) }
            @if finding.folded_fact().is_some() { td { (finding.wanted()) } } @else {
                td { @for (nth, word) in row.desired.iter().enumerate() {
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
