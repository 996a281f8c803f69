//! What driftline manages: one folder per resource, with its settings, how each is read, planned and written.

mod dispatch;
pub mod macie_session;
mod outcome;
mod reading;
mod request;
pub mod session_manager_preferences;
pub mod session_manager_sessions;
mod setting;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::model::{Catalog, DesiredSettings, RegionTable, Resource, SettingId, Settings, Value};

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use macie_session::{
    BlockReason, Change, CompactTimestamp, InvalidMoment, ListedSession, LiveSession, LiveStatus, MemberState,
    Membership, MembershipContext, MembershipRole, Operation, Risk, SessionAnswer, SessionState, StatusTransition,
};
pub use outcome::{Outcome, SettingReading};
pub use reading::{NotApplicable, NotEnabledEvidence, Reading, compare};
pub use request::{Response, TargetRequest, read_action};
pub use setting::{ExtraCall, LastChange, ReadBy, Setting, SettingReadings, SettingRequest};

/// Every setting of every resource, in rule order. A new setting is a module and an entry here.
pub static SETTINGS: &[&Setting] = &[
    &macie_session::STATUS,
    &macie_session::FREQUENCY,
    &macie_session::PUBLISH_POLICY_FINDINGS,
    &macie_session::PUBLISH_CLASSIFICATION_FINDINGS,
    &macie_session::EXPORT_BUCKET_NAME,
    &macie_session::EXPORT_KEY_PREFIX,
    &macie_session::EXPORT_KMS_KEY_ARN,
    &macie_session::EXPORT_BUCKET_OWNER,
    &macie_session::DISCOVERY_STATUS,
    &macie_session::DISCOVERY_AUTO_ENABLE,
    &macie_session::REVEAL_STATUS,
    &macie_session::REVEAL_KMS_KEY_ID,
    &macie_session::REVEAL_RETRIEVAL_MODE,
    &macie_session::REVEAL_ROLE_NAME,
    &macie_session::AUTO_ENABLE,
    &macie_session::ADMINISTRATOR,
    &session_manager_preferences::S3_BUCKET_NAME,
    &session_manager_preferences::S3_KEY_PREFIX,
    &session_manager_preferences::CLOUDWATCH_LOG_GROUP_NAME,
    &session_manager_preferences::KMS_KEY_ID,
    &session_manager_preferences::RUN_AS_DEFAULT_USER,
    &session_manager_preferences::SHELL_PROFILE_LINUX,
    &session_manager_preferences::SHELL_PROFILE_WINDOWS,
    &session_manager_preferences::S3_ENCRYPTION_ENABLED,
    &session_manager_preferences::CLOUDWATCH_ENCRYPTION_ENABLED,
    &session_manager_preferences::CLOUDWATCH_STREAMING_ENABLED,
    &session_manager_preferences::RUN_AS_ENABLED,
    &session_manager_preferences::IDLE_SESSION_TIMEOUT,
    &session_manager_preferences::MAX_SESSION_DURATION,
    &session_manager_sessions::ACCESS_TYPE,
    &session_manager_sessions::DOCUMENT_NAME,
    &session_manager_sessions::MAX_SESSION_DURATION,
    &session_manager_sessions::OWNER,
    &session_manager_sessions::REASON,
    &session_manager_sessions::STATUS,
    &session_manager_sessions::TARGET,
    &session_manager_sessions::DURATION,
    &session_manager_sessions::COUNT,
];

/// What declarations say of a resource beside its settings, in rule order.
static PARAMETERS: &[&SettingId] = &[&session_manager_sessions::ENDED_WITHIN];

/// Every setting of every resource, in rule order.
pub fn settings() -> Settings {
    static IDS: LazyLock<Vec<SettingId>> = LazyLock::new(|| SETTINGS.iter().map(|setting| setting.id()).collect());
    static PARAMETER_IDS: LazyLock<Vec<SettingId>> = LazyLock::new(|| PARAMETERS.iter().map(|id| **id).collect());
    Settings::new(&IDS, &PARAMETER_IDS)
}

/// What policies are checked against, with these Regions.
pub fn catalog(regions: &RegionTable) -> Catalog<'_> {
    Catalog { regions, settings: settings() }
}

