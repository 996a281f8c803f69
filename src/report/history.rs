//! Comparison with an earlier report: new, changed, persisting and resolved findings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::changes::{UNREAD, WAIVED};
use super::finding::{Finding, findings, places};
use super::model::{
    ChangeMark, Changes, Concern, End, Resolved, State, Target, TargetSource, Targets, View, WaiverUsage, whole_seconds,
};
use crate::drift::{Comparison, outcome_of_live};
use crate::model::{self, AccountId, DenyingLayer, LiveValue, Region, Resource, is_to_come};
use crate::resource::Outcome;

/// The findings of an earlier report, by key.
#[derive(Debug, Clone)]
pub struct History {
    /// The end of the run.
    finished_at: Timestamp,
    /// Whether the report has a time in the future, by a clock that was ahead.
    clock_was_ahead: bool,
    policy_digest: String,
    /// When unchanged findings were last reported.
    last_notified: Option<Timestamp>,
    findings: BTreeMap<FindingKey, EarlierFinding>,
    /// The concerns about each waiver. Waivers with the same terms are told apart by their order.
    waivers: BTreeMap<WaiverTerms, Vec<Vec<Concern>>>,
}

/// Account, Region, resource, the setting or the word for the target as a whole, and whether that is unread. Drift and what is unread are findings of
/// their own: lost access does not end a drift.
pub(super) type FindingKey = (AccountId, Region, Resource, String, bool);

/// A finding of an earlier report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct EarlierFinding {
    account_name: Option<String>,
    since: Timestamp,
    /// The outcome, and the live value or the reason.
    was: String,
    /// The digest of the sessions that violated a rule; `None` if it is not known any more.
    sessions: Option<String>,
    /// The cause of what was unread; `None` if it is not known any more.
    cause: Option<UnreadCause>,
    /// Whether the waiver of the drift has ended since.
    waiver_ended: bool,
}

/// Details of an unread finding beside its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UnreadCause {
    code: Option<String>,
    action: Option<String>,
    layer: Option<DenyingLayer>,
    policy_arn: Option<String>,
    is_expected: bool,
}

