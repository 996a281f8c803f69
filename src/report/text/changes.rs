//! What has changed since an earlier report, and what a change of the policies does: below a finding, and in sum.

use std::cmp::Reverse;
use std::io::{self, Write};

use jiff::Timestamp;

use super::layout::labelled;
use super::{Detail, TextOptions};
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings};
use crate::report::messages::{self, base_changes, pluralize};
use crate::report::model::{ChangeMark, Changes, End, Resolved, Review, View};

/// More resolved problems than these are counted, not listed.
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

/// What has changed, in sum.
pub(super) fn all(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if let Some(base) = &report.base {
        let text = format!("against {}: {}", terminal(&base.revision), base_changes(&base.counts));
        labelled("Policies", &text, options, str::to_owned, out)?;
    }
    if let Some(changes) = &report.changes {
        since(report, changes, options, out)?;
    }
    Ok(())
}

fn since(report: &View<'_>, changes: &Changes, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let compared = match &changes.compared_with {
        Some(_) if changes.clock_was_ahead => "since the last run, whose time is yet to come".to_owned(),
        Some(moment) => format!("since {moment}"),
        None => "no earlier report".to_owned(),
    };
    labelled("Changes", &format!("{compared}: {}", messages::change_counts(changes)), options, str::to_owned, out)?;
    // Else the problems stand above, each in its place.
    if options.detail == Detail::Quiet {
        named(report, changes, options, out)?;
    }
    for gone in changes.resolved.iter().take(LISTED_AT_MOST) {
        let paint = |part: &str| match gone.kind {
            End::DriftEnded | End::ReadableAgain => options.paint.good(part),
            _ => options.paint.warn(part),
        };
        labelled("", &ended(gone), options, paint, out)?;
    }
    let rest = changes.resolved.len().saturating_sub(LISTED_AT_MOST);
    if rest > 0 {
        labelled(
            "",
            &format!("and {rest} more that are not there any more"),
            options,
            |part| options.paint.faint(part),
            out,
        )?;
    }
    if !changes.carried.is_empty() {
        let text = format!(
            "of {} nobody knows, since the targets could not be read this time",
            pluralize(changes.carried.len(), "earlier problem")
        );
        labelled("", &text, options, |part| options.paint.warn(part), out)?;
    }
    Ok(())
}

/// The problems that are new or otherwise than they were; where there is none, those that stand.
fn named(report: &View<'_>, changes: &Changes, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let is_news = |mark: ChangeMark| if changes.is_empty() { true } else { mark != ChangeMark::Persisting };
    let mark = |finding: &Finding<'_>| finding.mark().unwrap_or(ChangeMark::New);
    let mut news: Vec<Finding<'_>> = findings(report).filter(|finding| is_news(mark(finding))).collect();
    news.sort_by_key(|finding| (finding.is_waived(), Reverse(finding.severity())));
    for finding in news.iter().take(LISTED_AT_MOST) {
        let is_waived = finding.is_waived();
        let paint = |part: &str| if is_waived { options.paint.faint(part) } else { options.paint.bad(part) };
        labelled("", &news_of(finding, mark(finding)), options, paint, out)?;
    }
    let rest = news.len().saturating_sub(LISTED_AT_MOST);
    if rest > 0 {
        labelled(
            "",
            &format!("and {} like these", pluralize(rest, "more problem")),
            options,
            |part| options.paint.faint(part),
            out,
        )?;
    }
    Ok(())
}

/// One problem in a line, with the account and the Region that it is in.
fn news_of(finding: &Finding<'_>, mark: ChangeMark) -> String {
    let target = &finding.target;
    let name = target.account_name.as_deref().map(|name| format!(" ({})", terminal(name))).unwrap_or_default();
    let place = format!("{}: {}{name} {}", mark.as_str(), target.account, target.region);
    let since = match (mark, finding.since()) {
        (ChangeMark::New, _) | (_, None) => String::new(),
        (_, Some(since)) => format!(", there since {since}"),
    };
    match (finding.unread(), finding.row()) {
        (Some(unread), row) => {
            let key = row.map_or_else(String::new, |row| format!(" {}", row.setting.key()));
            format!("{place}{key} unread ({}){since}", unread.reason.as_str())
        }
        (None, Some(row)) => {
            let waived = if row.waiver.is_some() { ", waived" } else { "" };
            let wanted = row.wanted();
            let (key, wanted, live) = (row.setting.key(), terminal(&wanted), terminal(row.live()));
            format!("{place} {key} is {live}, want {wanted}{waived}{since}")
        }
        (None, None) => place,
    }
}

fn ended(gone: &Resolved) -> String {
    let why = gone.kind.as_str();
    format!(
        "{why}: {} {} {} (was {}, since {})",
        gone.account,
        gone.region,
        terminal(&gone.setting),
        terminal(&gone.was),
        gone.since
    )
}
