//! What has changed since an earlier report, and what a change of the policies does: below a finding, and in sum.

use std::cmp::Reverse;
use std::io::{self, Write};

use jiff::Timestamp;

use super::layout::labelled;
use super::{Detail, TextOptions};
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings};
use crate::report::fold::folded;
use crate::report::messages::{self, base_changes, pluralize};
use crate::report::model::{ChangeMark, Changes, Review, View};
use crate::report::news::{News, Tone};

/// More problems than these are counted, not listed.
const LISTED_AT_MOST: usize = 12;

/// What is to be said below a finding: how long it has been there, and what the change of policies has to do with it.
pub(super) fn below(mark: Option<ChangeMark>, since: Option<Timestamp>, review: Option<Review>) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    match (mark, since) {
        (Some(ChangeMark::New), _) => parts.push("new since the last run".to_owned()),
        (Some(ChangeMark::Changed), Some(since)) => {
            parts.push(format!("changed since the last run; there since {since}"));
        }
        (Some(ChangeMark::Persisting), Some(since)) => parts.push(format!("there since {since}")),
        _ => {}
    }
    match review {
        Some(Review::Causes) => parts.push("caused by the change of the policies".to_owned()),
        Some(Review::Already) => parts.push("there already before the change of the policies".to_owned()),
        Some(Review::Waives) => parts.push("waived by the change of the policies".to_owned()),
        Some(Review::Accepts) | None => {}
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The list that the report begins with, if it was compared with an earlier one.
pub(super) fn news(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let Some(news) = News::from_view(report) else { return Ok(()) };
    let faint = |part: &str| options.paint.faint(part);
    if options.detail == Detail::Unchanged {
        return news.rest().map_or(Ok(()), |rest| labelled("Unchanged", &rest, options, faint, out));
    }
    if let Some(changes) = &report.changes {
        counts(changes, options, out)?;
    }
    for line in news.lines(str::to_owned) {
        let paint = |part: &str| match line.tone {
            Tone::Bad => options.paint.bad(part),
            Tone::Warning => options.paint.warn(part),
            Tone::Good => options.paint.good(part),
        };
        labelled("", &format!("{}: {}", line.label, terminal(&line.text)), options, paint, out)?;
    }
    if let Some(rest) = news.rest() {
        labelled("", &rest, options, faint, out)?;
    }
    if options.detail > Detail::Quiet { writeln!(out) } else { Ok(()) }
}

/// What has changed, in sum.
pub(super) fn all(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if let Some(base) = &report.base {
        let text = format!("against {}: {}", terminal(&base.revision), base_changes(&base.counts));
        labelled("Policies", &text, options, str::to_owned, out)?;
    }
    let Some(changes) = &report.changes else { return Ok(()) };
    if changes.compared_with.is_none() {
        counts(changes, options, out)?;
    }
    // Else the problems stand above, each in its place, or are as before, which is one line.
    let is_told = options.detail > Detail::Quiet || (changes.compared_with.is_some() && !changes.is_reminder);
    if is_told { Ok(()) } else { named(report, options, out) }
}

/// The number of changes of each kind, and what they are compared with.
fn counts(changes: &Changes, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let compared = match &changes.compared_with {
        Some(_) if changes.clock_was_ahead => "since the last run, whose time is yet to come".to_owned(),
        Some(moment) => format!("since {moment}"),
        None => "no earlier report".to_owned(),
    };
    labelled("Changes", &format!("{compared}: {}", messages::change_counts(changes)), options, str::to_owned, out)
}

/// The problems, the most severe first, where none is news or all are.
fn named(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut all: Vec<Finding<'_>> = folded(findings(report).collect());
    all.sort_by_key(|finding| (finding.is_waived(), Reverse(finding.severity())));
    for finding in all.iter().take(LISTED_AT_MOST) {
        let is_waived = finding.is_waived();
        let paint = |part: &str| if is_waived { options.paint.faint(part) } else { options.paint.bad(part) };
        labelled("", &problem(finding), options, paint, out)?;
    }
    match all.len().saturating_sub(LISTED_AT_MOST) {
        0 => Ok(()),
        rest => {
            let text = format!("and {} like these", pluralize(rest, "more problem"));
            labelled("", &text, options, |part| options.paint.faint(part), out)
        }
    }
}

/// One problem in a line, with the account and the Region that it is in.
fn problem(finding: &Finding<'_>) -> String {
    let target = &finding.target;
    let mark = finding.mark().unwrap_or(ChangeMark::New);
    let name = target.account_name.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
    let id = if name.is_empty() { target.account.to_string() } else { format!("({})", target.account) };
    let since = match (mark, finding.since()) {
        (ChangeMark::New, _) | (_, None) => String::new(),
        (_, Some(since)) => format!(", there since {since}"),
    };
    let text = format!("{name}{id} {} {}{since}", target.region, finding.fact());
    format!("{}: {}", mark.as_str(), terminal(&text))
}
