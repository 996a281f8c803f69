//! What stands above and below the accounts.

use std::io::{self, BufRead as _, Write};

use super::layout::{Layout, labelled, place, wrapped};
use super::{Detail, TextOptions};
use crate::drift::Verdict;
use crate::model::Shard;
use crate::report::causes::{CauseLine, CauseSource, Causes};
use crate::report::escape::terminal;
use crate::report::messages::{self, pluralize};
use crate::report::model::View;

/// The most lines about the verdict and the causes, so that the details begin on the first page.
const LINES_AT_MOST: usize = 24;

/// The verdict in one line, then each cause with its fix, the most severe first.
pub(super) fn causes(report: &View<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let options = layout.options;
    let causes = Causes::new(report, &layout.unread).lines;
    let lines_at_most = if options.detail == Detail::Verbose { usize::MAX } else { LINES_AT_MOST };
    let mut text = Vec::new();
    for shown in (0..=causes.len().min(lines_at_most)).rev() {
        text.clear();
        verdict(report, options, &mut text)?;
        listed(&causes, shown, options, &mut text)?;
        if text.as_slice().lines().count() <= lines_at_most {
            break;
        }
    }
    out.write_all(&text)?;
    writeln!(out)
}

/// The first of the causes, and the number of the rest. Neighbours with the same fix share a line about it.
fn listed(causes: &[CauseLine], shown: usize, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut label = "Causes";
    for group in causes.get(..shown).unwrap_or(causes).chunk_by(|one, next| one.fix == next.fix) {
        for line in group {
            cause(line, std::mem::take(&mut label), options, out)?;
        }
        let Some(first) = group.first() else { continue };
        let of = if group.len() > 1 { format!(" of these {}", group.len()) } else { String::new() };
        below(&format!("fix{of}: {}", terminal(&first.fix)), options, str::to_owned, out)?;
    }
    match causes.len() - shown {
        0 => Ok(()),
        rest => {
            let more = format!("{} (--verbose shows them)", pluralize(rest, "more cause"));
            labelled(label, &more, options, |part| options.paint.faint(part), out)
        }
    }
}

/// The width of the column with the severity.
const SEVERITY: usize = "critical  ".len();

/// One cause: its severity, what is wrong and where.
fn cause(line: &CauseLine, label: &str, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let (fact, origin) = match &line.source {
        CauseSource::Declaration(origin) => (format!("{}: {}", place(origin), terminal(&line.fact())), Some(origin)),
        CauseSource::Unread(_) => (terminal(&line.fact()).into_owned(), None),
    };
    let narrow = TextOptions { width: options.width.saturating_sub(SEVERITY), ..options };
    let mut severity = options.paint.severity(line.severity, &format!("{:<SEVERITY$}", line.severity.as_str()));
    let paint = |part: &str| {
        let before = std::mem::replace(&mut severity, " ".repeat(SEVERITY));
        format!("{before}{}", options.linked(part.to_owned(), origin))
    };
    labelled(label, &fact, narrow, paint, out)?;
    if line.said.is_empty() {
        return Ok(());
    }
    below(&terminal(&line.said), options, |part| options.paint.faint(part), out)
}

/// A paragraph below a cause.
fn below(text: &str, options: TextOptions, paint: impl Fn(&str) -> String, out: &mut dyn Write) -> io::Result<()> {
    let narrow = TextOptions { width: options.width.saturating_sub(SEVERITY), ..options };
    labelled("", text, narrow, |part| format!("{}{}", " ".repeat(SEVERITY), paint(part)), out)
}

pub(super) fn heading(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let day = report.run.as_of.map_or_else(String::new, |day| format!("; waivers as on {day}"));
    let settings = match &report.run.settings_file {
        Some(file) if options.detail == Detail::Verbose => format!("; settings of {}", terminal(file)),
        _ => String::new(),
    };
    let text = format!(
        "{}, {}, {}; {}{day}{settings}",
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
