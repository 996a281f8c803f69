//! The waivers of the policies, those that end first on top.

use maud::{Markup, html};

use super::escaped::{place, said};
use super::limited_list::{WAIVERS, as_fit, left_out};
use crate::report::{FormatOptions, State, View, WaiverUseResult, messages, pluralize, shown};

pub(super) fn waivers(view: &View<'_>, options: &FormatOptions) -> Markup {
    let mut waivers: Vec<&WaiverUseResult<'_>> = view.waivers.iter().collect();
    if waivers.is_empty() {
        return html! {};
    }
    waivers.sort_by_key(|used| used.waiver.expires);
    let rows = as_fit(&waivers, WAIVERS, |used| row(view, used, options));
    html! {
        section #waivers aria-labelledby="waivers-title" {
            h2 #waivers-title { "Waivers " span.count { (waivers.len()) } }
            table.list.exceptions {
                caption.unseen { "Waivers, those that end first on top" }
                thead {
                    tr {
                        @for head in ["Last day", "State", "Reason", "Owner", "Declared in"] { th scope="col" { (head) } }
                        @for head in ["Waived", "Not waived", "In sync", "Unread"] { th.number scope="col" { (head) } }
                    }
                }
                tbody { (rows.markup) }
            }
            p.note { "The last day counts, in UTC. The numbers are of the settings that a waiver selects." }
            (left_out(rows.left_out, "waivers"))
        }
    }
}

fn row(view: &View<'_>, used: &WaiverUseResult<'_>, options: &FormatOptions) -> Markup {
    let waiver = &used.waiver;
    let state = match used.state {
        State::Active => "active",
        State::Ending => "ending",
        State::Expired => "expired",
    };
    html! {
        tr.(state) {
            th scope="row" { time datetime=(waiver.expires) { (waiver.expires) } }
            td {
                span.state { (state) }
                @let remarks = messages::remarks(used, view.today());
                @if !remarks.is_empty() { p.note { (remarks.join("; ")) } }
            }
            td {
                (said(&waiver.reason))
                @if !waiver.while_live.is_empty() { p.note { "while " code { (shown(&waiver.while_live.join(" or "))) } " is live" } }
            }
            td { @if let Some(owner) = &waiver.owner { (said(owner)) } @else { "–" } }
            td { (place(&waiver.origin, options)) }
            @for count in [used.covered, used.uncovered, used.in_sync, used.unread] { td.number { (count) } }
        }
    }
}

/// How many there are, for what leads to them.
pub(super) fn count(view: &View<'_>) -> String {
    pluralize(view.waivers.len(), "waiver")
}
