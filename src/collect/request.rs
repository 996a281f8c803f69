//! What a run is asked to read, within which limits, and what it gives.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::aws::RequestCounts;
use crate::model::{AccountId, DesiredSettings, DesiredTarget, Region, SettingId, Target, Unread, UnreadReason};
use crate::resource::{ReadBy, Reading, Setting, further_settings};

/// One target to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The target.
    pub target: Target,
    /// Whether a declaration that decides about the target names its Region, as opposed to a pattern or to all Regions.
    /// Where Macie cannot be on, a named Region reads as not enabled, any other as not applicable.
    pub region_named: bool,
    /// Whether the administrator's member list holds every setting that is declared.
    pub member_list_suffices: bool,
    /// What is declared: some settings take calls of their own.
    pub declared: Option<Arc<DesiredSettings>>,
}

impl ReadRequest {
    /// The request for what is declared of a target.
    pub fn for_target(target: &DesiredTarget) -> Self {
        Self {
            target: target.target(),
            region_named: target.declared.region_named,
            member_list_suffices: target.declared.settings.iter().all(|desired| desired.setting.spec().in_member_list),
            declared: Some(Arc::clone(&target.declared)),
        }
    }
}

impl ReadRequest {
    /// The declared settings that take calls of their own.
    pub(super) fn further(&self) -> impl Iterator<Item = SettingId> {
        self.declared.iter().flat_map(|declared| further_settings(declared))
    }

    /// Whether a setting is declared for which Macie's administrator answers in place of its members.
    pub(super) fn asks_administrator(&self) -> bool {
        self.further().any(|setting| {
            Setting::for_id(setting)
                .is_some_and(|setting| matches!(setting.read, ReadBy::ExtraCall(call) if call.by_administrator))
        })
    }
}

/// Index of a request, and of its reading.
pub(super) type TargetIndex = usize;

/// The limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectLimits {
    /// Calls in flight at once, of any kind.
    pub concurrency: NonZeroUsize,
    /// How long the run may read; what is not read by then is unread.
    pub deadline: Option<Duration>,
    /// Whether the credentials of accounts whose targets are read are kept for later calls.
    pub keeps_open: bool,
}

/// How Macie's administrator takes part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdministratorReader {
    /// The administrator.
    pub administrator: AccountId,
    /// Who else is asked.
    pub fallback: Fallback,
}

/// Who is asked beside the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The accounts themselves, wherever the member list does not answer.
    Accounts,
    /// Nobody: what the member list does not answer is unread.
    None,
}

/// What a run read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// One reading per request, in the order of the requests.
    pub readings: Vec<Reading>,
    /// The requests to AWS since the session was connected, GetCallerIdentity among them.
    pub requests: RequestCounts,
    /// The Regions whose member list could not be read to its end, and why.
    pub list_failures: BTreeMap<Region, Unread>,
}

/// Why a run ended before everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopReason {
    Interrupted,
    Deadline,
}

impl StopReason {
    /// The reason why the remaining targets are unread.
    pub(super) fn unread(self) -> Unread {
        self.unread_before("target")
    }

    /// The reason why the remaining settings of a target are unread.
    pub(super) fn unread_setting(self) -> Unread {
        self.unread_before("setting")
    }

    fn unread_before(self, what: &str) -> Unread {
        match self {
            Self::Interrupted => {
                let message = format!("the run was interrupted before this {what} was read");
                Unread::local(UnreadReason::Interrupted, message)
            }
            Self::Deadline => {
                Unread::local(UnreadReason::Deadline, format!("the run's deadline came before this {what} was read"))
            }
        }
    }
}
