//! The findings, the most severe first, with a filter that needs no script.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::block::{Block, Context, FINDINGS, WAIVED};
use super::drift::{self, Heading};
use super::escaped::label;
use super::unread;
use crate::model::Severity;
use crate::report::FormatOptions;
use crate::report::finding::{Finding, findings};
use crate::report::fold::folded_list;
use crate::report::model::View;
use crate::report::unread_summary::UnreadSummary;
use crate::resource::Outcome;

/// The section of findings, with the anchors of those that are rendered.
pub(super) struct Findings {
    pub(super) markup: Markup,
    pub(super) anchors: BTreeSet<String>,
    pub(super) count: usize,
}

pub(super) fn section(view: &View<'_>, summary: &UnreadSummary, options: &FormatOptions) -> Findings {
    let mut all: Vec<Finding<'_>> = findings(view).collect();
    all.sort_by_key(|finding| Reverse(finding.severity()));
    let listed = folded_list(&all);
    let of = |wanted| listed.iter().filter(|finding| finding.outcome() == wanted).collect::<Vec<_>>();
    let context = Context { options, now: view.run.finished_at };
    let block = |outcome, bytes| {
        let found = of(outcome);
        let count = all.iter().filter(|finding| finding.outcome() == outcome).count();
        let found = (found.as_slice(), count);
        (count > 0).then(|| match outcome {
            Outcome::Unread => unread::block(found, summary, context),
            Outcome::Waived => drift::block(found, Heading { title: "Waived", class: "waived" }, bytes, context),
            _ => drift::block(found, Heading { title: "Drifted", class: "drifted" }, bytes, context),
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

/// The outcomes that findings have.
const OUTCOMES: [Outcome; 3] = [Outcome::Drifted, Outcome::Unread, Outcome::Waived];

/// Radio buttons that the style sheet reads, each with its number of findings. Without support for that in the browser they are
/// hidden, and every finding is shown.
fn filter(findings: &[Finding<'_>]) -> Markup {
    let of_outcome = |wanted| findings.iter().filter(|finding| finding.outcome() == wanted).count();
    let of_severity = |wanted| findings.iter().filter(|finding| finding.severity() == wanted).count();
    html! {
        div.filter {
            fieldset {
                legend { "Outcome" }
                (button("outcome", "all", "all", findings.len(), true))
                @for outcome in OUTCOMES {
                    (button("outcome", outcome.as_str(), label(outcome), of_outcome(outcome), false))
                }
            }
            fieldset {
                legend { "Severity" }
                (button("severity", "all", "all", findings.len(), true))
                @for severity in Severity::ALL.into_iter().rev() {
                    (button("severity", severity.as_str(), severity.as_str(), of_severity(severity), false))
                }
            }
        }
        p.nothing { "No finding is both." }
    }
}

fn button(name: &str, value: &str, text: &str, count: usize, checked: bool) -> Markup {
    html! {
        label {
            input type="radio" name=(name) id={ (name) "-" (value) } checked[checked] disabled[count == 0];
            " " (text) " " span.count { (count) }
        }
    }
}
