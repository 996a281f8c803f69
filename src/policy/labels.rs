//! Doubts and mistakes that have many places: the first few are shown, the rest counted.

use crate::diagnostic::{Diagnostic, Span};

/// More places than these are counted, not shown.
const SHOWN_AT_MOST: usize = 5;

/// What a message about so many places ends with.
pub(super) fn shown(count: usize) -> String {
    if count > SHOWN_AT_MOST { format!("; showing the first {SHOWN_AT_MOST}") } else { String::new() }
}

/// Labels the first few of the places.
pub(super) fn label(mut diagnostic: Diagnostic, spans: &[Span], text: &str) -> Diagnostic {
    for span in spans.iter().take(SHOWN_AT_MOST) {
        diagnostic = diagnostic.label(*span, text);
    }
    diagnostic
}
