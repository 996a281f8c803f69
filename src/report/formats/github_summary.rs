//! The summary of a job: Markdown for the file that `GITHUB_STEP_SUMMARY` names.

use crate::drift::Verdict;
use crate::report::FormatOptions;
use crate::report::escape::code_span;
use crate::report::markdown::{LimitedMarkdown, selection_paragraph};
use crate::report::messages::{self, VerdictFacts, pluralize};
use crate::report::model::View;
use crate::report::pull_request::{body, ledger_list};

/// The most bytes that the file may come to. Of one over 1 MiB nothing at all is shown.
///
/// Source: actions/runner, FileCommandManager.cs.
const AT_MOST: u64 = 900 * 1024;

/// With less room than this there is no summary.
const ROOM_AT_LEAST: usize = 4 * 1024;

/// The accounts and Regions of a row that the summary names.
const NAMED: usize = 100;

/// The summary, for a file that holds so many bytes already; empty where there is no room left for one.
///
/// All that others wrote stands in code spans, so that nothing of it is a link, an image, a mention or HTML.
pub fn github_summary(view: &View<'_>, options: &FormatOptions, bytes_there: u64) -> String {
    let room = usize::try_from(AT_MOST.saturating_sub(bytes_there)).unwrap_or(usize::MAX);
    if room < ROOM_AT_LEAST {
        return String::new();
    }
    let mut summary = LimitedMarkdown::with_limit(room);
    summary.must(&head(view));
    body(view, (NAMED, options), |summary| summary.must(&ledger(view)), &mut summary);
    summary.text()
}

/// The verdict.
fn head(view: &View<'_>) -> String {
    let facts = VerdictFacts::from_view(view);
    let is_whole = facts.expected.is_none() && view.ledger.partly_unread == 0;
    let verdict = match view.verdict {
        Verdict::InSync if is_whole => "in sync; everything was read",
        Verdict::InSync => "no drift",
        Verdict::Drift if is_whole => "drift; everything was read",
        Verdict::Drift => "drift",
        Verdict::Incomplete => "no drift in what was read, and not everything was",
        Verdict::DriftAndIncomplete => "drift, and not everything was read",
    };
    format!("## driftline: {verdict}{}\n\n{}", facts.rest(), selection_paragraph(view.selected()))
}

/// The number of targets by outcome, and where the readings come from.
fn ledger(view: &View<'_>) -> String {
    let ledger = view.ledger;
    let partly = match messages::partly_unread(&ledger, "") {
        none if none.is_empty() => none,
        partly => format!("{} of {} drifted, {partly}.\n\n", ledger.drifted, pluralize(ledger.declared, "target")),
    };
    let source = if view.is_live() { String::new() } else { format!("Readings: {}.\n\n", code_span(&view.source())) };
    format!(
        "| Declared | In sync | Drifted | Waived | Not applicable | Unread |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} | {} |\n\n{}{partly}{source}",
        ledger.declared,
        ledger.in_sync,
        ledger.drifted,
        ledger.waived,
        ledger.not_applicable,
        ledger.unread,
        ledger_list(view),
    )
}
