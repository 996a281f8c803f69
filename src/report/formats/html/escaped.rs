//! Untrusted text and outcomes on the page.

use maud::{Markup, html};

use crate::model::{AccountState, Origin};
use crate::report::FormatOptions;
use crate::report::escape::{shown, shown_name};
use crate::report::model::Target;
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

/// A declaration by its place, with a link to it where one is known, and its name where it has one.
pub(super) fn place(origin: &Origin, options: &FormatOptions) -> Markup {
    let position = html! { code.place {
        (path(&options.path(&origin.file))) ":" (origin.line) ":" (origin.column)
    } };
    html! {
        @match options.line_link(origin) {
            Some(url) => a href=(url) rel="noopener noreferrer" { (position) },
            None => (position),
        }
        @if let Some(name) = &origin.declaration { " " span.declaration { (untrusted(name)) } }
    }
}

/// A path, which may be broken after its slashes.
pub(super) fn path(path: &str) -> Markup {
    let shown = shown(path);
    html! { bdi { @for (nth, part) in shown.split('/').enumerate() { @if nth > 0 { "/" wbr; } (part) } } }
}

/// The Region of a target, linked to the target's page in the console where the settings name one.
pub(super) fn region(target: &Target<'_>, options: &FormatOptions) -> Markup {
    html! {
        @match options.console_link(target) {
            Some(url) => a.console href=(url) rel="noopener noreferrer" {
                (target.region) span.unseen { " of " (target.account) ", in the console" }
            },
            None => (target.region),
        }
    }
}

/// Text with code between backticks.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks is no code.
    if parts.len().is_multiple_of(2) {
        return untrusted(text);
    }
    html! { @for (nth, part) in parts.iter().enumerate() {
        @if nth % 2 == 1 { code { (shown(part)) } } @else if !part.is_empty() { (untrusted(part)) }
    } }
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