/// The file and the terms of a waiver. Its line changes with every edit above it.
type WaiverTerms = (String, String, Option<String>, Date, Vec<String>);

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
        let news = history.map(|history| history.waiver_news(&self.waivers)).unwrap_or_default();
        for (used, became) in self.waivers.iter_mut().zip(news) {
            used.became = became;
        }
        let changes = compare(history, &self);
        self.changes = Some(changes);
        self.verdict = self.verdict.with_drift(self.has_carried_drift());
        self
    }

    /// Whether targets that are unread in this run drifted when they were last read.
    pub fn has_carried_drift(&self) -> bool {
        self.changes.as_ref().is_some_and(|changes| changes.carried_drift().next().is_some())
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
            let (account_name, was) = (ended.account_name.clone(), ended.was.clone());
            (
                ended_key(ended),
                EarlierFinding {
                    account_name,
                    since: since(ended.since),
                    was,
                    sessions: None,
                    cause: None,
                    waiver_ended: false,
                },
            )
        });
        let mut all: BTreeMap<FindingKey, EarlierFinding> = carried.collect();
        for finding in findings(view) {
            let since = since(finding.since().unwrap_or(finished_at));
            let account_name = finding.target.account_name.as_deref().map(str::to_owned);
            let (was, cause, sessions) = (was(&finding), cause(&finding), sessions(&finding));
            all.insert(
                key(&finding),
                EarlierFinding { account_name, since, was, sessions, cause, waiver_ended: false },
            );
        }
        let last_notified = view.changes.as_ref().and_then(|changes| changes.last_notified).or(Some(finished_at));
        let clock_was_ahead = is_to_come(finished_at, now);
        let finished_at = if clock_was_ahead { since(finished_at) } else { finished_at };
        let mut waivers: BTreeMap<WaiverTerms, Vec<Vec<Concern>>> = BTreeMap::new();
        for used in &view.waivers {
            waivers.entry(terms(used)).or_default().push(used.concerns());
        }
        let policy_digest = view.run.policy_digest.clone();
        Self { finished_at, clock_was_ahead, policy_digest, last_notified, findings: all, waivers }
    }

    /// Whether the report is of these policies.
    pub fn is_of(&self, policy_digest: &str) -> bool {
        self.policy_digest == policy_digest
    }

    /// The same history, in which the waived drift of targets that are unread now counts if no waiver is in force any more: their
    /// live value is the one that was last read.
    #[must_use]
    pub fn with_ended_waivers(mut self, comparison: &Comparison) -> Self {
        for ((account, region, resource, setting, _), earlier) in &mut self.findings {
            let Some(live) = earlier.was.strip_prefix(WAIVED) else { continue };
            let target = model::Target { account: *account, region: region.clone(), resource: *resource };
            let is_drift = comparison.unread_setting(&target, setting).is_some_and(|(desired, today)| {
                let live = LiveValue::parse(desired.setting, live);
                live.is_some_and(|live| outcome_of_live(desired, live, today) == Outcome::Drifted)
            });
            if is_drift {
                earlier.was = format!("{} {live}", Outcome::Drifted.as_str());
                earlier.waiver_ended = true;
            }
        }
        self
    }

    /// Marks each finding of a target.
    fn mark(&self, target: &mut Target<'_>, now: Timestamp) {
        let places: Vec<Option<usize>> = places(target).collect();
        for place in places {
            let finding = Finding { target: std::borrow::Cow::Borrowed(target), place, fold: None };
            let (mark, since) = match self.findings.get(&key(&finding)) {
                None => (ChangeMark::New, now),
                Some(earlier) if earlier.is(&finding) => (ChangeMark::Persisting, earlier.since),
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

impl History {
    /// The first concern about each waiver that was not there before.
    fn waiver_news(&self, waivers: &[WaiverUsage<'_>]) -> Vec<Option<Concern>> {
        let mut seen: BTreeMap<WaiverTerms, usize> = BTreeMap::new();
        let news = |used: &WaiverUsage<'_>| {
            let terms = terms(used);
            let before = self.waivers.get(&terms);
            let nth = seen.entry(terms).or_default();
            let before = before.and_then(|same| same.get(*nth));
            *nth += 1;
            used.concerns().into_iter().find(|concern| before.is_none_or(|before| !before.contains(concern)))
        };
        waivers.iter().map(news).collect()
    }
}

impl WaiverUsage<'_> {
    /// Whether it covers nothing, and nothing that it selects is unknown.
    pub fn is_unused(&self) -> bool {
        self.covered == 0 && self.unread == 0 && self.not_selected == 0
    }

    /// Why it asks for attention, the most pressing first.
    pub fn concerns(&self) -> Vec<Concern> {
        let is_unused = self.is_unused();
        match self.state {
            State::Expired => vec![Concern::Expired],
            State::Ending if is_unused => vec![Concern::Expiring, Concern::Unused],
            State::Ending => vec![Concern::Expiring],
            State::Active if is_unused => vec![Concern::Unused],
            State::Active => Vec::new(),
        }
    }
}

impl EarlierFinding {
    /// The word of the outcome.
    fn outcome(&self) -> Option<&str> {
        self.was.split_once(' ').map(|(outcome, _)| outcome)
    }

    /// Whether a finding is as it was.
    fn is(&self, finding: &Finding<'_>) -> bool {
        let is_same_cause = || self.cause.is_none() || self.cause == cause(finding);
        let is_same_value = match (&self.sessions, sessions(finding)) {
            // How many sessions keep the rule changes with every session.
            (Some(then), Some(now)) => *then == now && self.outcome() == Some(finding.outcome().as_str()),
            _ => self.was == was(finding),
        };
        is_same_value && is_same_cause()
    }
}

/// The changes between an earlier report and this one, whose findings are marked already.
fn compare(history: Option<&History>, view: &View<'_>) -> Changes {
    let mut changes = Changes {
        compared_with: history.map(|history| history.finished_at),
        new: 0,
        newly_unread: 0,
        changed: 0,
        persisting: 0,
        resolved: Vec::new(),
        carried: Vec::new(),
        waivers: view.waivers.iter().filter(|used| used.became.is_some()).count(),
        is_reminder: false,
        last_notified: history.and_then(|history| history.last_notified),
        clock_was_ahead: history.is_some_and(|history| history.clock_was_ahead),
    };
    let mut present: BTreeSet<FindingKey> = BTreeSet::new();
    let mut counts = MarkCounts::default();
    for finding in findings(view) {
        counts.add(&finding);
        present.insert(key(&finding));
    }
    let earlier = history.into_iter().flat_map(|history| &history.findings);
    let ended = earlier.filter(|(key, _)| !present.contains(*key));
    // Both are sorted by account, Region, then resource.
    let mut targets = view.targets.iter().peekable();
    for ((account, region, resource, setting, _), earlier) in ended {
        let place = (*account, region, *resource);
        while targets.next_if(|target| (target.account, &target.region, target.resource) < place).is_some() {}
        let target = targets.peek().filter(|target| (target.account, &target.region, target.resource) == place);
        let kind = end(target.map(|target| &**target), setting, &earlier.was);
        let ended = Resolved {
            resource: *resource,
            account: *account,
            account_name: earlier.account_name.clone(),
            region: region.clone(),
            setting: setting.clone(),
            was: earlier.was.clone(),
            since: earlier.since,
            undeclared: kind == End::Undeclared,
            kind,
            waiver_ended: kind == End::Unknown && earlier.waiver_ended,
        };
        if kind == End::Unknown { changes.carried.push(ended) } else { changes.resolved.push(ended) }
    }
    changes.set_counts(counts);
    changes
}

/// The findings by how they compare with an earlier report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MarkCounts {
    /// New ones, unread or not.
    pub(super) new: usize,
    /// Those of the new ones that are unread.
    pub(super) newly_unread: usize,
    /// Those that are otherwise than they were.
    pub(super) changed: usize,
    /// Those that are as they were.
    pub(super) persisting: usize,
}

impl MarkCounts {
    /// The counts of all findings of a report.
    pub(super) fn from_view(view: &View<'_>) -> Self {
        let mut counts = Self::default();
        findings(view).for_each(|finding| counts.add(&finding));
        counts
    }

    fn add(&mut self, finding: &Finding<'_>) {
        match finding.mark() {
            Some(ChangeMark::Changed) => self.changed += 1,
            Some(ChangeMark::Persisting) => self.persisting += 1,
            Some(ChangeMark::New) | None => {
                self.new += 1;
                self.newly_unread += usize::from(finding.unread().is_some());
            }
        }
    }
}

impl Changes {
    /// Takes over the counts of the findings. Carried drift whose waiver ended has changed, too.
    pub(super) fn set_counts(&mut self, counts: MarkCounts) {
        self.new = counts.new;
        self.newly_unread = counts.newly_unread;
        self.changed = counts.changed + self.ended_waivers();
        self.persisting = counts.persisting;
    }
}

/// Why a finding ended, given the target as it is now; `None` if it is not declared any more.
pub(super) fn end(target: Option<&Target<'_>>, setting: &str, was: &str) -> End {
    let Some(target) = target else { return End::Undeclared };
    if setting == target.resource.subject() {
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

pub(super) fn key(finding: &Finding<'_>) -> FindingKey {
    let target = &finding.target;
    let subject = finding.subject().to_owned();
    (target.account, target.region.clone(), target.resource, subject, finding.unread().is_some())
}

/// The key of a finding that ended or is carried.
pub(super) fn ended_key(ended: &Resolved) -> FindingKey {
    (ended.account, ended.region.clone(), ended.resource, ended.setting.clone(), ended.was_unread())
}

/// A text that differs if the finding does: another live value, another reason, waived or not.
fn was(finding: &Finding<'_>) -> String {
    match (finding.unread(), finding.row()) {
        (Some(unread), _) => format!("{UNREAD}{}", unread.reason.as_str()),
        (None, Some(row)) => format!("{} {}", row.outcome.as_str(), row.live()),
        (None, None) => String::new(),
    }
}

/// The digest of the sessions that violate the rule, if it is one about sessions.
fn sessions(finding: &Finding<'_>) -> Option<String> {
    finding.row()?.sessions.as_ref().map(|found| found.digest.to_string())
}

/// The cause of an unread finding. The message may be another one each time.
fn cause(finding: &Finding<'_>) -> Option<UnreadCause> {
    let unread = finding.unread()?;
    let denial = unread.denial.as_deref();
    let text = |text: Option<&str>| text.map(str::to_owned);
    Some(UnreadCause {
        code: text(unread.evidence.code.as_deref()),
        action: text(denial.and_then(|denial| denial.action.as_deref())),
        layer: denial.and_then(|denial| denial.layer),
        policy_arn: text(denial.and_then(|denial| denial.policy_arn.as_deref())),
        is_expected: finding.is_expected(),
    })
}

fn terms(used: &WaiverUsage<'_>) -> WaiverTerms {
    let waiver = &used.waiver;
    let while_live = waiver.while_live.iter().map(|value| value.to_string()).collect();
    let owner = waiver.owner.as_deref().map(str::to_owned);
    (waiver.origin.file.clone(), waiver.reason.to_string(), owner, waiver.expires, while_live)
}
