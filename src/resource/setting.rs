//! Settings with the way in which each is read, and the list of all.

use std::borrow::Cow;
use std::sync::LazyLock;

use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::SETTINGS;
use super::macie_session::{ListedSession, LiveSession, SettingReading};
use crate::aws::{AccountCredentials, AwsSession};
use crate::model::{Catalog, Region, RegionTable, SettingId, SettingSpec, Settings, Value};

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

impl SettingRequest<'_> {
    /// Reads the declared settings that take calls of their own, one call after the other. A failed call makes only its own
    /// settings unread.
    pub async fn read(self, declared: impl Iterator<Item = SettingId>) -> SettingReadings {
        let mut calls: Vec<&'static ExtraCall> = Vec::new();
        for setting in declared.filter_map(Setting::for_id) {
            if let ReadBy::ExtraCall(call) = setting.read
                && !calls.iter().any(|known| std::ptr::eq(*known, call))
            {
                calls.push(call);
            }
        }
        let mut readings = Vec::new();
        for call in calls {
            readings.extend((call.read)(self).await);
        }
        readings
    }
}

impl Setting {
    /// The reference by which everything else knows the setting.
    pub const fn id(&'static self) -> SettingId {
        SettingId::new(&self.spec)
    }

    /// The row of a setting.
    pub fn for_id(id: SettingId) -> Option<&'static Self> {
        SETTINGS.iter().copied().find(|setting| setting.id() == id)
    }
}

/// Every setting of every resource, in rule order.
pub fn settings() -> Settings {
    static IDS: LazyLock<Vec<SettingId>> = LazyLock::new(|| SETTINGS.iter().map(|setting| setting.id()).collect());
    Settings::new(&IDS)
}

/// What policies are checked against, with these Regions.
pub fn catalog(regions: &RegionTable) -> Catalog<'_> {
    Catalog { regions, settings: settings() }
}

/// The key of a setting in a document: `#[serde(deserialize_with = "SettingKey::deserialize")]`, `#[schemars(with = "SettingKey")]`.
#[derive(Debug)]
pub enum SettingKey {}

impl SettingKey {
    /// Reads the key of a setting.
    ///
    /// # Errors
    ///
    /// A key that no setting has.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SettingId, D::Error> {
        let key = Cow::<'de, str>::deserialize(deserializer)?;
        settings().iter().find(|setting| setting.key() == key).ok_or_else(|| {
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
        let one = |setting: SettingId| json!({"const": setting.key(), "description": setting.spec().summary, "type": "string"});
        let all: Vec<serde_json::Value> = settings().iter().map(one).collect();
        json_schema!({"description": "A setting that a declaration can name.", "oneOf": all})
    }
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
