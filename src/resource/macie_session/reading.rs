//! What was learnt of a target: known, or unread with a reason. There is nothing in between, and no default.

use std::sync::Arc;

use super::CompactTimestamp;
use super::{Frequency, Status};
use crate::model::{AccountId, Evidence, SettingId, Unread, UnreadReason, Value};
use crate::resource::{ReadBy, Setting};

/// What was learnt of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// There is a session, and its status and frequency are known.
    On(LiveSession),
    /// There is a session, and its status is known from Macie's administrator. Only the account itself tells the rest.
    Listed(ListedSession),
    /// There is no session.
    NotEnabled(NotEnabledEvidence),
    /// Macie cannot be on here, and no declaration names this Region: the target asks for nothing.
    NotApplicable(NotApplicable),
    /// Nothing is known.
    Unread(Unread),
}

/// What is known of one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingReading {
    /// Its live value.
    Known(Value),
    /// The target has no such setting: the session is off, or Macie is.
    NotApplicable,
    /// It could not be read.
    Unread(Arc<Unread>),
}

/// A session that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whether it monitors.
    pub status: LiveStatus,
    /// How often it publishes updates of policy findings.
    pub frequency: Frequency,
    /// ARN of the role that Macie uses, as AWS gives it.
    pub service_role: Option<Arc<str>>,
    /// When Macie was enabled.
    pub created_at: Option<CompactTimestamp>,
    /// When status or settings last changed.
    pub updated_at: Option<CompactTimestamp>,
    /// What of the answer could not be understood and is left out here: nothing that is compared.
    pub note: Option<Arc<str>>,
    /// The settings that other calls read, in rule order; `None` where there were none to make.
    pub further: Option<Box<[(SettingId, SettingReading)]>>,
}

/// A session as the administrator's list of members has it.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedSession {
    /// Whether it monitors.
    pub status: LiveStatus,
    /// Who says so.
    pub administrator: AccountId,
}

/// The status of a session that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// `ENABLED`.
    Enabled,
    /// `PAUSED`.
    Paused,
}

/// Why it is known that there is no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotEnabledEvidence {
    /// Macie said so.
    Answer(Evidence),
    /// The Region, which a declaration names, is off for the account: account:ListRegions said so.
    RegionOff,
    /// The same, as Macie's administrator lists its member.
    RegionOffListed(AccountId),
    /// The Region, which a declaration names, has no Macie.
    NoMacieInRegion,
}

/// Why a target that came from a pattern or from "all" asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplicable {
    /// Macie does not exist in the Region, by the Region table.
    NoMacieInRegion,
    /// The Region is off for the account: account:ListRegions said so.
    RegionOff,
    /// The Region is off for the account: Macie's administrator lists it so.
    RegionOffListed(AccountId),
    /// The Region is off for the account: inferred, because it refused a token that works in another Region.
    RegionOffInferred,
}

impl LiveStatus {
    /// The status as a value of the setting.
    pub fn as_status(self) -> Status {
        match self {
            Self::Enabled => Status::Enabled,
            Self::Paused => Status::Paused,
        }
    }
}

impl Reading {
    /// Stands for a reading that should be there and is not: a fault in driftline, and no reason to lose the target.
    pub fn missing() -> Self {
        Self::Unread(Unread::local(
            UnreadReason::Unintelligible,
            "driftline lost sight of this target; this is a fault in driftline",
        ))
    }

    /// Whether there cannot be a session: the Region is off or has no Macie.
    pub fn rules_out_session(&self) -> bool {
        matches!(self, Self::NotEnabled(NotEnabledEvidence::RegionOff | NotEnabledEvidence::NoMacieInRegion))
    }

    /// When the session was last changed, where it was read and AWS says so.
    pub fn updated_at(&self) -> Option<jiff::Timestamp> {
        match self {
            Self::On(session) => session.updated_at.map(CompactTimestamp::timestamp),
            Self::Listed(_) | Self::NotEnabled(_) | Self::NotApplicable(_) | Self::Unread(_) => None,
        }
    }

    /// What is known of one setting.
    pub fn setting(&self, setting: SettingId) -> SettingReading {
        match self {
            Self::On(session) => session.setting(setting),
            Self::Listed(session) => session.setting(setting),
            Self::NotEnabled(_) => {
                setting.spec().absent.clone().map_or(SettingReading::NotApplicable, SettingReading::Known)
            }
            Self::NotApplicable(_) => SettingReading::NotApplicable,
            Self::Unread(unread) => SettingReading::Unread(Arc::new(unread.clone())),
        }
    }

    /// The live value of a setting, or `None` where it is not known or not applicable.
    pub fn live_value(&self, setting: SettingId) -> Option<Value> {
        match self.setting(setting) {
            SettingReading::Known(value) => Some(value),
            SettingReading::NotApplicable | SettingReading::Unread(_) => None,
        }
    }
}

impl LiveSession {
    fn setting(&self, setting: SettingId) -> SettingReading {
        match Setting::for_id(setting).map(|setting| setting.read) {
            Some(ReadBy::Session { live, .. }) => SettingReading::Known(live(self)),
            Some(ReadBy::ExtraCall(_)) | None => {
                let found = self.further.iter().flatten().find(|(known, _)| *known == setting);
                found.map_or_else(
                    || not_listed(setting, "the run that read the session did not ask for"),
                    |(_, reading)| reading.clone(),
                )
            }
        }
    }
}

impl ListedSession {
    fn setting(&self, setting: SettingId) -> SettingReading {
        match Setting::for_id(setting).map(|setting| setting.read) {
            Some(ReadBy::Session { listed: Some(listed), .. }) => SettingReading::Known(listed(self)),
            _ => not_listed(setting, &format!("Macie's administrator {} does not list", self.administrator)),
        }
    }
}

/// A setting that nobody was asked for, or that whoever was asked does not tell.
fn not_listed(setting: SettingId, who: &str) -> SettingReading {
    SettingReading::Unread(Arc::new(Unread::local(UnreadReason::NotListed, format!("{who} `{setting}`"))))
}
