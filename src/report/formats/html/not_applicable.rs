//! Where there was nothing to compare: targets that do not apply, accounts of which nothing is wanted.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::escaped::account;
use super::limited_list::{UNREACHED, as_fit, left_out};
use crate::report::{Unreached, View, messages, pluralize};
use crate::resource::Outcome;

/// More accounts than these are folded.
const OPEN: usize = 12;

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

pub(super) fn unreached(view: &View<'_>) -> Markup {
    let accounts = &view.unreached;
    html! {
        @if !accounts.is_empty() {
            section #unreached aria-labelledby="unreached-title" {
                h2 #unreached-title { "Unreached accounts " span.count { (accounts.len()) } }
                p.note { "They are in the inventory, and no declaration reaches them: nobody has said what is wanted there, and nobody looked." }
                @if accounts.len() > OPEN {
                    details { summary { (pluralize(accounts.len(), "account")) } (list(accounts)) }
                } @else { (list(accounts)) }
            }
        }
    }
}

fn list(accounts: &[Unreached<'_>]) -> Markup {
    let rows = as_fit(accounts, UNREACHED, |found| {
        html! { li { (account(&found.account.to_string(), found.account_name.as_deref(), found.account_state)) } }
    });
    html! {
        ul.accounts { (rows.markup) }
        (left_out(rows.left_out, "accounts"))
    }
}
