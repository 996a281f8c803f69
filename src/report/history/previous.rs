//! The problems of an earlier report, to hold those of this one against.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ChangeMark;
use crate::model::{AccountId, is_to_come};
use crate::report::json::seconds;
use crate::report::{Problem, ProblemKind, Target, View, problems};

/// The problems of an earlier report, by place.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// When its last answer was in.
    pub(super) finished_at: String,
    /// Whether that is yet to come, by a clock that was ahead.
    pub(super) is_to_come: bool,
    /// When standing problems were told last.
    pub(super) told_at: Option<String>,
    pub(super) problems: BTreeMap<Place, Earlier>,
}

/// Account, Region, and what of the session.
pub(super) type Place = (AccountId, String, String);

/// A problem of an earlier report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    /// Since when it was there.
    pub(super) since: String,
    /// What it was, in words that differ when it does.
    pub(super) was: String,
}

impl History {
    /// The problems of a report. Those that it had carried on, because their targets were unread, are among them.
    ///
    /// What is of a time to come, by a clock that was ahead, is of `now`: the report itself, and since when a problem is there.
    pub fn from_report(view: &View<'_>, now: Timestamp) -> Self {
        let finished_at = view.run.finished_at.to_string();
        let since = |text: &str| match text.parse::<Timestamp>() {
            Ok(time) if time > now => seconds(now).into_owned(),
            _ => text.to_owned(),
        };
        let carried = view.changes.iter().flat_map(|changes| &changes.carried).map(|gone| {
            let place = (gone.account, gone.region.clone(), gone.setting.clone());
            (place, Earlier { since: since(&gone.since), was: gone.was.clone() })
        });
        let mut all: BTreeMap<Place, Earlier> = carried.collect();
        for problem in problems(view) {
            let since = since(problem.since().unwrap_or(&finished_at));
            all.insert(place(&problem), Earlier { since, was: was(&problem) });
        }
        let told_at = view.changes.as_ref().and_then(|changes| changes.last_notified.clone());
        let told_at = told_at.or_else(|| Some(finished_at.clone()));
        let is_to_come = finished_at.parse().is_ok_and(|time| is_to_come(time, now));
        let finished_at = if is_to_come { since(&finished_at) } else { finished_at };
        Self { finished_at, is_to_come, told_at, problems: all }
    }

    /// Says of each problem of a target what has become of it since.
    pub fn mark(&self, target: &mut Target<'_>, now: &str) {
        let whats: Vec<ProblemKind> = Problem::all_of(target).collect();
        for what in whats {
            let problem = Problem { target: std::borrow::Cow::Borrowed(target), what };
            let (key, is) = (place(&problem), was(&problem));
            let (mark, since) = match self.problems.get(&key) {
                None => (ChangeMark::New, now.to_owned()),
                Some(earlier) if earlier.was == is => (ChangeMark::Persisting, earlier.since.clone()),
                Some(earlier) => (ChangeMark::Changed, earlier.since.clone()),
            };
            match what {
                ProblemKind::Unread => {
                    if let Some(unread) = &mut target.unread {
                        unread.mark = Some(mark);
                        unread.since = Some(since.into());
                    }
                }
                ProblemKind::Drift(nth) | ProblemKind::Waived(nth) => {
                    if let Some(setting) = target.settings.get_mut(nth) {
                        setting.mark = Some(mark);
                        setting.since = Some(since.into());
                    }
                }
            }
        }
    }
}

/// What stands for the setting where a target is unread.
pub(crate) const SESSION: &str = "session";

pub(super) fn place(problem: &Problem<'_>) -> Place {
    let subject = problem.setting().map_or(SESSION, |setting| setting.setting.key());
    (problem.target.account, problem.target.region.to_string(), subject.to_owned())
}

/// A problem in words that differ when it does: another live value, another reason, waived or not.
pub(super) fn was(problem: &Problem<'_>) -> String {
    match (problem.setting(), problem.unread()) {
        (Some(setting), _) => {
            format!("{} {}", setting.outcome.as_str(), setting.live.as_deref().unwrap_or("unknown"))
        }
        (None, Some(unread)) => format!("unread {}", unread.reason.as_str()),
        (None, None) => String::new(),
    }
}
