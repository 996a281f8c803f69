//! The report model: plain data that every format is rendered from and that saved reports are read into.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::changes::{ChangeMark, Changes, Concern, End, Resolved};
pub use super::waiver_facts::{Expectation, LapsedWaiver, State, Terms, WaiverFacts, WaiverUsage, Why};
use crate::aws::{Caller, RequestCounts};
use crate::diagnostic::Tool;
pub use crate::drift::Review;
use crate::drift::{BaseFacts, Ledger, Verdict};
use crate::model::{
    AccountId, AccountState, Environment, Evidence, Origin, Region, Resource, SettingId, Severity, Shard,
    TargetSelection, Unread,
};
use crate::resource::session_manager_sessions::{SessionCounts, ViolatingSessions};
use crate::resource::{LastChange, ListedSession, NotApplicable, NotEnabledEvidence, Outcome, Reading};

/// A report.
#[derive(Debug)]
pub struct View<'a> {
    /// The program that made it.
    pub tool: Tool<'a>,
    /// The run behind it, with times in whole seconds.
    pub run: RunFacts,
    /// The verdict over all targets.
    pub verdict: Verdict,
    /// The count of each outcome.
    pub ledger: Ledger,
    /// The same for each resource that has targets.
    pub ledger_by_resource: BTreeMap<Resource, Ledger>,
    /// The requests of the run.
    pub requests: RequestCounts,
    /// Every waiver of the policies, by place.
    pub waivers: Vec<WaiverUsage<'a>>,
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    pub unreached: Vec<UnreachedAccount<'a>>,
    /// The changes since an earlier report, if there was a comparison.
    pub changes: Option<Changes>,
    /// The Git revision whose policies these were compared with, if any.
    pub base: Option<BaseFacts>,
    /// Every declared target exactly once, sorted by account, Region, then resource.
    pub targets: Targets<'a>,
}

/// The run behind a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFacts {
    /// The command, such as `check`.
    pub command: Cow<'static, str>,
    /// The start of the run.
    pub started_at: Timestamp,
    /// The time of the last answer.
    pub finished_at: Timestamp,
    /// Where the readings come from.
    pub source: Environment,
    /// The digest of the policy set.
    pub policy_digest: String,
    /// The policy files, sorted.
    pub policy_files: Vec<String>,
    /// The settings file, as shown, if there is one.
    pub settings_file: Option<String>,
    /// The day for waivers, if it is not that of the run.
    pub as_of: Option<Date>,
    /// The selected targets, if not every declared one was.
    pub selection: Option<RunSelection>,
    /// The part of the accounts, if the run was split.
    pub shard: Option<Shard>,
    /// The readings from earlier runs or from a snapshot.
    pub carried: Option<ReusedReadings>,
    /// When the snapshot was taken, if one stands in for AWS.
    pub snapshot: Option<Timestamp>,
    /// The management account of the organization, if the inventory comes from one.
    pub management_account: Option<AccountId>,
    /// The caller behind the credentials of the run; unknown after an early interruption.
    pub caller: Option<Caller>,
}

/// The targets that a run was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSelection {
    /// The selection.
    pub items: TargetSelection,
    /// The number of declared targets, selected or not.
    pub declared_total: usize,
}

/// Readings from earlier runs or from a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReusedReadings {
    /// How many.
    pub readings: usize,
    /// The start of the run that made them; of several runs, of the first.
    pub read_at: Timestamp,
    /// The same per target, in the order of the comparison; `None` for a reading of this run. Empty for a snapshot, whose
    /// readings share one time, and in a [`View`], whose targets hold the times.
    pub times: Vec<Option<Timestamp>>,
}

/// A source that builds targets one by one: a run may have hundreds of thousands.
pub trait TargetSource {
    /// The number of targets.
    fn count(&self) -> usize;

    /// The target at an index.
    fn target(&self, index: usize) -> Option<Target<'_>>;
}

/// The targets of a report.
pub enum Targets<'a> {
    /// Built on each access.
    Lazy(Box<dyn TargetSource + 'a>),
    /// Held in memory, such as those of a saved report.
    Saved(Vec<Target<'a>>),
}

/// One declared target.
#[derive(Debug, Clone, PartialEq)]
pub struct Target<'a> {
    /// The account.
    pub account: AccountId,
    /// The account's name, if the inventory knows names.
    pub account_name: Option<Cow<'a, str>>,
    /// The account's state in AWS Organizations, if the inventory knows states.
    pub account_state: Option<AccountState>,
    /// The Region.
    pub region: Region,
    /// The resource.
    pub resource: Resource,
    /// The outcome over all settings.
    pub outcome: Outcome,
    /// The reading.
    pub reading: Cow<'a, Reading>,
    /// The sessions that the rules are about, of a target whose sessions are known.
    pub sessions: Option<SessionCounts>,
    /// The start of the run that read the target, if it is an earlier one.
    pub read_at: Option<Timestamp>,
    /// The declared settings.
    pub settings: Vec<SettingRow<'a>>,
    /// Since when the target has been unread, if there was a comparison with an earlier report.
    pub since: Option<Timestamp>,
    /// How an unread target compares with the earlier report.
    pub mark: Option<ChangeMark>,
    /// What a change of the policies does about an unread target, if there was a comparison with earlier policies.
    pub review: Option<Review>,
    /// The expectation that the whole target is unread: of those of its settings the one that ends first.
    pub expected: Option<Expectation<'a>>,
}

