//! Comparison with an earlier report: new, changed, persisting and resolved findings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::finding::{Finding, SESSION, findings, places};
use super::model::{ChangeMark, Changes, End, Resolved, Target, TargetSource, Targets, View, whole_seconds};
use crate::model::{AccountId, Region, Resource, is_to_come};
use crate::resource::Outcome;

/// The findings of an earlier report, by key.
#[derive(Debug, Clone)]
pub struct History {
    /// The end of the run.
    finished_at: Timestamp,
    /// Whether the report has a time in the future, by a clock that was ahead.
    clock_was_ahead: bool,
    /// When unchanged findings were last reported.
    last_notified: Option<Timestamp>,
    findings: BTreeMap<FindingKey, EarlierFinding>,
}

/// Account, Region, resource, and the setting or `session`.
pub(super) type FindingKey = (AccountId, Region, Resource, String);

/// A finding of an earlier report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct EarlierFinding {
    since: Timestamp,
    /// A text that differs if the finding does.
    was: String,
}

/// Targets whose findings are marked by an earlier report.
struct Marked<'a> {
    targets: Targets<'a>,
    history: &'a History,
    now: Timestamp,
}

impl<'a> View<'a> {
    /// The same report, compared with an earlier one. Without a readable one, everything is new.
    #[must_use]
    pub fn since(mut self, history: Option<&'a History>) -> Self {
        if let Some(history) = history {
            let now = self.run.finished_at;
            self.targets = Targets::Lazy(Box::new(Marked { targets: self.targets, history, now }));
        }
        self.changes = Some(compare(history, &self));
        self
    }
}

impl TargetSource for Marked<'_> {
    fn count(&self) -> usize {
        self.targets.len()
    }

    fn target(&self, index: usize) -> Option<Target<'_>> {
        let mut target = self.targets.get(index)?.into_owned();
        self.history.mark(&mut target, self.now);
        Some(target)
    }
}

impl History {
    /// The findings of a report, including those that it carried on for unread targets.
    ///
    /// Times in the future, by a clock that was ahead, become `now`.
    pub fn from_report(view: &View<'_>, now: Timestamp) -> Self {
        let finished_at = view.run.finished_at;
        let since = |time: Timestamp| if time > now { whole_seconds(now) } else { time };
        let carried = view.changes.iter().flat_map(|changes| &changes.carried).map(|ended| {
            let key = (ended.account, ended.region.clone(), ended.resource, ended.setting.clone());
            (key, EarlierFinding { since: since(ended.since), was: ended.was.clone() })
        });
        let mut all: BTreeMap<FindingKey, EarlierFinding> = carried.collect();
        for finding in findings(view) {
            let since = since(finding.since().unwrap_or(finished_at));
            all.insert(key(&finding), EarlierFinding { since, was: was(&finding) });
        }
        let last_notified = view.changes.as_ref().and_then(|changes| changes.last_notified).or(Some(finished_at));
        let clock_was_ahead = is_to_come(finished_at, now);
        let finished_at = if clock_was_ahead { since(finished_at) } else { finished_at };
        Self { finished_at, clock_was_ahead, last_notified, findings: all }
    }

    /// Marks each finding of a target.
    fn mark(&self, target: &mut Target<'_>, now: Timestamp) {
        let places: Vec<Option<usize>> = places(target).collect();
        for place in places {
            let finding = Finding { target: std::borrow::Cow::Borrowed(target), place };
            let (mark, since) = match self.findings.get(&key(&finding)) {
                None => (ChangeMark::New, now),
                Some(earlier) if earlier.was == was(&finding) => (ChangeMark::Persisting, earlier.since),
                Some(earlier) => (ChangeMark::Changed, earlier.since),
            };
            match place {
                None => (target.mark, target.since) = (Some(mark), Some(since)),
                Some(place) => {
                    if let Some(row) = target.settings.get_mut(place) {
                        (row.mark, row.since) = (Some(mark), Some(since));
                    }
                }
            }
        }
    }
}

/// The changes between an earlier report and this one, whose findings are marked already.
fn compare(history: Option<&History>, view: &View<'_>) -> Changes {
    let mut changes = Changes {
        compared_with: history.map(|history| history.finished_at),
        new: 0,
        changed: 0,
        persisting: 0,
        resolved: Vec::new(),
        carried: Vec::new(),
        last_notified: history.and_then(|history| history.last_notified),
        clock_was_ahead: history.is_some_and(|history| history.clock_was_ahead),
    };
    let mut present: BTreeSet<FindingKey> = BTreeSet::new();
    for finding in findings(view) {
        match finding.mark() {
            Some(ChangeMark::Changed) => changes.changed += 1,
            Some(ChangeMark::Persisting) => changes.persisting += 1,
            Some(ChangeMark::New) | None => changes.new += 1,
        }
        present.insert(key(&finding));
    }
    let Some(history) = history else { return changes };
    let ended = history.findings.iter().filter(|(key, _)| !present.contains(*key));
    // Both are sorted by account, Region, then resource.
    let mut targets = view.targets.iter().peekable();
    for ((account, region, resource, setting), earlier) in ended {
        let place = (*account, region, *resource);
        while targets.next_if(|target| (target.account, &target.region, target.resource) < place).is_some() {}
        let target = targets.peek().filter(|target| (target.account, &target.region, target.resource) == place);
        let kind = end(target.map(|target| &**target), setting, &earlier.was);
        let ended = Resolved {
            resource: *resource,
            account: *account,
            region: region.clone(),
            setting: setting.clone(),
            was: earlier.was.clone(),
            since: earlier.since,
            undeclared: kind == End::Undeclared,
            kind,
        };
        if kind == End::Unknown { changes.carried.push(ended) } else { changes.resolved.push(ended) }
    }
    changes
}

/// Why a finding ended, given the target as it is now; `None` if it is not declared any more.
pub(super) fn end(target: Option<&Target<'_>>, setting: &str, was: &str) -> End {
    let Some(target) = target else { return End::Undeclared };
    if setting == SESSION {
        return match target.unread() {
            Some(_) => End::Unknown,
            None if target.has_live() => End::ReadableAgain,
            // The Region is off, or has no Macie any more.
            None => End::NotApplicable,
        };
    }
    let Some(row) = target.settings.iter().find(|row| row.setting.key() == setting) else {
        return End::Undeclared;
    };
    let live = row.live.as_deref();
    match row.outcome {
        Outcome::Unread => End::Unknown,
        Outcome::NotApplicable => End::NotApplicable,
        _ if was.starts_with(UNREAD) => End::ReadableAgain,
        // The live value is the same.
        _ if live.is_some() && was.split_once(' ').map(|(_, live)| live) == live => End::Accepted,
        _ => End::DriftEnded,
    }
}

/// The beginning of the text of what was unread.
const UNREAD: &str = "unread ";

pub(super) fn key(finding: &Finding<'_>) -> FindingKey {
    let target = &finding.target;
    (target.account, target.region.clone(), target.resource, finding.subject().to_owned())
}

/// A text that differs if the finding does: another live value, another reason, waived or not.
fn was(finding: &Finding<'_>) -> String {
    match (finding.unread(), finding.row()) {
        (Some(unread), _) => format!("{UNREAD}{}", unread.reason.as_str()),
        (None, Some(row)) => format!("{} {}", row.outcome.as_str(), row.live()),
        (None, None) => String::new(),
    }
}
