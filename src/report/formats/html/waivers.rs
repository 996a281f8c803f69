//! The foot of the page: waivers, unreached accounts, and targets that do not apply.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::block::{APPROVED, UNREACHED, WAIVERS, as_fit, left_out};
use super::escaped::{account, place, untrusted};
use crate::drift::{ApprovedFinding, Review};
use crate::report::FormatOptions;
use crate::report::approved::{CLASSES, Words, approved_findings, groups};
use crate::report::escape::shown;
use crate::report::messages::{self, pluralize};
use crate::report::model::{State, UnreachedAccount, View, WaiverUsage};
use crate::report::target_group::TargetGroup;
use crate::resource::Outcome;

/// Findings that a change of the policies waives or accepts.
pub(super) fn approved(view: &View<'_>, options: &FormatOptions) -> Markup {
    const HEADS: [&str; 9] =
        ["Targets", "Setting", "Wanted before", "Want", "Is", "Last day", "Owner", "Reason", "Declared in"];
    let findings = approved_findings(view);
    let section = |(class, title): (Review, &str)| {
        let of_class: Vec<&ApprovedFinding> = findings.iter().filter(|finding| finding.review == class).collect();
        let rows = as_fit(&groups(of_class.iter().copied()), APPROVED, |group| approved_row(group, options));
        html! {
            @if !of_class.is_empty() {
                section aria-label=(title) {
                    h2 { (title) " " span.count { (of_class.len()) } }
                    table.list {
                        thead { tr { @for head in HEADS { th scope="col" { (head) } } } }
                        tbody { (rows.markup) }
                    }
                    (left_out(rows.left_out, "rows"))
                }
            }
        }
    };
    html! { @for class in CLASSES { (section(class)) } }
}

fn approved_row(group: &TargetGroup<'_, ApprovedFinding>, options: &FormatOptions) -> Markup {
    let Some(finding) = group.first() else { return html! {} };
    let Words { setting, before, want, is } = Words::new(finding);
    let waiver = finding.waiver.as_ref();
    let declared = waiver.map(|waiver| &waiver.origin).or(finding.origin.as_ref());
    html! {
        tr {
            th scope="row" { (untrusted(&group.describe(str::to_owned, OPEN, "; "))) }
            @for text in [setting, before, want, is] { td { @if !text.is_empty() { code { (shown(&text)) } } } }
            td { @if let Some(waiver) = waiver { time datetime=(waiver.expires) { (waiver.expires) } } }
            td { @if let Some(owner) = waiver.and_then(|waiver| waiver.owner.as_deref()) { (untrusted(owner)) } }
            td { @if let Some(waiver) = waiver { (untrusted(&waiver.reason)) } }
            td { @if let Some(origin) = declared { (place(origin, options)) } }
        }
    }
}

/// The waivers, those that end first on top.
pub(super) fn waivers(view: &View<'_>, options: &FormatOptions) -> Markup {
    let mut waivers: Vec<&WaiverUsage<'_>> = view.waivers.iter().collect();
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
                        @for head in ["Covered", "Not covered", "In sync or read", "Unread", "Not selected"] { th.number scope="col" { (head) } }
                    }
                }
                tbody { (rows.markup) }
            }
            p.note { "The last day counts, in UTC. The numbers are of the settings that a waiver selects." }
            (left_out(rows.left_out, "waivers"))
        }
    }
}

fn row(view: &View<'_>, used: &WaiverUsage<'_>, options: &FormatOptions) -> Markup {
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
                @let remarks: Vec<String> =
                    messages::remarks(used, view.today()).into_iter().chain(messages::is_wide(used)).collect();
                @if !remarks.is_empty() { p.note { (remarks.join("; ")) } }
            }
            td {
                (untrusted(&waiver.reason))
                @if waiver.unread_reasons.is_some() { p.note { "while unread: " code { (messages::reasons(waiver)) } } }
                @if !waiver.while_live.is_empty() { p.note { "while " code { (shown(&waiver.while_live.join(" or "))) } " is live" } }
            }
            td { @if let Some(owner) = &waiver.owner { (untrusted(owner)) } @else { "–" } }
            td { (place(&waiver.origin, options)) }
            @for count in [used.covered, used.uncovered, used.in_sync, used.unread, used.not_selected] { td.number { (count) } }
        }
    }
}

/// The number of waivers, for the link to them.
pub(super) fn count(view: &View<'_>) -> String {
    pluralize(view.waivers.len(), "waiver")
}

/// More accounts than these are folded.
const OPEN: usize = 12;

/// The targets that do not apply, by reason.
pub(super) fn not_applicable(view: &View<'_>) -> Markup {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for target in view.targets.iter().filter(|target| target.outcome == Outcome::NotApplicable) {
        *reasons.entry(messages::not_applicable(&target)).or_default() += 1;
    }
    html! {
        @if !reasons.is_empty() {
            section #not-applicable aria-labelledby="not-applicable-title" {
                h2 #not-applicable-title { "Not applicable " span.count { (view.ledger.not_applicable) } }
                ul.plain { @for (reason, count) in &reasons { li { (pluralize(*count, "target")) ": " (reason) "." } } }
            }
        }
    }
}

/// The accounts that no declaration reaches.
pub(super) fn unreached(view: &View<'_>) -> Markup {
    let accounts = &view.unreached;
    html! {
        @if !accounts.is_empty() {
            section #unreached aria-labelledby="unreached-title" {
                h2 #unreached-title { "Unreached accounts " span.count { (accounts.len()) } }
                p.note { "These accounts are in the inventory, and no declaration reaches them. They were not read." }
                @if accounts.len() > OPEN {
                    details { summary { (pluralize(accounts.len(), "account")) } (self::accounts(accounts)) }
                } @else { (self::accounts(accounts)) }
            }
        }
    }
}

fn accounts(accounts: &[UnreachedAccount<'_>]) -> Markup {
    let rows = as_fit(accounts, UNREACHED, |found| {
        html! { li { (account(&found.account.to_string(), found.account_name.as_deref(), found.account_state)) } }
    });
    html! {
        ul.accounts { (rows.markup) }
        (left_out(rows.left_out, "accounts"))
    }
}