/// The expectation for a target that is unread as a whole: of those of its settings the one that ends first. `None` if one of
/// them is not expected to be unread.
pub(super) fn whole_expectation<'t, 'a>(settings: &'t [SettingRow<'a>]) -> Option<&'t Expectation<'a>> {
    let expected: Option<Vec<_>> = settings.iter().map(|row| row.expected.as_ref()).collect();
    expected?.into_iter().min_by_key(|expected| expected.expires)
}

/// The count of each outcome, for each resource that has targets.
pub(super) fn ledger_by_resource(targets: &[Target<'_>]) -> BTreeMap<Resource, Ledger> {
    let mut ledgers: BTreeMap<Resource, Ledger> = BTreeMap::new();
    for target in targets {
        let settings = target.settings.iter().map(|row| (row.outcome, row.expected.as_ref().map(|it| it.expires)));
        ledgers.entry(target.resource).or_default().add(target.outcome, settings.collect());
    }
    ledgers
}

/// One declared setting of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingRow<'a> {
    /// The setting.
    pub setting: SettingId,
    /// The accepted values; the first is the one that `apply` sets.
    pub desired: Vec<Cow<'a, str>>,
    /// The live value, if there is one.
    pub live: Option<Cow<'a, str>>,
    /// The sessions that violate the rule, if it is one about sessions and they are known. They are personal data.
    pub sessions: Option<ViolatingSessions>,
    /// The outcome.
    pub outcome: Outcome,
    /// The severity of a drift.
    pub severity: Severity,
    /// The declaration that decides.
    pub origin: Cow<'a, Origin>,
    /// The declarations that it overrides.
    pub overridden: Vec<Overridden<'a>>,
    /// The waiver that covers the drift.
    pub waiver: Option<WaiverFacts<'a>>,
    /// The waivers that select the finding and do not cover it.
    pub lapsed_waivers: Vec<LapsedWaiver<'a>>,
    /// The expectation that the setting is unread.
    pub expected: Option<Expectation<'a>>,
    /// Why this setting alone is unread, while others of the target are known.
    pub unread: Option<Cow<'a, Unread>>,
    /// Since when there has been a finding, if there was a comparison with an earlier report.
    pub since: Option<Timestamp>,
    /// How the finding compares with the earlier report.
    pub mark: Option<ChangeMark>,
    /// What a change of the policies does here, if there was a comparison with earlier policies.
    pub review: Option<Review>,
    /// The values that the earlier policies accepted, if the new ones accept the finding; else empty.
    pub base_desired: Vec<Cow<'a, str>>,
}

/// A declaration that a more specific one overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden<'a> {
    /// Its place.
    pub origin: Cow<'a, Origin>,
    /// The values that it accepts.
    pub desired: Vec<Cow<'a, str>>,
}

/// An account that no declaration reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreachedAccount<'a> {
    /// The account.
    pub account: AccountId,
    /// The account's name, if the inventory knows names.
    pub account_name: Option<Cow<'a, str>>,
    /// The account's state in AWS Organizations, if the inventory comes from there.
    pub account_state: Option<AccountState>,
}

/// The kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// AWS answered that there is none: Macie is not enabled, or the document does not exist.
    Answer,
    /// account:ListRegions says that the Region is off.
    RegionOff,
    /// The Region refused a token that works in another one.
    RegionOffInferred,
    /// Macie's administrator lists the Region as off for its member.
    RegionOffListed,
    /// Macie's administrator lists the status of its member; the account itself was not asked.
    Listed,
    /// The Region table has no Macie there.
    NoMacieInRegion,
}

impl View<'_> {
    /// Whether rules about sessions are declared, so that sessions may be named: their owners and reasons are personal data.
    pub fn has_sessions(&self) -> bool {
        self.ledger_by_resource.contains_key(&Resource::SessionManagerSessions)
    }

    /// The day for waivers, in UTC.
    pub fn today(&self) -> Date {
        self.run.as_of.unwrap_or_else(|| self.run.started_at.to_zoned_datetime(TimeZone::UTC).date())
    }
}

impl Targets<'_> {
    /// The number of targets.
    pub fn len(&self) -> usize {
        match self {
            Self::Lazy(source) => source.count(),
            Self::Saved(targets) => targets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The targets, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, Target<'_>>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The target at an index.
    pub fn get(&self, index: usize) -> Option<Cow<'_, Target<'_>>> {
        match self {
            Self::Lazy(source) => source.target(index).map(Cow::Owned),
            Self::Saved(targets) => targets.get(index).map(Cow::Borrowed),
        }
    }
}

impl fmt::Debug for Targets<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} targets", self.len())
    }
}

