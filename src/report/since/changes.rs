//! The sum of what has changed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::{History, Place, place};
use crate::model::AccountId;
use crate::report::{View, problems};
use crate::session::Outcome;

/// What has become of a problem since an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
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
    pub resolved: Vec<Gone>,
    /// Problems of targets that could not be read this time: nobody knows whether they are resolved.
    pub carried: Vec<Gone>,
    /// When standing problems were told last, for `--remind`.
    #[serde(default)]
    pub told_at: Option<String>,
}

/// A problem of the earlier report that is not in this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gone {
    /// The account.
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    pub account: AccountId,
    /// The Region.
    pub region: String,
    /// The setting, or `session` for what was unread.
    pub setting: String,
    /// What it was: the outcome, and the live value or the reason.
    pub was: String,
    /// Since when it was there.
    pub since: String,
    /// Whether the target is not declared any more, as opposed to being as wanted.
    #[serde(default)]
    pub undeclared: bool,
}

impl Mark {
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
            told_at: history.and_then(|history| history.told_at.clone()),
        };
        let mut there: BTreeSet<Place> = BTreeSet::new();
        for problem in problems(view) {
            match problem.mark() {
                Some(Mark::Changed) => changes.changed += 1,
                Some(Mark::Persisting) => changes.persisting += 1,
                Some(Mark::New) | None => changes.new += 1,
            }
            there.insert(place(&problem));
        }
        let mut declared = BTreeSet::new();
        let mut unread = BTreeSet::new();
        for target in view.targets.iter() {
            let key = (target.account, target.region.to_string());
            if target.outcome == Outcome::Unread {
                unread.insert(key.clone());
            }
            declared.insert(key);
        }
        for ((account, region, setting), earlier) in history.iter().flat_map(|history| &history.problems) {
            if there.contains(&(*account, region.clone(), setting.clone())) {
                continue;
            }
            let target = (*account, region.clone());
            let gone = Gone {
                account: *account,
                region: region.clone(),
                setting: setting.clone(),
                was: earlier.was.clone(),
                since: earlier.since.clone(),
                undeclared: !declared.contains(&target),
            };
            // Of a target that cannot be read now, nobody knows whether its drift is gone.
            let unknown = unread.contains(&target);
            if unknown { changes.carried.push(gone) } else { changes.resolved.push(gone) }
        }
        changes
    }

    /// Whether nothing is otherwise than it was.
    pub fn is_empty(&self) -> bool {
        self.compared_with.is_some() && self.new == 0 && self.changed == 0 && self.resolved.is_empty()
    }
}
