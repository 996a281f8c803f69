//! The model of a run: built from its findings, one target at a time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{
    Expectation, LapsedWaiver, Overridden, ReusedReadings, Review, RunFacts, SettingRow, State, Target, TargetSource,
    Targets, UnreachedAccount, View, WaiverFacts, WaiverUsage, Why, whole_expectation, whole_seconds,
};
use crate::aws::RequestCounts;
use crate::diagnostic::Tool;
use crate::drift::{
    BaseCounts, BaseFacts, Comparison, SettingFinding, TargetFinding, TargetReview, WaiverUse, outcome_of,
    review_target,
};
use crate::model::{
    Account, AccountId, Candidate, DesiredSetting, DesiredState, Inventory, SettingId, Waiver, WaiverMatch, WaiverState,
};
use crate::resource::session_manager_sessions::declared_window;
use crate::resource::{Outcome, Reading};

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The run.
    pub run: RunFacts,
    /// Targets, ledger and verdict.
    pub comparison: Comparison,
    /// The accounts of the run.
    pub accounts: Inventory,
    /// The requests of the run.
    pub requests: RequestCounts,
    /// The policies of a Git revision, if these are compared with them.
    pub base: Option<BaseComparison>,
}

/// The desired state of the same accounts at a Git revision.
#[derive(Debug, Clone)]
pub struct BaseComparison {
    /// The revision, as it was named.
    pub revision: String,
    /// The desired state.
    pub desired: DesiredState,
}

impl<'a> From<&'a Report> for View<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            tool: Tool::CURRENT,
            run: report.run.in_whole_seconds(),
            verdict: report.comparison.verdict(),
            ledger: report.comparison.ledger(),
            ledger_by_resource: report.comparison.ledger_by_resource().clone(),
            requests: report.requests,
            waivers: report.comparison.waivers().iter().map(usage).collect(),
            unreached: report.unreached().map(unreached).collect(),
            changes: None,
            base: report.base.as_ref().map(|base| base.facts(&report.comparison)),
            targets: Targets::Lazy(Box::new(report)),
        }
    }
}

impl TargetSource for &Report {
    fn count(&self) -> usize {
        self.comparison.len()
    }

    fn target(&self, index: usize) -> Option<Target<'_>> {
        let finding = self.comparison.get(index)?;
        let desired = finding.desired;
        let account = self.accounts.account(desired.account);
        let is_whole = matches!(finding.reading, Reading::Unread(_));
        let alone = |found: &SettingFinding<'_>| {
            found.unread.as_deref().filter(|_| !is_whole).map(|unread| Cow::Owned(unread.clone()))
        };
        let reviewed = self.base.as_ref().map(|base| base.review(finding)).unwrap_or_default();
        let mut reviews = reviewed.settings.into_iter();
        let sessions = match finding.reading {
            Reading::Sessions(sessions) => Some(&**sessions),
            _ => None,
        };
        let settings = finding.settings().map(|found| {
            let review = reviews.next().flatten();
            let base = self.base.as_ref().filter(|_| review == Some(Review::Accepts));
            let base_desired = base.map(|base| base.desired_of(&desired.target(), found.desired.setting));
            let base_desired = base_desired.unwrap_or_default();
            let sessions = sessions.and_then(|sessions| sessions.violating(found.desired));
            SettingRow { review, base_desired, sessions, unread: alone(&found), ..row(&found) }
        });
        let settings: Vec<SettingRow<'_>> = settings.collect();
        Some(Target {
            account: desired.account,
            account_name: account.and_then(|account| borrowed(account.name.as_deref())),
            account_state: account.and_then(|account| account.state),
            region: desired.region.clone(),
            resource: desired.resource,
            outcome: finding.outcome,
            reading: Cow::Borrowed(finding.reading),
            sessions: sessions.map(|sessions| sessions.counts(declared_window(&desired.declared))),
            read_at: self.run.read_at(index),
            expected: whole_expectation(&settings).filter(|_| is_whole).cloned(),
            settings,
            since: None,
            mark: None,
            review: reviewed.whole,
        })
    }
}

impl Report {
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    pub fn unreached(&self) -> impl Iterator<Item = &Account> {
        let is_here = |id: AccountId| self.run.shard.is_none_or(|shard| shard.has(id));
        self.accounts
            .accounts()
            .iter()
            .filter(move |account| is_here(account.id) && !self.comparison.desired().reaches(account.id))
    }
}

impl RunFacts {
    /// The start of the run that read the target at an index, if it is an earlier one.
    fn read_at(&self, index: usize) -> Option<jiff::Timestamp> {
        self.carried.as_ref()?.times.get(index).copied().flatten().map(whole_seconds)
    }

    fn in_whole_seconds(&self) -> Self {
        let carried = self.carried.as_ref().map(|carried| ReusedReadings {
            readings: carried.readings,
            read_at: whole_seconds(carried.read_at),
            times: Vec::new(),
        });
        Self {
            command: self.command.clone(),
            started_at: whole_seconds(self.started_at),
            finished_at: whole_seconds(self.finished_at),
            policy_digest: self.policy_digest.clone(),
            policy_files: self.policy_files.clone(),
            settings_file: self.settings_file.clone(),
            selection: self.selection.clone(),
            carried,
            snapshot: self.snapshot.map(whole_seconds),
            caller: self.caller.clone(),
            ..*self
        }
    }
}

