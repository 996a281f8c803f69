//! Checks that the changes in a saved report agree with the rest of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::diagnostic::quote;
use crate::model::UnreadReason;
use crate::report::finding::{SESSION, findings};
use crate::report::history::{FindingKey, end, key};
use crate::report::json::check_past;
use crate::report::model::{ChangeMark, Changes, End, Resolved, Target, View};
use crate::resource::settings;

/// Checks the changes. The targets are known to be sorted.
///
/// # Errors
///
/// The field that does not fit.
pub(super) fn check(changes: &Changes, view: &View<'_>, targets: &[Target<'_>]) -> Result<(), String> {
    let finished = view.run.finished_at;
    let Some(compared) = changes.compared_with else { return check_alone(changes, view) };
    check_past(compared, finished).map_err(|what| format!("`compared_with`: {what}"))?;
    check_numbers(changes, view)?;
    let mut seen: BTreeSet<FindingKey> = findings(view).map(|finding| key(&finding)).collect();
    let lists = [("resolved", &changes.resolved), ("carried", &changes.carried)];
    for (list, nth, ended) in
        lists.into_iter().flat_map(|(name, list)| list.iter().enumerate().map(move |(nth, ended)| (name, nth, ended)))
    {
        let at = |what: String| format!("`{list}[{nth}]`: {what}");
        check_ended(ended, finished).map_err(at)?;
        let kind = kind(ended, targets);
        if ended.kind != kind {
            return Err(at(format!("what is said of the target does not make its `kind` {}", word(ended.kind))));
        }
        if ended.undeclared != (kind == End::Undeclared) {
            return Err(at("its `undeclared` does not fit its `kind`".to_owned()));
        }
        if (list == "carried") != (kind == End::Unknown) {
            return Err(at(format!("what is {} does not stand there", word(kind))));
        }
        if !seen.insert((ended.account, ended.region.clone(), ended.resource, ended.setting.clone())) {
            return Err(at("the problem is still there, or stands twice".to_owned()));
        }
    }
    Ok(())
}

/// Without an earlier report there is nothing but news.
fn check_alone(changes: &Changes, view: &View<'_>) -> Result<(), String> {
    check_numbers(changes, view)?;
    let is_alone = changes.changed == 0
        && changes.persisting == 0
        && changes.resolved.is_empty()
        && changes.carried.is_empty()
        && !changes.clock_was_ahead;
    if is_alone { Ok(()) } else { Err("`compared_with`: it is null, and something has changed since".to_owned()) }
}

fn check_numbers(changes: &Changes, view: &View<'_>) -> Result<(), String> {
    let (mut new, mut otherwise, mut persisting) = (0, 0, 0);
    for finding in findings(view) {
        match finding.mark() {
            Some(ChangeMark::Changed) => otherwise += 1,
            Some(ChangeMark::Persisting) => persisting += 1,
            Some(ChangeMark::New) | None => new += 1,
        }
    }
    if (new, otherwise, persisting) == (changes.new, changes.changed, changes.persisting) {
        Ok(())
    } else {
        Err("it does not count what is new, changed and persisting".to_owned())
    }
}

fn check_ended(ended: &Resolved, finished: Timestamp) -> Result<(), String> {
    check_past(ended.since, finished).map_err(|what| format!("`since`: {what}"))?;
    let setting = settings().find(ended.resource, &ended.setting);
    if setting.is_none() && ended.setting != SESSION {
        return Err(format!("\"{}\" is no setting", quote(&ended.setting)));
    }
    let is_reason = |word: &str| UnreadReason::ALL.iter().any(|reason| reason.as_str() == word);
    let can_have_been = ended.was.split_once(' ').is_some_and(|(outcome, word)| match (outcome, setting) {
        ("drifted" | "waived", Some(setting)) => setting.parse(word).is_some(),
        ("unread", None) => is_reason(word),
        // Whether the resource exists is never unread by itself.
        ("unread", Some(setting)) => setting.spec().absent.is_none() && is_reason(word),
        _ => false,
    });
    if can_have_been {
        Ok(())
    } else {
        Err(format!("\"{}\" is nothing that a target can have been", quote(&ended.was)))
    }
}

/// Why the finding ended, by the report's own target.
fn kind(ended: &Resolved, targets: &[Target<'_>]) -> End {
    let key = (ended.account, &ended.region, ended.resource);
    let found = targets.binary_search_by(|target| (target.account, &target.region, target.resource).cmp(&key));
    end(found.ok().and_then(|index| targets.get(index)), &ended.setting, &ended.was)
}

/// The word of the document.
fn word(kind: End) -> &'static str {
    match kind {
        End::DriftEnded => "drift_ended",
        End::Accepted => "accepted",
        End::ReadableAgain => "readable_again",
        End::NotApplicable => "not_applicable",
        End::Undeclared => "undeclared",
        End::Unknown => "unknown",
    }
}
