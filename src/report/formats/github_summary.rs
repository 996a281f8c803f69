//! The summary of a job: Markdown for the file that `GITHUB_STEP_SUMMARY` names.

use crate::drift::Verdict;
use crate::report::FormatOptions;
use crate::report::escape::code_span;
use crate::report::finding::{Finding, findings, worst_first};
use crate::report::finding_table::{DRIFT, EXPECTED, UNREAD, WAIVED, add_table};
use crate::report::markdown::{LimitedMarkdown, add_unread_in_sum, selection_paragraph};
use crate::report::messages::{self, VerdictFacts, pluralize};
use crate::report::model::View;
use crate::report::news::News;
use crate::report::pull_request::{changes, ledger_list, review};
use crate::report::unread_summary::UnreadSummary;

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
    let news = News::from_view(view);
    if let Some(news) = &news {
        summary.must("\n");
        changes(view, Some(news), options, &mut summary);
    }
    if let Some(base) = &view.base {
        summary.must("\n");
        review(view, base, (NAMED, options), &mut summary);
    }
    if news.is_some_and(|news| !news.is_reminder()) {
        return summary.text();
    }
    let (unread, drift): (Vec<Finding<'_>>, Vec<Finding<'_>>) =
        worst_first(view).into_iter().partition(|finding| finding.unread().is_some());
    if !drift.is_empty() {
        summary.must("\n### Drift\n\n");
        add_table(&mut summary, &drift, DRIFT, (NAMED, options));
    }
    if !unread.is_empty() {
        summary.must("\n### Unread by reason\n\n");
        add_unread_in_sum(&mut summary, &UnreadSummary::new(view));
        summary.must("\n### Unread\n\n");
        add_table(&mut summary, &unread, UNREAD, (NAMED, options));
    }
    let expected: Vec<Finding<'_>> = findings(view).filter(|finding| finding.expected().is_some()).collect();
    if !expected.is_empty() {
        summary.must("\n");
        summary.folded(&format!("{} unread as expected", expected.len()), |summary| {
            add_table(summary, &expected, EXPECTED, (NAMED, options));
        });
    }
    let waived: Vec<Finding<'_>> = findings(view).filter(|finding| finding.is_waived()).collect();
    if !waived.is_empty() {
        summary.must("\n");
        summary.folded(&format!("{} waived", pluralize(waived.len(), "setting")), |summary| {
            add_table(summary, &waived, WAIVED, (NAMED, options));
        });
    }
    summary.text()
}

/// The verdict and the ledger.
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
    let rest = facts.rest();
    let ledger = view.ledger;
    let partly = match messages::partly_unread(&ledger, "") {
        none if none.is_empty() => none,
        partly => format!("\n{} of {} drifted, {partly}.\n", ledger.drifted, pluralize(ledger.declared, "target")),
    };
    let ledgers = match ledger_list(view) {
        list if list.is_empty() => list,
        list => format!("\n{}", list.trim_end_matches('\n').to_owned() + "\n"),
    };
    let selected = selection_paragraph(view.selected());
    let source = if view.is_live() { String::new() } else { format!("\nReadings: {}.\n", code_span(&view.source())) };
    format!(
        "## driftline: {verdict}{rest}\n\n{selected}\
         | Declared | In sync | Drifted | Waived | Not applicable | Unread |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} | {} |\n{ledgers}{partly}{source}",
        ledger.declared, ledger.in_sync, ledger.drifted, ledger.waived, ledger.not_applicable, ledger.unread
    )
}
