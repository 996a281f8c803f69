//! What somebody else wrote, as it stands on the page.

use maud::{Markup, html};

use crate::model::{AccountState, Origin};
use crate::report::{FormatOptions, shown, shown_name};
use crate::resource::Outcome;

/// Untrusted text. `bdi` keeps words that run from right to left from reordering what stands around them.
pub(super) fn said(text: &str) -> Markup {
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
    declared(&origin.file, origin.line, origin.column, origin.declaration.as_deref(), options)
}

/// The same, by its parts.
pub(super) fn declared(file: &str, line: u32, column: u32, name: Option<&str>, options: &FormatOptions) -> Markup {
    html! {
        code.place { (said(&format!("{}:{line}:{column}", options.path(file)))) }
        @if let Some(name) = name { " " span.declaration { (said(name)) } }
    }
}

/// A word such as `finding_publishing_frequency`, which may be broken between its parts.
pub(super) fn key(word: &str) -> Markup {
    html! {
        code { @for (nth, part) in word.split('_').enumerate() { @if nth > 0 { "_" wbr; } (shown(part)) } }
    }
}

/// The words that people read for an outcome.
pub(super) fn words(outcome: Outcome) -> &'static str {
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

/// The outcomes, those first that ask for attention.
pub(super) const BY_ATTENTION: [Outcome; 5] =
    [Outcome::Drifted, Outcome::Unread, Outcome::Waived, Outcome::InSync, Outcome::NotApplicable];
