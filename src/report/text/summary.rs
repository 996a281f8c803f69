//! What stands above and below the accounts.

use std::io::{self, Write};

use super::layout::{labelled, wrapped};
use super::{Detail, TextOptions};
use crate::drift::Verdict;
use crate::model::Shard;
use crate::report::escape::terminal;
use crate::report::messages::{self, pluralize};
use crate::report::model::View;
use crate::report::unread_summary::{SharedCause, UnreadSummary};

/// The most lines about causes, so that the details begin on the first page.
const LINES_AT_MOST: usize = 23;

/// The verdict in one line, the causes that accounts share, and the unread targets by reason.
pub(super) fn causes(
    report: &View<'_>,
    unread: &UnreadSummary,
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    verdict(report, options, out)?;
    let mut buffer = Vec::new();
    for cause in &unread.shared {
        labelled("Cause", &stated(cause), options, |part| options.paint.warn(part), &mut buffer)?;
        if !cause.said.is_empty() {
            labelled("", &terminal(&cause.said), options, |part| options.paint.faint(part), &mut buffer)?;
        }
    }
    by_reason(unread, options, &mut buffer)?;
    let causes = String::from_utf8_lossy(&buffer);
    let lines: Vec<&str> = causes.lines().collect();
    let is_cut = lines.len() > LINES_AT_MOST && options.detail < Detail::Verbose;
    let shown = if is_cut { LINES_AT_MOST - 1 } else { lines.len() };
    for line in lines.iter().take(shown) {
        writeln!(out, "{line}")?;
    }
    if is_cut {
        let more = format!("{} about causes (--verbose shows them)", pluralize(lines.len() - shown, "more line"));
        labelled("", &more, options, |part| options.paint.faint(part), out)?;
    }
    writeln!(out)
}

