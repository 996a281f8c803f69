//! The report as a comment on a pull request: the verdict in one line, what matters in a table, the rest folded.
//!
//! Sources: GitHub Docs, "Basic writing and formatting syntax" (alerts, `details`); the marker in the first line is how the
//! comment is found again and edited in place.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::FormatOptions;
use super::escape::code_span;
use super::finding::{Finding, findings};
use super::finding_table::{Column, DRIFT, UNREAD, WAIVED, add_table};
use super::markdown::LimitedMarkdown;
use super::messages::{self, pluralize};
use super::model::{Review, SettingRow, Target, View};
use crate::drift::{BaseFacts, Ledger};
use crate::model::Severity;
use crate::resource::Outcome;

/// The accounts and Regions of a row that a comment names.
pub(super) const NAMED: usize = 8;

/// Writes the report for a comment, always short enough for one: cautions, the summary, and tables. What does not fit is counted.
pub fn write_markdown(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    cut.must(&format!("<!-- driftline:comment v1 key={} -->\n", marker(&options.policy_set)));
    cut.must(&format!("## driftline: {}\n\n", headline(&view.ledger)));
    caution(view, &mut cut);
    facts(view, &mut cut);
    match &view.base {
        Some(base) => review(view, base, options, &mut cut),
        None => table(&mut cut, &rows(view, |row| row.outcome == Outcome::Drifted), DRIFT, options),
    }
    let unread: Vec<Finding<'_>> = findings(view).filter(|finding| finding.unread().is_some()).collect();
    folded(&mut cut, "Not read", &unread, UNREAD, options);
    folded(&mut cut, "Waived", &rows(view, |row| row.outcome == Outcome::Waived), WAIVED, options);
    cut.write(out)
}

/// Nothing in it can end the HTML comment.
fn marker(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._ ".contains(letter);
    text.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect()
}

/// `2 drifted, 1 not read, 1 waived of 36 targets`.
fn headline(ledger: &Ledger) -> String {
    let parts: Vec<String> = [(ledger.drifted, "drifted"), (ledger.unread, "not read"), (ledger.waived, "waived")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| {
            let partly = if word == "drifted" { messages::partly_unread(ledger, " (") } else { String::new() };
            format!("{count} {word}{partly}{}", if partly.is_empty() { "" } else { ")" })
        })
        .collect();
    let whole = pluralize(ledger.declared, "target");
    if ledger.drifted == 0 && ledger.unread == 0 {
        let waived = if ledger.waived > 0 { format!(", {} of them waived", ledger.waived) } else { String::new() };
        return format!("in sync, {whole}{waived}");
    }
    format!("{} of {whole}", parts.join(", "))
}

/// The selected settings, the most severe first.
fn rows<'a>(view: &'a View<'_>, is_selected: impl Fn(&SettingRow<'_>) -> bool) -> Vec<Finding<'a>> {
    let mut rows: Vec<Finding<'a>> = Vec::new();
    for target in view.targets.iter() {
        let selected = target.settings.iter().enumerate().filter(|(_, row)| is_selected(row));
        let places: Vec<usize> = selected.map(|(place, _)| place).collect();
        rows.extend(places.into_iter().map(|place| Finding { target: target.clone(), place: Some(place) }));
    }
    rows.sort_by_key(|finding| Reverse(finding.row().map_or(Severity::Low, |row| row.severity)));
    rows
}

/// What the change of policies does: what it causes in full, the rest folded.
pub(super) fn review(view: &View<'_>, base: &BaseFacts, options: &FormatOptions, cut: &mut LimitedMarkdown) {
    let of = |review: Review| rows(view, move |row| row.review == Some(review));
    let (causes, already, fixes) = (of(Review::Causes), of(Review::Already), of(Review::Fixes));
    cut.must(&format!(
        "Against {}, this change **fixes {}**, **causes {}**, and {} drifting already.\n\n",
        code_span(&base.revision),
        fixes.len(),
        causes.len(),
        if already.len() == 1 { "1 was".to_owned() } else { format!("{} were", already.len()) }
    ));
    if !causes.is_empty() {
        cut.must("### What this change causes\n\n");
        cut.must("Live is not what the new policies want. After the merge, these drift until they are applied.\n\n");
        table(cut, &causes, DRIFT, options);
    }
    folded(cut, "What this change fixes", &fixes, DRIFT, options);
    folded(cut, "Drifting already", &already, DRIFT, options);
    if base.unmanaged > 0 {
        let verb = if base.unmanaged == 1 { "is" } else { "are" };
        let text = format!(
            "{} by the old policies {verb} not wanted any more by the new ones.\n\n",
            pluralize(base.unmanaged, "drift")
        );
        cut.must(&text);
    }
    if base.settings_no_longer_declared > 0 {
        let verb = if base.settings_no_longer_declared == 1 { "is" } else { "are" };
        cut.must(&format!(
            "{} of targets that are still declared {verb} not declared any more.\n\n",
            pluralize(base.settings_no_longer_declared, "setting")
        ));
    }
    if base.no_longer_declared > 0 {
        let verb = if base.no_longer_declared == 1 { "is" } else { "are" };
        cut.must(&format!(
            "{} {verb} not declared any more, and not read.\n\n",
            pluralize(base.no_longer_declared, "target")
        ));
    }
}

/// The number of targets that could not be read, as a whole or in part.
fn caution(view: &View<'_>, cut: &mut LimitedMarkdown) {
    let whole = view.targets.iter().filter(|target| target.unread().is_some()).count();
    let is_partly = |target: &Target<'_>| target.settings.iter().any(|row| row.unread.is_some());
    let partly = view.targets.iter().filter(|target| is_partly(target)).count();
    let mut lines = Vec::new();
    if whole > 0 {
        let whole = pluralize(whole, "target");
        lines.push(format!("> {whole} could not be read: nobody knows how Macie is set there."));
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
    if let Some(changes) = &view.changes {
        cut.must(&format!("Since the last run: {}.\n\n", messages::change_counts(changes)));
    }
}

/// A table of findings; nothing if there are none.
fn table(cut: &mut LimitedMarkdown, rows: &[Finding<'_>], columns: &[Column], options: &FormatOptions) {
    if !rows.is_empty() {
        add_table(cut, rows, columns, (NAMED, options));
    }
}

/// The same, folded under a title.
fn folded(cut: &mut LimitedMarkdown, title: &str, rows: &[Finding<'_>], columns: &[Column], options: &FormatOptions) {
    if !rows.is_empty() {
        cut.folded(&format!("{title} ({})", rows.len()), |cut| table(cut, rows, columns, options));
    }
}