impl BaseComparison {
    /// What the change of the policies does about the findings of a target.
    fn review(&self, finding: TargetFinding<'_>) -> TargetReview {
        review_target(finding, self.desired.find(&finding.desired.target()))
    }

    /// The values of a setting that the old policies accepted.
    fn desired_of(&self, target: &crate::model::Target, setting: SettingId) -> Vec<Cow<'_, str>> {
        let old = self.desired.find(target);
        let old = old.and_then(|old| old.declared.settings.iter().find(|desired| desired.setting == setting));
        old.map(|desired| values(&desired.decided)).unwrap_or_default()
    }

    /// The revision, what the change does, and what the new policies no longer declare.
    pub fn facts(&self, comparison: &Comparison) -> BaseFacts {
        let mut counts = BaseCounts::default();
        comparison.targets().for_each(|finding| counts.add(&self.review(finding)));
        for old in self.desired.targets() {
            let Some(finding) = comparison.find_target(old) else {
                counts.no_longer_declared += 1;
                continue;
            };
            let is_declared = |desired: &DesiredSetting| {
                finding.desired.declared.settings.iter().any(|now| now.setting == desired.setting)
            };
            let dropped: Vec<&DesiredSetting> =
                old.declared.settings.iter().map(AsRef::as_ref).filter(|desired| !is_declared(desired)).collect();
            counts.settings_no_longer_declared += dropped.len();
            let drifted = dropped
                .into_iter()
                .filter(|desired| outcome_of(desired, finding.reading, finding.today()) == Outcome::Drifted);
            counts.unmanaged += drifted.count();
        }
        BaseFacts { revision: self.revision.clone(), counts }
    }
}

fn row<'a>(finding: &SettingFinding<'a>) -> SettingRow<'a> {
    let desired = finding.desired;
    SettingRow {
        setting: desired.setting,
        desired: values(&desired.decided),
        live: finding.live.as_ref().map(|value| value.text().into_owned().into()),
        sessions: None,
        outcome: finding.outcome,
        severity: desired.severity,
        origin: Cow::Borrowed(&*desired.decided.origin),
        overridden: desired.overridden.iter().map(overridden).collect(),
        waiver: finding.waiver.map(|waiver| waiver_facts(waiver)),
        lapsed_waivers: finding.lapsed().map(lapsed).collect(),
        expected: finding.expected.map(|waiver| expectation(waiver)),
        unread: None,
        since: None,
        mark: None,
        review: None,
        base_desired: Vec::new(),
    }
}

fn values(candidate: &Candidate) -> Vec<Cow<'_, str>> {
    candidate.accepted.texts().collect()
}

fn overridden(candidate: &Candidate) -> Overridden<'_> {
    Overridden { origin: Cow::Borrowed(&*candidate.origin), desired: values(candidate) }
}

fn waiver_facts(waiver: &Waiver) -> WaiverFacts<'_> {
    WaiverFacts {
        resource: waiver.resource,
        origin: Cow::Borrowed(&waiver.origin),
        reason: Cow::Borrowed(&waiver.reason),
        owner: borrowed(waiver.owner.as_deref()),
        expires: waiver.expires,
        while_live: waiver.while_live.iter().map(|(_, value)| value.text()).collect(),
        while_live_by_setting: waiver.while_live_by_setting.then(|| by_setting(waiver)),
        unread_reasons: waiver.expects_unread().then(|| waiver.unread.clone()),
    }
}

fn expectation(waiver: &Waiver) -> Expectation<'_> {
    Expectation {
        origin: Cow::Borrowed(&waiver.origin),
        reason: Cow::Borrowed(&waiver.reason),
        owner: borrowed(waiver.owner.as_deref()),
        expires: waiver.expires,
    }
}

fn by_setting(waiver: &Waiver) -> Vec<(SettingId, Vec<Cow<'_, str>>)> {
    let mut by_setting: BTreeMap<SettingId, Vec<Cow<'_, str>>> = BTreeMap::new();
    for (setting, value) in &waiver.while_live {
        by_setting.entry(*setting).or_default().push(value.text());
    }
    by_setting.into_iter().collect()
}

fn lapsed((waiver, cover): (&Arc<Waiver>, WaiverMatch)) -> LapsedWaiver<'_> {
    let why = match cover {
        WaiverMatch::Expired => Why::Expired,
        WaiverMatch::OtherReason => Why::OtherReason,
        WaiverMatch::OtherValue | WaiverMatch::Covers | WaiverMatch::NotMeant => Why::OtherLiveValue,
    };
    LapsedWaiver { waiver: waiver_facts(waiver), why }
}

fn usage(used: &WaiverUse) -> WaiverUsage<'_> {
    WaiverUsage {
        waiver: waiver_facts(&used.waiver),
        state: match used.state {
            WaiverState::Active => State::Active,
            WaiverState::Ending(_) => State::Ending,
            WaiverState::Expired(_) => State::Expired,
        },
        covered: used.covered,
        uncovered: used.uncovered,
        in_sync: used.in_sync,
        unread: used.unread,
        not_selected: used.not_selected,
        became: None,
    }
}

fn unreached(account: &Account) -> UnreachedAccount<'_> {
    UnreachedAccount {
        account: account.id,
        account_name: borrowed(account.name.as_deref()),
        account_state: account.state,
    }
}

fn borrowed(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}
