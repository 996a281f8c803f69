//! The report as a comment on a pull request: the verdict in one line, the causes with their fixes, what matters in a table, the rest
//! folded.
//!
//! What a change of the policies waives or accepts comes before the causes, since a reviewer approves it.
//!
//! Sources: GitHub Docs, "Basic writing and formatting syntax" (alerts, `details`); the marker in the first line is how the
//! comment is found again and edited in place.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::FormatOptions;
use super::account_labels::AccountLabels;
use super::approved::{add_approved, approved_findings};
use super::causes::Causes;
use super::escape::code_span;
use super::finding::{Finding, findings, worst_first};
use super::finding_table::{Column, DRIFT, EXPECTED, TableStyle, WAIVED, add_table, add_unread};
use super::markdown::{FULL_REPORT, LimitedMarkdown, Row, add_causes, selection_paragraph};
use super::messages::{self, VerdictFacts, base_changes, pluralize};
use super::model::{Review, Target, View};
use super::news::{Line, News};
use super::unread_summary::UnreadSummary;
use crate::drift::{BaseFacts, Verdict};

/// The accounts and Regions of a row that a comment names.
pub(super) const NAMED: usize = 8;

/// Writes the report for a comment, always short enough for one: cautions, causes, and tables. What does not fit is counted. Where
/// it was compared with an earlier report it begins with what changed, and leaves the rest to the full report.
pub fn write_markdown(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    cut.must(&format!("<!-- driftline:comment v1 key={} -->\n", marker(&options.policy_set)));
    cut.must(&format!("## driftline: {}\n\n", headline(view)));
    cut.must(&selection_paragraph(view.selected()));
    caution(view, &mut cut);
    body(view, (NAMED, options), |cut| facts(view, cut), &mut cut);
    cut.write(out)
}

/// Adds everything below the head, with rows that name so many accounts and Regions. `facts` adds what stands behind the causes.
pub(super) fn body(
    view: &View<'_>,
    (named, options): (usize, &FormatOptions),
    facts: impl FnOnce(&mut LimitedMarkdown),
    cut: &mut LimitedMarkdown,
) {
    let news = News::from_view(view);
    let has_rest = news.as_ref().is_none_or(News::is_reminder);
    let has_tables = has_rest || view.base.is_some();
    let accounts = if has_tables { AccountLabels::for_findings(view) } else { AccountLabels::default() };
    let style = TableStyle { named, options, accounts: &accounts };
    changes(view, news.as_ref(), options, cut);
    if let Some(base) = &view.base {
        against(view, base, &style, cut);
    }
    // The rest of the changes stands there already.
    add_causes(cut, &Causes::beside(view, &UnreadSummary::new(view), news.as_ref()), options);
    facts(cut);
    if view.base.is_some() {
        review(view, &style, cut);
    }
    if has_rest {
        standing(view, &style, cut);
    }
    accounts.add_ids(cut);
}

