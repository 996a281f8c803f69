//! Parts of the page of which there can be too many.

use maud::{Markup, PreEscaped, html};

/// What drifts, what is unread and what is waived gets so many bytes.
pub(super) const FINDINGS: usize = 7_300_000;

/// Of these, what is unread gets at most so many, and what is waived; what drifts gets the rest.
pub(super) const UNREAD: usize = 2_300_000;
pub(super) const WAIVED: usize = 700_000;

/// The map.
pub(super) const MAP: usize = 1_500_000;

/// The list of waivers.
pub(super) const WAIVERS: usize = 400_000;

/// The accounts that no declaration reaches.
pub(super) const UNREACHED: usize = 300_000;

/// The policy files.
pub(super) const FILES: usize = 200_000;

/// The style sheet, and what there is only one of.
const ALL_ELSE: usize = 200_000;

const _: () = assert!(FINDINGS + MAP + WAIVERS + UNREACHED + FILES + ALL_ELSE < 10_000_000);

/// As many items as fit, the first ones, and how many are left out.
pub(super) struct AsFit {
    pub(super) markup: Markup,
    pub(super) count: usize,
    pub(super) bytes: usize,
    pub(super) left_out: usize,
}

/// Draws items in their order until the next one would be over so many bytes.
pub(super) fn as_fit<T>(items: &[T], bytes: usize, draw: impl Fn(&T) -> Markup) -> AsFit {
    let mut text = String::new();
    let mut count = 0;
    for item in items {
        let drawn = draw(item).into_string();
        if text.len() + drawn.len() >= bytes {
            break;
        }
        text.push_str(&drawn);
        text.push('\n');
        count += 1;
    }
    let bytes = text.len();
    AsFit { markup: PreEscaped(text), count, bytes, left_out: items.len() - count }
}

/// Says how many are left out, where any are.
pub(super) fn left_out(count: usize, what: &str) -> Markup {
    html! {
        @if count > 0 {
            p.cut { "And " (count) " more " (what) ", left out so that the page stays below 10 MB. The JSON report has them all." }
        }
    }
}