/// A table: reason, accounts, targets, and the fix unless it stands above.
fn by_reason(unread: &UnreadSummary, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<[String; 3]> = unread
        .reasons
        .iter()
        .map(|total| {
            let (accounts, targets) = (pluralize(total.accounts, "account"), pluralize(total.targets, "target"));
            let targets = targets + &total.expected_words();
            [total.reason.as_str().to_owned(), accounts, targets]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    for (index, ([reason, accounts, targets], total)) in rows.iter().zip(&unread.reasons).enumerate() {
        let row = format!("{reason:<0$}  {accounts:>1$}  {targets:>2$}", widths[0], widths[1], widths[2]);
        let is_above = unread.shared.iter().any(|shared| shared.fix == total.fix);
        let fix = if is_above { String::new() } else { format!("  {}", terminal(&total.fix)) };
        // The cells stay on one line where they fit, and are plain text where they do not.
        let row = if "Unread    ".len() + row.len() <= options.width {
            row.replace(' ', "\u{a0}")
        } else {
            format!("{reason}: {accounts}, {targets};")
        };
        let paint = |line: &str| line.replace('\u{a0}', " ");
        labelled(if index == 0 { "Unread" } else { "" }, &format!("{row}{fix}"), options, paint, out)?;
    }
    Ok(())
}

/// The cause, its targets and its fix in one sentence.
fn stated(cause: &SharedCause) -> String {
    terminal(&format!("{} ({}): {}", cause.headline, pluralize(cause.targets, "target"), cause.fix)).into_owned()
}

pub(super) fn heading(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let day = report.run.as_of.map_or_else(String::new, |day| format!("; waivers as on {day}"));
    let settings = match &report.run.settings_file {
        Some(file) if options.detail == Detail::Verbose => format!("; settings of {}", terminal(file)),
        _ => String::new(),
    };
    let text = format!(
        "{}, {}, {}; {}{day}{settings}. Drift is shown as wanted → live.",
        pluralize(report.run.policy_files.len(), "policy file"),
        pluralize(messages::accounts(report), "account"),
        pluralize(report.targets.len(), "target"),
        report.source(),
    );
    for line in wrapped(&text, options.width) {
        writeln!(out, "{}", options.paint.faint(&line))?;
    }
    writeln!(out)
}

/// Readings that were not made in this run, with their age.
pub(super) fn carried(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let readings = pluralize(report.targets.len(), "reading");
    let text = match (&report.run.snapshot, &report.run.carried) {
        (Some(taken_at), carried) => {
            let held = carried.as_ref().map_or(0, |carried| carried.readings);
            format!("{held} of {readings} are those of a snapshot, taken {taken_at}")
        }
        (None, Some(carried)) => {
            format!("{} of {readings} are those of an earlier run, which began {}", carried.readings, carried.read_at)
        }
        (None, None) => return Ok(()),
    };
    labelled("Carried", &text, options, |part| options.paint.warn(part), out)
}

/// More accounts than these are counted, not named.
const NAMED_AT_MOST: usize = 5;

/// Accounts that no declaration reaches: an audit must say that it did not look there.
pub(super) fn unreached(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut accounts: Vec<String> = report
        .unreached
        .iter()
        .map(|account| match account.account_name.as_deref() {
            Some(name) => format!("{} ({})", account.account, terminal(name)),
            None => account.account.to_string(),
        })
        .collect();
    let text = match accounts.len() {
        0 => return Ok(()),
        1 => format!("no declaration reaches 1 account of the inventory: {}", accounts.concat()),
        count => {
            let rest = count.saturating_sub(NAMED_AT_MOST);
            accounts.truncate(NAMED_AT_MOST);
            let more = if rest > 0 {
                format!(" and {rest} more (`driftline targets --verbose` lists them)")
            } else {
                String::new()
            };
            format!("no declaration reaches {count} accounts of the inventory: {}{more}", accounts.join(", "))
        }
    };
    labelled("Unasked", &text, options, |part| options.paint.warn(part), out)
}

/// The part of the whole that the run is about. It stands in every degree of detail: the verdict of a part must not pass for
/// that of the whole.
pub(super) fn scope(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if let Some(selected) = report.selected() {
        labelled("Scope", &terminal(&selected.to_string()), options, |part| options.paint.warn(part), out)?;
    }
    if let Some(shard) = Shard::part(report.run.shard) {
        let text = format!("{shard}: only a part of the accounts; `driftline report` merges the parts");
        labelled("Shard", &text, options, |part| options.paint.warn(part), out)?;
    }
    Ok(())
}

pub(super) fn ledger(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    scope(report, options, out)?;
    labelled("Ledger", &messages::ledger(&report.ledger), options, str::to_owned, out)?;
    for line in messages::ledgers(report) {
        labelled("", &line, options, str::to_owned, out)?;
    }
    labelled("Requests", &messages::requests(&report.requests), options, |part| options.paint.faint(part), out)?;
    verdict(report, options, out)
}

pub(super) fn verdict(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = |part: &str| match report.verdict {
        Verdict::InSync => options.paint.good(part),
        Verdict::Drift | Verdict::DriftAndIncomplete => options.paint.bad(part),
        Verdict::Incomplete => options.paint.warn(part),
    };
    labelled("Verdict", &messages::verdict(report), options, paint, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnreadReason;
    use crate::report::text::Paint;
    use crate::report::unread_summary::ReasonTotal;

    #[test]
    fn a_row_about_a_reason_fits_every_width() {
        let total = |reason, targets, expected| ReasonTotal {
            reason,
            accounts: 2,
            targets,
            expected,
            fix: "ask AWS Support, or leave the account out of the policies".to_owned(),
        };
        let reasons = vec![total(UnreadReason::RoleNotAssumable, 24, 12), total(UnreadReason::Denied, 3, 0)];
        let unread = UnreadSummary { reasons, shared: Vec::new() };
        for width in [40, 60, 80, 160] {
            let options = TextOptions { width, paint: Paint::Plain, detail: Detail::Normal, administrator: None };
            let mut out = Vec::new();
            by_reason(&unread, options, &mut out).expect("a table");
            let text = String::from_utf8(out).expect("UTF-8");
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert!(
                text.contains("role_not_assumable") && text.replace(['\n', ' '], "").contains("24targets(12as"),
                "{text}"
            );
        }
    }
}