/// A text inside an HTML comment, which nothing in it can end. Different texts stay different, so that no set edits the comment of
/// another one: every other byte is percent-encoded, and so is a hyphen that is not between two words.
///
/// Source: HTML Living Standard, "Comments".
pub(super) fn marker(text: &str) -> String {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let encode = |(at, byte): (usize, &u8)| {
        let joins = || at > 0 && is_word(bytes.get(at - 1)) && is_word(bytes.get(at + 1));
        if byte.is_ascii_alphanumeric() || b"/._ ".contains(byte) || (*byte == b'-' && joins()) {
            char::from(*byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    bytes.iter().enumerate().map(encode).collect()
}

/// The findings that no earlier report and no earlier policies account for: drift in a table, the rest folded.
fn standing(view: &View<'_>, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    let is_listed = |finding: &Finding<'_>| view.base.is_some() && finding.review().is_some();
    let rest = findings(view).filter(|finding| !is_listed(finding));
    let (mut counted, excused): (Vec<Finding<'_>>, Vec<Finding<'_>>) = rest.partition(|it| view.is_counted(it));
    counted.sort_by_key(|finding| Reverse(finding.severity()));
    let (unread, drift): (Vec<Finding<'_>>, Vec<Finding<'_>>) =
        counted.into_iter().partition(|finding| finding.unread().is_some());
    if !drift.is_empty() {
        add_table(cut, &drift, DRIFT, style);
    }
    if !unread.is_empty() {
        cut.folded(&format!("Unread ({})", unread.len()), |cut| add_unread(cut, &unread, style));
    }
    let (waived, expected): (Vec<Finding<'_>>, Vec<Finding<'_>>) = excused.into_iter().partition(Finding::is_waived);
    folded(cut, "Unread as expected", &expected, EXPECTED, style);
    folded(cut, "Waived", &waived, WAIVED, style);
}

/// `2 drifted, 1 unread, 1 waived of 36 targets`.
fn headline(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let facts = VerdictFacts::from_view(view);
    let parts: Vec<String> = [(ledger.drifted, "drifted"), (facts.unexpected, "unread"), (ledger.waived, "waived")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| {
            let partly = if word == "drifted" { messages::partly_unread(ledger, " (") } else { String::new() };
            format!("{count} {word}{partly}{}", if partly.is_empty() { "" } else { ")" })
        })
        .collect();
    let (whole, rest) = (pluralize(ledger.declared, "target"), facts.rest());
    if ledger.drifted == 0 && facts.unexpected == 0 {
        let waived = if ledger.waived > 0 { format!(", {} of them waived", ledger.waived) } else { String::new() };
        let verdict = match view.verdict {
            Verdict::Drift => "drift",
            Verdict::DriftAndIncomplete => "drift, and nothing could be read",
            Verdict::Incomplete => "nothing could be read",
            Verdict::InSync if facts.expected.is_some() => "no drift",
            Verdict::InSync => "in sync",
        };
        return format!("{verdict}, {whole}{waived}{rest}");
    }
    format!("{} of {whole}{rest}", parts.join(", "))
}

/// What the change of policies does, first what a reviewer approves.
pub(super) fn against(view: &View<'_>, base: &BaseFacts, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    let changes = base_changes(&base.counts);
    cut.must(&format!("Against {}, this change {changes}.\n\n", code_span(&base.revision)));
    add_approved(cut, &approved_findings(view), style);
}

/// What the change of policies causes, and, folded, what was there already.
pub(super) fn review(view: &View<'_>, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    let (causes, others): (Vec<Finding<'_>>, Vec<Finding<'_>>) =
        worst_first(view).into_iter().partition(|finding| finding.review() == Some(Review::Causes));
    let already: Vec<Finding<'_>> =
        others.into_iter().filter(|finding| finding.review() == Some(Review::Already)).collect();
    if !causes.is_empty() {
        cut.must(&format!("### Caused by this change ({})\n\n", causes.len()));
        cut.must("Live is not what the new policies want. After the merge, this stays until it is applied.\n\n");
        add_table(cut, &causes, DRIFT, style);
    }
    folded(cut, "There already", &already, DRIFT, style);
}

/// The number of targets that could not be read, as a whole or in part.
fn caution(view: &View<'_>, cut: &mut LimitedMarkdown) {
    let is_whole = |target: &Target<'_>| target.unread().is_some() && target.expected.is_none();
    let whole = view.targets.iter().filter(|target| is_whole(target)).count();
    let is_partly =
        |target: &Target<'_>| target.settings.iter().any(|row| row.unread.is_some() && row.expected.is_none());
    let partly = view.targets.iter().filter(|target| is_partly(target)).count();
    let mut lines = Vec::new();
    if whole > 0 {
        let whole = pluralize(whole, "target");
        lines.push(format!("> {whole} could not be read: nobody knows what is configured there."));
    }
    if partly > 0 {
        lines.push(format!("> {} could be read only in part.", pluralize(partly, "target")));
    }
    if !lines.is_empty() {
        cut.must(&format!("> [!WARNING]\n{}\n\n", lines.join("\n")));
    }
}

/// The counts, the run, and what has changed since the last one.
fn facts(view: &View<'_>, cut: &mut LimitedMarkdown) {
    cut.must(&format!(
        "{} · {} · {}{}\n\n",
        messages::ledger(&view.ledger),
        if view.is_live() { code_span(&view.run.finished_at.to_string()) } else { code_span(&view.source()) },
        pluralize(view.run.policy_files.len(), "policy file"),
        view.run.settings_file.as_ref().map_or_else(String::new, |file| format!(" · {}", code_span(file))),
    ));
    cut.must(&ledger_list(view));
}

/// The ledger of each resource as a list with a blank line behind; empty if there is only one.
pub(super) fn ledger_list(view: &View<'_>) -> String {
    let lines: Vec<String> = messages::ledgers(view).iter().map(|line| format!("- {line}\n")).collect();
    if lines.is_empty() { String::new() } else { format!("{}\n", lines.concat()) }
}

/// Changes since an earlier report, and one line for the rest.
pub(super) fn changes(view: &View<'_>, news: Option<&News<'_>>, options: &FormatOptions, cut: &mut LimitedMarkdown) {
    let Some(changes) = &view.changes else { return };
    cut.must(&format!("Since the last run: {}.\n\n", messages::change_counts(changes)));
    let Some(news) = news else { return };
    let row = |line: Line| (format!("- **{}** {}\n", line.label, code_span(&line.text)), 1);
    let lines: Vec<Row> = news.lines(|file| options.path(file)).into_iter().map(row).collect();
    if !lines.is_empty() {
        cut.rows(lines, "change", FULL_REPORT);
        cut.must("\n");
    }
    if let Some(rest) = news.rest() {
        cut.must(&format!("{rest}\n\n"));
    }
}

/// A table of findings, folded under a title; nothing if there are none.
fn folded(cut: &mut LimitedMarkdown, title: &str, rows: &[Finding<'_>], columns: &[Column], style: &TableStyle<'_>) {
    if !rows.is_empty() {
        cut.folded(&format!("{title} ({})", rows.len()), |cut| add_table(cut, rows, columns, style));
    }
}
