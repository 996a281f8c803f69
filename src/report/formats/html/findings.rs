//! The findings: what drifts, what is unread, what is waived, each the worst first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::anchor::anchor;
use super::filter::{OUTCOMES, filter, outcome};
use super::{drift, unread};
use crate::report::{FormatOptions, Problem, View, problems};
use crate::session::Outcome;

/// What drifts gets so many bytes.
const DRIFTED: usize = 3_500_000;

/// What is waived gets so many.
const WAIVED: usize = 1_000_000;

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
    let blocks: Vec<Block> = OUTCOMES
        .into_iter()
        .map(|outcome| (outcome, of(outcome)))
        .filter(|(_, problems)| !problems.is_empty())
        .map(|(outcome, problems)| match outcome {
            Outcome::Unread => unread::block(&problems, options),
            Outcome::Waived => drift::block(&problems, "Waived", "waived", WAIVED, options),
            _ => drift::block(&problems, "Drifted", "drifted", DRIFTED, options),
        })
        .collect();
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
