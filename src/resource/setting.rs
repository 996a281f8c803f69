//! Settings with the way in which each is read.

use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::SettingReading;
use super::macie_session::{ListedSession, LiveSession, SharedAnswers};
use super::session_manager_preferences::Input;
use super::session_manager_sessions::SessionRule;
use crate::aws::{AccountCredentials, AwsSession};
use crate::model::{DesiredSettings, Region, SettingId, SettingSpec, Value};

/// A setting: what policies declare, and how it is read.
#[derive(Debug)]
pub struct Setting {
    /// What policies declare.
    pub spec: SettingSpec,
    /// How it is read.
    pub read: ReadBy,
}

/// How a setting is read.
#[derive(Debug, Clone, Copy)]
pub enum ReadBy {
    /// GetMacieSession holds it.
    Session {
        /// Its value in an answer.
        live: fn(&LiveSession) -> Value,
        /// Its value in the administrator's list of members, where that holds it.
        listed: Option<fn(&ListedSession) -> Value>,
    },
    /// A call of its own holds it. The call is made after GetMacieSession said that the session is on, and only where the
    /// setting is declared.
    ExtraCall(&'static ExtraCall),
    /// An input of the preferences document holds it, which is read as a whole.
    Input(Input),
    /// It is a rule about the sessions of a target, which are read as a whole.
    Sessions(SessionRule),
}

/// A call that reads settings, beside GetMacieSession. Settings that it reads together share it.
#[derive(Debug)]
pub struct ExtraCall {
    /// Makes the call, or the calls, and gives a reading of each declared setting, and of others that it has learnt.
    pub read: for<'a> fn(SettingRequest<'a>) -> LocalBoxFuture<'a, SettingReadings>,
    /// The IAM actions that it takes to find the account to ask, where the settings file names no administrator.
    pub role_actions: &'static [&'static str],
    /// Whether Macie's administrator answers for its members, many in one call.
    pub by_administrator: bool,
}

/// Settings with their readings.
pub type SettingReadings = Vec<(SettingId, SettingReading)>;

/// Where settings are read, and which.
#[derive(Debug, Clone, Copy)]
pub struct SettingRequest<'a> {
    /// The way to AWS.
    pub aws: &'a AwsSession,
    /// The credentials of the target's account.
    pub credentials: &'a AccountCredentials,
    /// The Region.
    pub region: &'a Region,
    /// What is declared of the target.
    pub declared: &'a DesiredSettings,
    /// Answers that several settings share.
    pub shared: &'a SharedAnswers,
}

/// When the service says that a live value was last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    /// The time that the service gives. It dates the last change of all that the service dates together, so that of one value
    /// may be older.
    pub at: Timestamp,
    /// The service's field, such as `Macie's updatedAt`.
    pub field: &'static str,
    /// The event source of the service in CloudTrail.
    pub event_source: &'static str,
    /// Whether the administrator sets it for its members. CloudTrail then has the call in the administrator's account.
    pub by_administrator: bool,
}

impl LastChange {
    /// Half the time in which a call is searched for: the service may date a change later than CloudTrail dates the call.
    const MARGIN: SignedDuration = SignedDuration::from_mins(30);

    /// The change in words: `changed 2026-11-28 02:14 UTC, by Macie's updatedAt`.
    pub fn words(&self) -> String {
        format!("changed {}, by {}", self.time(), self.field)
    }

    /// The first and the last time of several changes, and the field: `2026-11-28 02:14 UTC to 2026-11-28 02:20 UTC, by Macie's
    /// updatedAt`; `None` if there are none.
    pub fn span(changes: &[Self]) -> Option<String> {
        let first = changes.iter().min_by_key(|change| change.at)?;
        let last = changes.iter().max_by_key(|change| change.at)?;
        let to = if first.time() == last.time() { String::new() } else { format!(" to {}", last.time()) };
        Some(format!("{}{to}, by {}", first.time(), last.field))
    }

    /// The time in whole minutes: `2026-11-28 02:14 UTC`.
    pub fn time(&self) -> String {
        format!("{} UTC", self.at.strftime("%Y-%m-%d %H:%M"))
    }

    /// The AWS CLI command that lists the calls of that hour which changed something. It is run with credentials of the account.
    ///
    /// Source: CloudTrail API Reference, LookupEvents (one attribute per call) and `Event` (`ReadOnly` is a text).
    pub fn lookup_command(&self, region: &Region) -> String {
        let bound =
            |margin: SignedDuration| self.at.checked_add(margin).unwrap_or(self.at).strftime("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "aws cloudtrail lookup-events --region {region} --start-time {} --end-time {} \
             --lookup-attributes AttributeKey=EventSource,AttributeValue={} \
             --query \"Events[?ReadOnly=='false'].[EventTime,EventName,Username]\" --output table",
            bound(-Self::MARGIN),
            bound(Self::MARGIN),
            self.event_source,
        )
    }
}

impl Setting {
    /// The reference by which everything else knows the setting.
    pub const fn id(&'static self) -> SettingId {
        SettingId::new(&self.spec)
    }
}
