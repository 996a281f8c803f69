//! Untrusted text and outcomes on the page.

use maud::{Markup, html};

use crate::model::{AccountState, Origin};
use crate::report::FormatOptions;
use crate::report::escape::{shown, shown_name};
use crate::resource::Outcome;

/// Untrusted text. `bdi` keeps words that run from right to left from reordering what stands around them.
pub(super) fn untrusted(text: &str) -> Markup {
    html! { bdi { (shown(text)) } }
}

/// An account, by its name where it has one, and its id.
pub(super) fn account(id: &str, name: Option<&str>, state: Option<AccountState>) -> Markup {
    html! {
        @if let Some(name) = name { span.name { bdi { (shown_name(name)) } } " " }
        span.id { (id) }
        @if let Some(state) = state.filter(|state| *state != AccountState::Active) { " " span.state { (state) } }
    }
}

/// A declaration by its place, and its name where it has one.
pub(super) fn place(origin: &Origin, options: &FormatOptions) -> Markup {
    html! {
        code.place { (untrusted(&format!("{}:{}:{}", options.path(&origin.file), origin.line, origin.column))) }
        @if let Some(name) = &origin.declaration { " " span.declaration { (untrusted(name)) } }
    }
}

/// A word with underscores, which may be broken after them.
pub(super) fn key(word: &str) -> Markup {
    html! {
        code { @for (nth, part) in word.split('_').enumerate() { @if nth > 0 { "_" wbr; } (shown(part)) } }
    }
}

/// The label of an outcome.
pub(super) fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::InSync => "in sync",
        Outcome::Drifted => "drifted",
        Outcome::Waived => "waived",
        Outcome::NotApplicable => "not applicable",
        Outcome::Unread => "unread",
    }
}

/// The sign of an outcome. Colour is never the only one.
pub(super) fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::InSync => "✓",
        Outcome::Drifted => "D",
        Outcome::Waived => "W",
        Outcome::NotApplicable => "–",
        Outcome::Unread => "U",
    }
}

/// The outcomes, those first that need attention.
pub(super) const BY_ATTENTION: [Outcome; 5] =
    [Outcome::Drifted, Outcome::Unread, Outcome::Waived, Outcome::InSync, Outcome::NotApplicable];
