//! Parts of the page with a limited size, and the anchors in them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};

use crate::report::FormatOptions;
use crate::report::finding::Finding;
use crate::report::model::Target;
use crate::resource::Outcome;

/// The bytes for drift, unread targets and waived drift. More of them a browser takes several seconds to open.
pub(super) const FINDINGS: usize = 4_000_000;

/// Of these, the most for unread targets and for waived drift; the rest is for drift.
pub(super) const UNREAD: usize = 1_300_000;
pub(super) const WAIVED: usize = 400_000;

/// The changes since an earlier report.
pub(super) const CHANGES: usize = 300_000;

/// The causes.
pub(super) const CAUSES: usize = 100_000;

/// The map.
pub(super) const MAP: usize = 1_000_000;

/// The list of waivers.
pub(super) const WAIVERS: usize = 400_000;

/// Findings that a change of the policies waives, and those that it accepts.
pub(super) const APPROVED: usize = 40_000;

/// The accounts that no declaration reaches.
pub(super) const UNREACHED: usize = 300_000;

/// The policy files.
pub(super) const FILES: usize = 200_000;

/// The style sheet, and what there is only one of.
const ALL_ELSE: usize = 200_000;

const _: () =
    assert!(FINDINGS + CHANGES + CAUSES + MAP + WAIVERS + 2 * APPROVED + UNREACHED + FILES + ALL_ELSE < 10_000_000);

/// Facts that all findings of a page share.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) options: &'c FormatOptions,
    /// The end of the run, which ages are counted to.
    pub(super) now: Timestamp,
}

/// The first items that fit, and the number of those left out.
pub(super) struct AsFit {
    pub(super) markup: Markup,
    pub(super) count: usize,
    pub(super) bytes: usize,
    pub(super) left_out: usize,
}

/// Renders items in their order until the next one would exceed the size.
pub(super) fn as_fit<T>(items: &[T], bytes: usize, render: impl Fn(&T) -> Markup) -> AsFit {
    let mut text = String::new();
    let mut count = 0;
    for item in items {
        let rendered = render(item).into_string();
        if text.len() + rendered.len() >= bytes {
            break;
        }
        text.push_str(&rendered);
        text.push('\n');
        count += 1;
    }
    let bytes = text.len();
    AsFit { markup: PreEscaped(text), count, bytes, left_out: items.len() - count }
}

/// The number of items left out, if any.
pub(super) fn left_out(count: usize, what: &str) -> Markup {
    html! {
        @if count > 0 {
            p.cut {
                "And " (count) " more " (what) ", left out so that the page stays below 10 MB. "
                "The JSON and CSV reports of the run have them all: " code { "--report csv=FILE" } "."
            }
        }
    }
}

/// The rendered findings of one outcome.
pub(super) struct Block {
    pub(super) markup: Markup,
    /// The anchors of the rendered ones.
    pub(super) anchors: Vec<String>,
}

/// The anchors of findings.
pub(super) fn anchors<'a, 'b: 'a>(findings: impl IntoIterator<Item = &'a Finding<'b>>) -> Vec<String> {
    findings.into_iter().filter_map(anchor).collect()
}

/// The id of a finding's place on the page, cut from its identity.
pub(super) fn anchor(finding: &Finding<'_>) -> Option<String> {
    Some(format!("f-{}", &finding.identity()?[..16]))
}

/// The anchor of the finding that decides a target's outcome: its first drift, its first waived one, or that it is unread. A folded
/// finding has the anchor of one of its settings.
pub(super) fn deciding_anchor(target: &Target<'_>, anchors: &BTreeSet<String>) -> Option<String> {
    let is_there = |finding: &Finding<'_>| anchor(finding).filter(|anchor| anchors.contains(anchor));
    let decides = |finding: &Finding<'_>| finding.outcome() == target.outcome;
    match target.outcome {
        Outcome::Unread if target.unread().is_some() => is_there(&Finding::for_target(target)),
        Outcome::Drifted | Outcome::Waived | Outcome::Unread => {
            Finding::for_settings(target).filter(decides).find_map(|finding| is_there(&finding))
        }
        Outcome::InSync | Outcome::NotApplicable => None,
    }
}
