//! The findings: what drifts, what is unread, what is waived, each the worst first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::anchor::anchor;
use super::filter::{filter, outcome};
use super::limited_list::{FINDINGS, WAIVED};
use super::{drift, unread};
use crate::report::{FormatOptions, Problem, View, problems};
use crate::resource::Outcome;

/// The findings, and the places on the page that they have: what is left out has none.
pub(super) struct Findings {
    pub(super) markup: Markup,
    pub(super) anchors: BTreeSet<String>,
    pub(super) count: usize,
}

/// Some findings of one outcome, as they are drawn.
pub(super) struct Block {
    pub(super) markup: Markup,
    /// Those that are drawn.
    pub(super) anchors: Vec<String>,
}

pub(super) fn findings(view: &View<'_>, options: &FormatOptions) -> Findings {
    let mut all: Vec<Problem<'_>> = problems(view).collect();
    all.sort_by_key(|problem| Reverse(problem.severity()));
    let of = |wanted| all.iter().filter(|problem| outcome(problem) == wanted).collect::<Vec<_>>();
    let block = |outcome, bytes| {
        let problems = of(outcome);
        (!problems.is_empty()).then(|| match outcome {
            Outcome::Unread => unread::block(&problems, options),
            Outcome::Waived => drift::block(&problems, "Waived", "waived", bytes, options),
            _ => drift::block(&problems, "Drifted", "drifted", bytes, options),
        })
    };
    let (unread, waived) = (block(Outcome::Unread, 0), block(Outcome::Waived, WAIVED));
    let used: usize = [&unread, &waived].into_iter().flatten().map(|block| block.markup.0.len()).sum();
    let drifted = block(Outcome::Drifted, FINDINGS.saturating_sub(used));
    let blocks: Vec<Block> = [drifted, unread, waived].into_iter().flatten().collect();
    let markup = html! {
        section.findings #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Findings" }
            @if all.is_empty() {
                p.calm { "Nothing drifts, and nothing is unread." }
            } @else {
                (filter(&all))
                @for block in &blocks { (block.markup) }
            }
        }
    };
    let anchors = blocks.into_iter().flat_map(|block| block.anchors).collect();
    Findings { markup, anchors, count: all.len() }
}

/// The place of a problem on the page.
pub(super) fn anchors<'a, 'b: 'a>(problems: impl IntoIterator<Item = &'a Problem<'b>>) -> Vec<String> {
    problems.into_iter().filter_map(anchor).collect()
}
