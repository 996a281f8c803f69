//! What has changed since an earlier report, and what a change of the policies does: below a problem, and in sum.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::TextOptions;
use super::layout::labelled;
use crate::drift::BaseFacts;
use crate::report::{Changes, Gone, Mark, Review, View, counted, terminal};

/// More resolved problems than these are counted, not listed.
const LISTED_AT_MOST: usize = 12;

/// What is to be said below a problem: how long it has been there, and what the change of policies has to do with it.
pub(super) fn below(mark: Option<Mark>, since: Option<&Cow<'_, str>>, review: Option<Review>) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    match (mark, since) {
        (Some(Mark::New), _) => parts.push("new since the last run".to_owned()),
        (Some(Mark::Changed), Some(since)) => {
            parts.push(format!("changed since the last run; there since {}", terminal(since)));
        }
        (Some(Mark::Persisting), Some(since)) => parts.push(format!("there since {}", terminal(since))),
        _ => {}
    }
    match review {
        Some(Review::Causes) => parts.push("caused by the change of the policies".to_owned()),
        Some(Review::Already) => parts.push("drifting already before the change of the policies".to_owned()),
        Some(Review::Fixes) | None => {}
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What has changed, in sum.
pub(super) fn all(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if let Some(base) = &report.base {
        reviewed(report, base, options, out)?;
    }
    if let Some(changes) = &report.changes {
        since(changes, options, out)?;
    }
    Ok(())
}

fn reviewed(report: &View<'_>, base: &BaseFacts, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let [mut causes, mut already, mut fixes] = [0_usize; 3];
    for setting in report.targets.iter().flat_map(|target| target.settings.clone()) {
        match setting.review {
            Some(Review::Causes) => causes += 1,
            Some(Review::Already) => already += 1,
            Some(Review::Fixes) => fixes += 1,
            None => {}
        }
    }
    let mut text =
        format!("against {}: fixes {fixes}, causes {causes}, {already} drifting already", terminal(&base.revision));
    for part in unmanaged(base) {
        let _ = write!(text, "; {part}");
    }
    labelled("Policies", &text, options, str::to_owned, out)
}

/// What the change takes out of management, in words.
pub(in crate::report) fn unmanaged(base: &BaseFacts) -> Vec<String> {
    let wanted = counted(base.no_longer_wanted, "drift");
    let declared = counted(base.no_longer_declared, "target");
    let parts = [
        (base.no_longer_wanted, format!("{wanted} not wanted any more")),
        (base.no_longer_declared, format!("{declared} not declared any more, and not read")),
    ];
    parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect()
}

fn since(changes: &Changes, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let compared = match &changes.compared_with {
        Some(moment) => format!("since {}", terminal(moment)),
        None => "no earlier report".to_owned(),
    };
    let text = format!(
        "{compared}: {} new, {} changed, {} persisting, {} resolved",
        changes.new,
        changes.changed,
        changes.persisting,
        changes.resolved.len()
    );
    labelled("Changes", &text, options, str::to_owned, out)?;
    for gone in changes.resolved.iter().take(LISTED_AT_MOST) {
        labelled("", &resolved(gone), options, |part| options.paint.good(part), out)?;
    }
    let rest = changes.resolved.len().saturating_sub(LISTED_AT_MOST);
    if rest > 0 {
        labelled("", &format!("and {rest} more resolved"), options, |part| options.paint.faint(part), out)?;
    }
    if !changes.carried.is_empty() {
        let text = format!(
            "of {} nobody knows, since the targets could not be read this time",
            counted(changes.carried.len(), "earlier problem")
        );
        labelled("", &text, options, |part| options.paint.unsure(part), out)?;
    }
    Ok(())
}

fn resolved(gone: &Gone) -> String {
    let why = if gone.undeclared { "not declared any more" } else { "resolved" };
    format!(
        "{why}: {} {} {} (was {}, since {})",
        gone.account,
        terminal(&gone.region),
        terminal(&gone.setting),
        terminal(&gone.was),
        terminal(&gone.since)
    )
}
