//! The report as a comment on a pull request: the verdict in one line, what matters in a table, the rest folded.
//!
//! Sources: GitHub Docs, "Basic writing and formatting syntax" (alerts, `details`); the marker in the first line is how the
//! comment is found again and edited in place.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::io::{self, Write};

use super::FormatOptions;
use super::escape::code_span;
use super::finding::Finding;
use super::markdown::LimitedMarkdown;
use super::messages::{self, pluralize};
use super::model::{Review, SettingRow, Target, View};
use super::unread_group::{CauseGroup, by_cause, describe};
use crate::drift::{BaseFacts, Ledger};
use crate::model::Severity;
use crate::resource::Outcome;

/// Writes the report for a comment, always short enough for one. What does not fit is counted.
pub fn write_markdown(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    cut.must(&format!("<!-- driftline:comment v1 key={} -->\n", marker(&options.policy_set)));
    cut.must(&format!("## driftline: {}\n\n", headline(&view.ledger)));
    match &view.base {
        Some(base) => review(view, base, options, &mut cut),
        None => drift(view, options, &mut cut),
    }
    unread(view, &mut cut);
    folded(&mut cut, "Waived", &rows(view, |row| row.outcome == Outcome::Waived), options);
    changes(view, &mut cut);
    facts(view, &mut cut);
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

fn drift(view: &View<'_>, options: &FormatOptions, cut: &mut LimitedMarkdown) {
    let rows = rows(view, |row| row.outcome == Outcome::Drifted);
    if !rows.is_empty() {
        table(cut, &rows, options);
    }
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
        table(cut, &causes, options);
    }
    folded(cut, "What this change fixes", &fixes, options);
    folded(cut, "Drifting already", &already, options);
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

/// Unread targets, grouped by account and cause, and settings that are unread by themselves.
fn unread(view: &View<'_>, cut: &mut LimitedMarkdown) {
    let is_partly = |target: &Target<'_>| target.settings.iter().any(|row| row.unread.is_some());
    let targets: Vec<Cow<'_, Target<'_>>> =
        view.targets.iter().filter(|target| target.unread().is_some() || is_partly(target)).collect();
    if targets.is_empty() {
        return;
    }
    let count = targets.len();
    let partial = targets.iter().filter(|target| target.unread().is_none()).count();
    let mut said = Vec::new();
    if count > partial {
        let whole = pluralize(count - partial, "target");
        said.push(format!("> {whole} could not be read: nobody knows how Macie is set there."));
    }
    if partial > 0 {
        said.push(format!("> {} could be read only in part.", pluralize(partial, "target")));
    }
    cut.must(&format!("> [!WARNING]\n{}\n\n", said.join("\n")));
    cut.must(&format!("<details>\n<summary>Not read ({count})</summary>\n\n"));
    let accounts = targets.chunk_by(|one, other| one.account == other.account);
    let left_out = cut.as_fit(accounts.flat_map(unread_of_account));
    if left_out > 0 {
        cut.must(&format!("- and {left_out} more, which stand in the full report\n"));
    }
    cut.must("\n</details>\n\n");
}

/// The lines about an account: one for each cause, and one for each unread setting.
fn unread_of_account(targets: &[Cow<'_, Target<'_>>]) -> Vec<String> {
    let account = targets.first().map(|target| code_span(&target.account.to_string())).unwrap_or_default();
    let quoted = |said: String| if said.is_empty() { said } else { format!(": {}", code_span(&said)) };
    let group_line = |group: CauseGroup<'_>| {
        let (first, unread) = group.first()?;
        let regions: Vec<&str> = group.iter().map(|(target, _)| target.region.as_str()).collect();
        let elsewhere = if group.iter().any(|(_, other)| other.evidence.message != unread.evidence.message) {
            format!(" (so in {}; elsewhere the same with names of its own)", code_span(first.region.as_str()))
        } else {
            String::new()
        };
        let (regions, reason) = (code_span(&regions.join(", ")), code_span(unread.reason.as_str()));
        Some(format!("- {account} {regions} {reason}{}{elsewhere}\n", quoted(describe(unread))))
    };
    let row_line = |target: &Target<'_>, row: &SettingRow<'_>| {
        let unread = row.unread.as_deref()?;
        let (region, key) = (code_span(target.region.as_str()), code_span(row.setting.key()));
        let (reason, said) = (code_span(unread.reason.as_str()), quoted(describe(unread)));
        Some(format!("- {account} {region} {key} {reason}{said}\n"))
    };
    let mut lines: Vec<String> = by_cause(targets).into_iter().filter_map(group_line).collect();
    for target in targets {
        lines.extend(target.settings.iter().filter_map(|row| row_line(target, row)));
    }
    lines
}

fn changes(view: &View<'_>, cut: &mut LimitedMarkdown) {
    let Some(changes) = &view.changes else { return };
    cut.must(&format!("Since the last run: {}.\n\n", messages::change_counts(changes)));
}

fn facts(view: &View<'_>, cut: &mut LimitedMarkdown) {
    cut.must(&format!(
        "{} · {} · {}{}\n",
        messages::ledger(&view.ledger),
        if view.is_live() { code_span(&view.run.finished_at.to_string()) } else { code_span(&view.source()) },
        pluralize(view.run.policy_files.len(), "policy file"),
        view.run.settings_file.as_ref().map_or_else(String::new, |file| format!(" · {}", code_span(file))),
    ));
}

/// Line of the table. Untrusted text stands in code.
fn line(finding: &Finding<'_>, options: &FormatOptions) -> Option<String> {
    let (target, row) = (&finding.target, finding.row()?);
    let account = match target.account_name.as_deref() {
        Some(name) => format!("{} {}", code_span(&target.account.to_string()), code_span(name)),
        None => code_span(&target.account.to_string()),
    };
    let origin = format!("{}:{}", options.path(&row.origin.file), row.origin.line);
    Some(format!(
        "| {account} | {} | {} | {} | {} | {} | {} |\n",
        code_span(target.region.as_str()),
        code_span(row.setting.key()),
        code_span(&row.wanted()),
        code_span(row.live()),
        row.severity.as_str(),
        code_span(&origin)
    ))
}

/// A table of as many rows as fit; the rest is counted.
fn table(cut: &mut LimitedMarkdown, rows: &[Finding<'_>], options: &FormatOptions) {
    cut.must("| Account | Region | Setting | Want | Have | Severity | Declared |\n");
    cut.must("| --- | --- | --- | --- | --- | --- | --- |\n");
    let left_out = cut.as_fit(rows.iter().filter_map(|finding| line(finding, options)));
    cut.must("\n");
    if left_out > 0 {
        cut.must(&format!("and {left_out} more, which stand in the full report.\n\n"));
    }
}

/// The same, folded under a title.
fn folded(cut: &mut LimitedMarkdown, title: &str, rows: &[Finding<'_>], options: &FormatOptions) {
    if rows.is_empty() {
        return;
    }
    cut.must(&format!("<details>\n<summary>{title} ({})</summary>\n\n", rows.len()));
    table(cut, rows, options);
    cut.must("</details>\n\n");
}