impl Target<'_> {
    /// Why the whole target is unread; `None` if anything is known.
    pub fn unread(&self) -> Option<&Unread> {
        match &*self.reading {
            Reading::Unread(unread) => Some(unread),
            _ => None,
        }
    }

    /// Whether the target is unread, and a waiver expects each of its unread settings to be.
    pub fn is_unread_as_expected(&self) -> bool {
        let mut unread = self.settings.iter().filter(|row| row.outcome == Outcome::Unread);
        self.outcome == Outcome::Unread && unread.all(|row| row.expected.is_some())
    }

    /// Whether a live state is known, including that of a session that is off.
    pub fn has_live(&self) -> bool {
        matches!(
            *self.reading,
            Reading::On(_)
                | Reading::Listed(_)
                | Reading::NotEnabled(_)
                | Reading::Preferences(_)
                | Reading::Sessions(_)
        )
    }

    /// Whether it is a session that is off.
    pub fn is_off(&self) -> bool {
        matches!(*self.reading, Reading::NotEnabled(_))
    }

    /// Whether there is no preferences document.
    pub(super) fn lacks_document(&self) -> bool {
        matches!(&*self.reading, Reading::Preferences(preferences) if preferences.document().is_none())
    }

    /// The account, the Region and the resource.
    pub(super) fn place(&self) -> (AccountId, &str, Resource) {
        (self.account, self.region.as_str(), self.resource)
    }

    /// The sort key of targets.
    pub(super) fn sort_key(&self) -> (AccountId, &Region, Resource) {
        (self.account, &self.region, self.resource)
    }

    /// The evidence that the session is off, that there is no document, or that the target does not apply, or the source of its
    /// status.
    pub fn basis(&self) -> Option<Basis> {
        basis(&self.reading).map(|(basis, _)| basis)
    }

    /// What AWS said of a session that is off, or of a document that does not exist.
    pub fn evidence(&self) -> Option<&Evidence> {
        match &*self.reading {
            Reading::NotEnabled(NotEnabledEvidence::Answer(evidence)) => Some(evidence),
            Reading::Preferences(preferences) => preferences.absence(),
            _ => None,
        }
    }

    /// The part of AWS's answer that was not understood.
    pub fn note(&self) -> Option<&str> {
        match &*self.reading {
            Reading::On(session) => session.note.as_deref(),
            _ => None,
        }
    }

    /// When the live value of a setting was last changed, if it drifts and the service says so.
    pub(super) fn last_change(&self, row: &SettingRow<'_>) -> Option<LastChange> {
        let drifts = matches!(row.outcome, Outcome::Drifted | Outcome::Waived);
        self.reading.last_change(row.setting).filter(|_| drifts)
    }

    /// The greatest severity among the drifted settings.
    pub fn severity(&self) -> Option<Severity> {
        let drifted = self.settings.iter().filter(|row| row.outcome == Outcome::Drifted);
        drifted.map(|row| row.severity).max()
    }
}

/// The evidence behind a reading, with Macie's administrator if the evidence is its list of members.
pub(super) fn basis(reading: &Reading) -> Option<(Basis, Option<AccountId>)> {
    match reading {
        Reading::NotEnabled(NotEnabledEvidence::Answer(_)) => Some((Basis::Answer, None)),
        Reading::NotEnabled(NotEnabledEvidence::RegionOff) | Reading::NotApplicable(NotApplicable::RegionOff) => {
            Some((Basis::RegionOff, None))
        }
        Reading::NotApplicable(NotApplicable::RegionOffInferred) => Some((Basis::RegionOffInferred, None)),
        Reading::Listed(ListedSession { administrator, .. }) => Some((Basis::Listed, Some(*administrator))),
        Reading::NotEnabled(NotEnabledEvidence::RegionOffListed(administrator))
        | Reading::NotApplicable(NotApplicable::RegionOffListed(administrator)) => {
            Some((Basis::RegionOffListed, Some(*administrator)))
        }
        Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
        | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => Some((Basis::NoMacieInRegion, None)),
        Reading::Preferences(preferences) => preferences.absence().map(|_| (Basis::Answer, None)),
        Reading::On(_) | Reading::Sessions(_) | Reading::Unread(_) => None,
    }
}

impl SettingRow<'_> {
    /// The terms of the waiver that covers the drift, or expects the setting to be unread.
    pub fn terms(&self) -> Option<Terms<'_>> {
        let waived = self.waiver.as_ref().map(WaiverFacts::terms);
        waived.or_else(|| self.expected.as_ref().map(Expectation::terms))
    }

    /// The live value for people.
    pub fn live(&self) -> &str {
        self.live.as_deref().unwrap_or("unknown")
    }
}

/// The time in whole seconds. The fraction is cut off, so that no time lies in the future.
pub(super) fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
