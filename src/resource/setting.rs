//! Settings with the way in which each is read.

use futures_util::future::LocalBoxFuture;

use super::macie_session::{ListedSession, LiveSession, SettingReading};
use crate::aws::{AccountCredentials, AwsSession};
use crate::model::{Region, SettingId, SettingSpec, Value};

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
}

/// A call that reads settings, beside GetMacieSession. Settings that it reads together share it.
#[derive(Debug)]
pub struct ExtraCall {
    /// Makes the call, or the calls, and gives a reading of each setting.
    pub read: for<'a> fn(SettingRequest<'a>) -> LocalBoxFuture<'a, SettingReadings>,
}

/// Settings with their readings.
pub type SettingReadings = Vec<(SettingId, SettingReading)>;

/// Where settings are read.
#[derive(Debug, Clone, Copy)]
pub struct SettingRequest<'a> {
    /// The way to AWS.
    pub aws: &'a AwsSession,
    /// The credentials of the target's account.
    pub credentials: &'a AccountCredentials,
    /// The Region.
    pub region: &'a Region,
}

impl Setting {
    /// The reference by which everything else knows the setting.
    pub const fn id(&'static self) -> SettingId {
        SettingId::new(&self.spec)
    }
}
