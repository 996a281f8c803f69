//! The sum of what has changed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::previous::{History, Place, SESSION, place};
use crate::model::AccountId;
use crate::report::{Target, View, problems};
use crate::resource::Outcome;

/// What has become of a problem since an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMark {
    /// It was not there.
    New,
    /// It was there, and was otherwise: another live value, another reason, waived or not.
    Changed,
    /// It was there.
    Persisting,
}

/// What has changed since an earlier report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// When the last answer of the earlier report was in; null if there was none that could be read.
    pub compared_with: Option<String>,
    /// Problems that were not there.
    pub new: usize,
    /// Problems that were otherwise.
    pub changed: usize,
    /// Problems that were there.
    pub persisting: usize,
    /// Problems that are not there any more, by account, Region and setting.
    pub resolved: Vec<Resolved>,
    /// Problems of targets that could not be read this time: nobody knows whether they are resolved.
    pub carried: Vec<Resolved>,
    /// When standing problems were told last, for `--remind`.
    #[serde(default, rename = "told_at")]
    pub last_notified: Option<String>,
    /// Whether the earlier report is of a time to come, by a clock that was ahead; `compared_with` is that of this run then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_was_ahead: bool,
}

/// Why a problem is not there any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// What is live has changed, and is as declared.
    #[default]
    DriftEnded,
    /// What is live is as it was, and the policies accept it now.
    Accepted,
    /// The target can be read again.
    ReadableAgain,
    /// The setting or the target does not apply any more: the session is off, or the Region is.
    NotApplicable,
    /// The setting or the target is not declared any more. Nobody knows whether it is otherwise than it was.
    Undeclared,
    /// The target could not be read this time, so that it may still be there.
    Unknown,
}

/// A problem of the earlier report that is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: String,
    /// The setting, or `session` for what was unread.
    pub setting: String,
    /// What it was: the outcome, and the live value or the reason.
    pub was: String,
    /// Since when it was there.
    pub since: String,
    /// Whether the setting or its target is not declared any more, as opposed to being as wanted.
    #[serde(default)]
    pub undeclared: bool,
    /// Why it is not there any more.
    #[serde(default)]
    pub kind: End,
}

impl End {
    /// The words used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriftEnded => "resolved",
            Self::Accepted => "resolved, since the policies accept it now",
            Self::ReadableAgain => "resolved, since it can be read again",
            Self::NotApplicable => "does not apply any more",
            Self::Undeclared => "not declared any more",
            Self::Unknown => "not known",
        }
    }
}

impl ChangeMark {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Persisting => "persisting",
        }
    }
}

impl Changes {
    /// What has changed between an earlier report and this one, whose problems are marked already.
    pub fn between(history: Option<&History>, view: &View<'_>) -> Self {
        let mut changes = Self {
            compared_with: history.map(|history| history.finished_at.clone()),
            new: 0,
            changed: 0,
            persisting: 0,
            resolved: Vec::new(),
            carried: Vec::new(),
            last_notified: history.and_then(|history| history.told_at.clone()),
            clock_was_ahead: history.is_some_and(|history| history.is_to_come),
        };
        let mut there: BTreeSet<Place> = BTreeSet::new();
        for problem in problems(view) {
            match problem.mark() {
                Some(ChangeMark::Changed) => changes.changed += 1,
                Some(ChangeMark::Persisting) => changes.persisting += 1,
                Some(ChangeMark::New) | None => changes.new += 1,
            }
            there.insert(place(&problem));
        }
        let Some(history) = history else { return changes };
        let gone = history.problems.iter().filter(|(place, _)| !there.contains(*place));
        // Both are sorted by account, then Region.
        let mut targets = view.targets.iter().peekable();
        for (place, earlier) in gone {
            let key = (place.0, place.1.as_str());
            while targets.next_if(|target| (target.account, &*target.region) < key).is_some() {}
            let target = targets.peek().filter(|target| (target.account, &*target.region) == key);
            let kind = end(target.map(|target| &**target), &place.2, &earlier.was);
            let gone = Resolved {
                account: place.0,
                region: place.1.clone(),
                setting: place.2.clone(),
                was: earlier.was.clone(),
                since: earlier.since.clone(),
                undeclared: kind == End::Undeclared,
                kind,
            };
            if kind == End::Unknown { changes.carried.push(gone) } else { changes.resolved.push(gone) }
        }
        changes
    }

    /// How many problems are resolved, and how many only not declared any more.
    pub fn ended(&self) -> (usize, usize) {
        let undeclared = self.resolved.iter().filter(|gone| gone.undeclared).count();
        (self.resolved.len() - undeclared, undeclared)
    }

    /// Whether nothing is otherwise than it was.
    pub fn is_empty(&self) -> bool {
        self.compared_with.is_some() && self.new == 0 && self.changed == 0 && self.resolved.is_empty()
    }
}

/// Why a problem of a target is not there any more, given the target as it is now; none if it is not declared any more.
pub(super) fn end(target: Option<&Target<'_>>, setting: &str, was: &str) -> End {
    let Some(target) = target else { return End::Undeclared };
    if setting == SESSION {
        return match (&target.unread, &target.live) {
            (Some(_), _) => End::Unknown,
            (None, Some(_)) => End::ReadableAgain,
            // The Region is off, or has no Macie any more: there is nothing to be read.
            (None, None) => End::NotApplicable,
        };
    }
    let Some(setting) = target.settings.iter().find(|found| found.setting.key() == setting) else {
        return End::Undeclared;
    };
    let live = setting.live.as_deref();
    match setting.outcome {
        Outcome::Unread => End::Unknown,
        Outcome::NotApplicable => End::NotApplicable,
        // The account is as it was.
        _ if live.is_some() && was.split_once(' ').map(|(_, live)| live) == live => End::Accepted,
        _ => End::DriftEnded,
    }
}
