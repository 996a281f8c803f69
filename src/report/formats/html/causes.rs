//! What to do first: each declaration that drifts and each reason for which something is unread, with its fix.

use maud::{Markup, html};

use super::badge::severity;
use super::block::{CAUSES, as_fit};
use super::escaped::{place, prose, untrusted};
use crate::report::FormatOptions;
use crate::report::causes::{CauseLine, CauseSource, Causes};
use crate::report::messages::pluralize;
use crate::report::model::View;
use crate::report::unread_summary::UnreadSummary;

/// More causes than these are folded.
const OPEN: usize = 10;

/// The causes of a report; nothing if there are none.
pub(super) fn causes(view: &View<'_>, unread: &UnreadSummary, options: &FormatOptions) -> Markup {
    let lines = Causes::new(view, unread).lines;
    let most = lines.iter().map(|line| line.targets).max().unwrap_or_default();
    let (open, folded) = lines.split_at(lines.len().min(OPEN));
    let list = |lines: &[CauseLine]| {
        let fit = as_fit(lines, CAUSES / 2, |line| cause(line, Some(1), most, options));
        let rendered = lines.get(..fit.count).unwrap_or(lines);
        html! {
            ul.causes {
                // Neighbours with one fix state it once.
                @for group in rendered.chunk_by(|one, next| one.fix == next.fix) {
                    @for (nth, line) in group.iter().enumerate() {
                        (cause(line, (nth + 1 == group.len()).then_some(group.len()), most, options))
                    }
                }
            }
            @if fit.left_out > 0 {
                p.cut {
                    "And " (pluralize(fit.left_out, "more cause")) ", left out to keep the page small. "
                    code { "driftline report FILE --verbose" } " lists all causes of a saved JSON report."
                }
            }
        }
    };
    html! {
        @if !lines.is_empty() {
            section #causes aria-labelledby="causes-title" {
                h2 #causes-title { "What to do first " span.count { (pluralize(lines.len(), "cause")) } }
                (list(open))
                @if !folded.is_empty() {
                    details { summary { (pluralize(folded.len(), "more cause")) } (list(folded)) }
                }
            }
        }
    }
}

/// The width of the widest bar in its own units.
const WIDTH: usize = 100;

/// One cause. The last one with a fix states it, for so many.
fn cause(line: &CauseLine, fixed: Option<usize>, most: usize, options: &FormatOptions) -> Markup {
    let class = match line.source {
        CauseSource::Declaration(_) => "drifted",
        CauseSource::Unread(_) => "unread",
    };
    // What is there at all can be seen.
    let width = (line.targets * WIDTH / most.max(1)).max(1);
    html! {
        li.(line.severity.as_str()).(class) {
            p { (severity(line.severity)) " " strong { (untrusted(&line.fact())) } }
            svg.share viewBox={ "0 0 " (WIDTH) " 1" } preserveAspectRatio="none" aria-hidden="true" {
                rect.(class) width=(width) height="1" {}
            }
            @if let CauseSource::Declaration(origin) = &line.source { p.note { "Declared in " (place(origin, options)) } }
            @if !line.said.is_empty() { p.note { (untrusted(&line.said)) } }
            @match fixed {
                None => {},
                Some(1) => p.note { "Fix: " (prose(&line.fix)) "." },
                Some(count) => p.note { "Fix of these " (count) ": " (prose(&line.fix)) "." },
            }
        }
    }
}
