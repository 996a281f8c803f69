//! Settings that drift, waived or not, as rows of a table.

use maud::{Markup, html};

use super::anchor::anchor;
use super::escaped::{account, declared, key, place, said};
use super::findings::{Block, anchors};
use super::limited_list::{as_fit, left_out};
use crate::report::{EvidenceResult, FormatOptions, Problem, SettingResult, WaiverResult, messages, pluralize, shown};

pub(super) fn block(
    problems: &[&Problem<'_>],
    title: &str,
    class: &str,
    bytes: usize,
    options: &FormatOptions,
) -> Block {
    let rows = as_fit(problems, bytes, |problem| row(problem, class, options));
    let markup = html! {
        section.block.(class) aria-labelledby={ (class) "-title" } {
            h3 id={ (class) "-title" } { (title) " " span.count { (pluralize(problems.len(), "setting")) } }
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
    Block { markup, anchors: anchors(problems.iter().take(rows.count).copied()) }
}

fn row(problem: &Problem<'_>, class: &str, options: &FormatOptions) -> Markup {
    let Some(setting) = problem.setting() else { return html! {} };
    let target = &problem.target;
    html! {
        tr.finding.(class).(setting.severity.as_str()) id=[anchor(problem)] {
            td { span.severity { (setting.severity) } }
            th scope="row" {
                (account(&target.account.to_string(), target.account_name.as_deref(), target.account_state))
            }
            td { (shown(&target.region)) }
            td { (key(setting.setting.key())) }
            td { @for (nth, word) in setting.desired.iter().enumerate() {
                @if nth > 0 { " or " }
                (key(word))
            } }
            td.live { (key(setting.live.as_deref().unwrap_or("unknown"))) }
            td {
                (place(&setting.origin, options))
                (excuses(setting, options))
                (more(setting, target.evidence.as_ref(), options))
            }
        }
    }
}

/// The waiver that covers the drift, or those that do not.
fn excuses(setting: &SettingResult<'_>, options: &FormatOptions) -> Markup {
    html! {
        @if let Some(waiver) = &setting.waiver {
            p.excuse { "Waived until " (waiver.expires) ": " (said(&waiver.reason)) ", " (signed(waiver, options)) }
        }
        @for lapsed in &setting.lapsed_waivers {
            p.excuse { "Not waived by " (signed(&lapsed.waiver, options)) ": " (shown(&messages::lapse(lapsed))) }
        }
    }
}

fn signed(waiver: &WaiverResult<'_>, options: &FormatOptions) -> Markup {
    html! {
        (place(&waiver.origin, options))
        @if let Some(owner) = &waiver.owner { " (" (said(owner)) ")" }
    }
}

/// What was overridden, and how it is known that the session is off.
fn more(setting: &SettingResult<'_>, evidence: Option<&EvidenceResult<'_>>, options: &FormatOptions) -> Markup {
    let lost = &setting.overridden;
    let title = match (lost.len(), evidence) {
        (0, None) => return html! {},
        (0, Some(_)) => "Evidence".to_owned(),
        (count, None) => format!("Overrides {}", pluralize(count, "declaration")),
        (count, Some(_)) => format!("Evidence; overrides {}", pluralize(count, "declaration")),
    };
    html! {
        details {
            summary { (title) }
            @if let Some(known) = evidence { p { (known_by(known)) } }
            @if !lost.is_empty() {
                ul {
                    @for lost in lost {
                        li {
                            (declared(&lost.file, lost.line, lost.column, lost.declaration.as_deref(), options))
                            ": " code { (shown(&lost.desired.join(" or "))) }
                        }
                    }
                }
            }
        }
    }
}

fn known_by(known: &EvidenceResult<'_>) -> Markup {
    html! {
        @if let Some(words) = messages::basis(known.basis) { (words) }
        @if let Some(code) = &known.code { code { (shown(code)) } }
        @if let Some(message) = &known.message { ": " (said(message)) }
        @if let Some(id) = &known.request_id { " (request " code { (shown(id)) } ")" }
    }
}
