//! The changes since an earlier report in the document, and the check that they agree with the rest of it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::quote;
use crate::model::{AccountId, LiveValue, Resource, UnreadReason};
use crate::report::finding::findings;
use crate::report::history::{FindingKey, MarkCounts, end, ended_key, key};
use crate::report::json::check_past;
use crate::report::model::{self, End, Target, View};
use crate::resource::settings;

/// What has changed since an earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Changes {
    /// When the last answer of the earlier report was in; null if there was none that could be read.
    pub(super) compared_with: Option<String>,
    /// Problems that were not there.
    pub(super) new: usize,
    /// Of these, those that are unread: they were read in the earlier report, or were not declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(super) newly_unread: Option<usize>,
    /// Problems that were otherwise.
    pub(super) changed: usize,
    /// Problems that were there.
    pub(super) persisting: usize,
    /// Problems that are not there any more, by account, Region and setting.
    pub(super) resolved: Vec<Resolved>,
    /// Problems of targets that could not be read this time: whether they are resolved is not known. Drift among them counts in
    /// `verdict` and exit code until the target is read again.
    pub(super) carried: Vec<Resolved>,
    /// Waivers that became expiring, expired or unused: those with `became`.
    #[serde(default)]
    pub(super) waivers: usize,
    /// Whether `--remind` repeats persisting problems in this report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reminder: bool,
    /// When persisting problems were last printed, for `--remind`.
    #[serde(default)]
    pub(super) told_at: Option<String>,
    /// Whether the earlier report is of a time to come, by a clock that was ahead; `compared_with` is that of this run then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) clock_was_ahead: bool,
}

/// A problem of the earlier report that is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Resolved {
    /// The resource.
    #[serde(default)]
    pub(super) resource: Resource,
    /// The account.
    pub(super) account: AccountId,
    /// The name of the account; null if no inventory knew it.
    #[serde(default)]
    pub(super) account_name: Option<String>,
    /// The Region.
    pub(super) region: String,
    /// The setting; or `session`, `preferences` or `sessions` for a target that was unread as a whole.
    pub(super) setting: String,
    /// What it was: the outcome, and the live value or the reason.
    pub(super) was: String,
    /// Since when it was there.
    pub(super) since: String,
    /// Whether the setting or its target is no longer declared, as opposed to being in sync.
    #[serde(default)]
    pub(super) undeclared: bool,
    /// Why it is not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "End")]
    pub(super) kind: Option<End>,
    /// Whether a waiver covered the drift in the earlier report, and none does now. Of `carried` only; counted in `changed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) waiver_ended: bool,
}

/// Checks the changes. The targets are known to be sorted.
///
/// # Errors
///
/// The field that does not fit.
pub(super) fn check(changes: &model::Changes, view: &View<'_>, targets: &[Target<'_>]) -> Result<(), String> {
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
            return Err(at(format!("what is said of the target does not make its `kind` {}", ended.kind.key())));
        }
        if ended.undeclared != (kind == End::Undeclared) {
            return Err(at("its `undeclared` does not fit its `kind`".to_owned()));
        }
        if (list == "carried") != (kind == End::Unknown) {
            return Err(at(format!("what is {} does not stand there", kind.key())));
        }
        if ended.waiver_ended && !(kind == End::Unknown && ended.was_drift()) {
            return Err(at("its `waiver_ended` is only for drift that is carried".to_owned()));
        }
        if !seen.insert(ended_key(ended)) {
            return Err(at("the problem is still there, or stands twice".to_owned()));
        }
    }
    Ok(())
}

/// Without an earlier report there is nothing but news.
fn check_alone(changes: &model::Changes, view: &View<'_>) -> Result<(), String> {
    check_numbers(changes, view)?;
    let is_alone = changes.changed == 0
        && changes.persisting == 0
        && changes.resolved.is_empty()
        && changes.carried.is_empty()
        && changes.waivers == 0
        && !changes.is_reminder
        && !changes.clock_was_ahead;
    if is_alone { Ok(()) } else { Err("`compared_with`: it is null, and something has changed since".to_owned()) }
}

fn check_numbers(changes: &model::Changes, view: &View<'_>) -> Result<(), String> {
    let MarkCounts { new, newly_unread, changed, persisting } = MarkCounts::from_view(view);
    let otherwise = changed + changes.ended_waivers();
    if (new, otherwise, persisting) != (changes.new, changes.changed, changes.persisting) {
        return Err("it does not count what is new, changed and persisting".to_owned());
    }
    if newly_unread != changes.newly_unread {
        return Err("`newly_unread`: it does not count what is new and unread".to_owned());
    }
    if view.waivers.iter().filter(|used| used.became.is_some()).count() != changes.waivers {
        return Err("`waivers`: it does not count the waivers with `became`".to_owned());
    }
    Ok(())
}

fn check_ended(ended: &model::Resolved, finished: Timestamp) -> Result<(), String> {
    check_past(ended.since, finished).map_err(|what| format!("`since`: {what}"))?;
    let setting = settings().find(ended.resource, &ended.setting);
    if setting.is_none() && ended.setting != ended.resource.subject() {
        return Err(format!("\"{}\" is no setting", quote(&ended.setting)));
    }
    let is_reason = |word: &str| UnreadReason::ALL.iter().any(|reason| reason.as_str() == word);
    let can_have_been = ended.was.split_once(' ').is_some_and(|(outcome, word)| match (outcome, setting) {
        ("drifted" | "waived", Some(setting)) => LiveValue::parse(setting, word).is_some(),
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
pub(super) fn kind(ended: &model::Resolved, targets: &[Target<'_>]) -> End {
    let key = (ended.account, &ended.region, ended.resource);
    let found = targets.binary_search_by(|target| (target.account, &target.region, target.resource).cmp(&key));
    end(found.ok().and_then(|index| targets.get(index)), &ended.setting, &ended.was)
}