/// The key of a setting in a document, which names the resource elsewhere. Resources may share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SettingKey(&'static str);

impl SettingKey {
    /// The key.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The setting of a resource that has this key.
    ///
    /// # Errors
    ///
    /// A key that only settings of other resources have.
    pub fn resolve(self, resource: Resource) -> Result<SettingId, String> {
        let found = settings().find(resource, self.0);
        found.ok_or_else(|| format!("`{}` is no setting of the resource {resource}", self.0))
    }
}

impl From<SettingId> for SettingKey {
    fn from(setting: SettingId) -> Self {
        Self(setting.key())
    }
}

impl<'de> Deserialize<'de> for SettingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = Cow::<'de, str>::deserialize(deserializer)?;
        let found = settings().iter().find(|setting| setting.key() == key);
        found.map(Self::from).ok_or_else(|| {
            let known: Vec<String> = settings().iter().map(|setting| format!("`{setting}`")).collect();
            D::Error::custom(format!("unknown variant `{key}`, expected one of {}", known.join(", ")))
        })
    }
}

impl JsonSchema for SettingKey {
    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Resources may share a key.
        let mut keys = BTreeSet::new();
        let first = settings().iter().filter(|setting| keys.insert(setting.key()));
        let one = |setting: SettingId| json!({"const": setting.key(), "description": setting.spec().summary, "type": "string"});
        let all: Vec<serde_json::Value> = first.map(one).collect();
        json_schema!({"description": "A setting that a declaration can name.", "oneOf": all})
    }
}

impl Setting {
    /// The row of a setting.
    pub fn for_id(id: SettingId) -> Option<&'static Self> {
        SETTINGS.iter().copied().find(|setting| setting.id() == id)
    }
}

impl SettingRequest<'_> {
    /// Reads the declared settings that take calls of their own, one call after the other. A failed call makes only its own
    /// settings unread. `on_read` receives the readings of each call as they arrive.
    pub async fn read(self, mut on_read: impl FnMut(SettingReadings)) {
        let mut calls: Vec<&'static ExtraCall> = Vec::new();
        for setting in further_settings(self.declared) {
            if let Some(Setting { read: ReadBy::ExtraCall(call), .. }) = Setting::for_id(setting)
                && !calls.iter().any(|known| std::ptr::eq(*known, *call))
            {
                calls.push(call);
            }
        }
        for call in calls {
            on_read((call.read)(self).await);
        }
    }

    /// Whether a setting is declared of the target.
    pub fn is_declared(self, setting: SettingId) -> bool {
        self.declared.settings.iter().any(|desired| desired.setting == setting)
    }

    /// Whether the declaration of a setting accepts a value.
    pub fn accepts(self, setting: SettingId, value: &Value) -> bool {
        let desired = self.declared.settings.iter().find(|desired| desired.setting == setting);
        desired.is_some_and(|desired| desired.decided.accepted.accepts(value))
    }
}

/// The settings to read that take calls of their own: the declared ones, or all of them.
pub fn further_settings(declared: &DesiredSettings) -> impl Iterator<Item = SettingId> {
    let takes_call = |setting: &SettingId| {
        Setting::for_id(*setting).is_some_and(|setting| matches!(setting.read, ReadBy::ExtraCall(_)))
    };
    let everything = settings().iter().filter(|_| declared.reads_everything);
    declared.settings.iter().map(|desired| desired.setting).chain(everything).filter(takes_call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_rule_order_and_finds_its_own() {
        let rules: Vec<&str> = settings().iter().map(|setting| setting.spec().rule).collect();
        assert!(rules.is_sorted_by(|one, two| one < two), "{rules:?}");
        for setting in settings().iter() {
            assert_eq!(settings().find(setting.spec().resource, setting.key()), Some(setting));
            assert_eq!(Setting::for_id(setting).map(Setting::id), Some(setting));
            let is_word = |value: &Value| setting.parse(&value.text()).as_ref() == Some(value);
            assert!(setting.spec().absent.as_ref().is_none_or(is_word), "{setting}");
        }
    }
}
