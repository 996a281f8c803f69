//! What a session is set to: the values that a reading holds, without how they became known.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Reading;
use crate::model::{Frequency, Setting, SettingValue, Status};

/// What a session is set to, setting by setting. A session that is off has the status `NOT_ENABLED` and nothing else.
///
/// As JSON: an object with every setting, null where it has no value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionState(BTreeMap<Setting, SettingValue>);

impl SessionState {
    /// What a reading holds; `None` where nothing is known or nothing applies.
    pub fn from_reading(reading: &Reading) -> Option<Self> {
        let values = Setting::ALL.into_iter().filter_map(|setting| reading.live_value(setting));
        let state: Self = values.collect();
        (!state.0.is_empty()).then_some(state)
    }

    /// The value of a setting, where it has one.
    pub fn get(&self, setting: Setting) -> Option<SettingValue> {
        self.0.get(&setting).copied()
    }

    /// The status.
    pub fn status(&self) -> Option<Status> {
        match self.get(Setting::Status) {
            Some(SettingValue::Status(status)) => Some(status),
            _ => None,
        }
    }

    /// How often findings are published.
    pub fn frequency(&self) -> Option<Frequency> {
        match self.get(Setting::FindingPublishingFrequency) {
            Some(SettingValue::FindingPublishingFrequency(frequency)) => Some(frequency),
            _ => None,
        }
    }

    /// The values, in the order of the settings.
    pub fn values(&self) -> impl Iterator<Item = SettingValue> {
        self.0.values().copied()
    }

    /// Whether it has all of these values.
    pub fn has(&self, values: impl IntoIterator<Item = SettingValue>) -> bool {
        values.into_iter().all(|value| self.get(value.setting()) == Some(value))
    }
}

impl FromIterator<SettingValue> for SessionState {
    fn from_iter<I: IntoIterator<Item = SettingValue>>(values: I) -> Self {
        Self(values.into_iter().map(|value| (value.setting(), value)).collect())
    }
}

/// For people: `PAUSED, ONE_HOUR`.
impl fmt::Display for SessionState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.values().map(SettingValue::as_str).collect();
        out.pad(&words.join(", "))
    }
}

impl Serialize for SessionState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Setting::ALL.len()))?;
        for setting in Setting::ALL {
            map.serialize_entry(setting.key(), &self.get(setting))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for SessionState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BySetting;

        impl<'de> Visitor<'de> for BySetting {
            type Value = SessionState;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of settings and their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some((setting, word)) = map.next_entry::<Setting, Option<String>>()? {
                    let Some(word) = word else { continue };
                    values.push(setting.value(&word).ok_or_else(|| A::Error::unknown_variant(&word, setting.words()))?);
                }
                Ok(values.into_iter().collect())
            }
        }

        deserializer.deserialize_map(BySetting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_as_it_was_written() {
        let hour = SettingValue::FindingPublishingFrequency(Frequency::OneHour);
        let on: SessionState = [SettingValue::Status(Status::Paused), hour].into_iter().collect();
        let off: SessionState = [SettingValue::Status(Status::NotEnabled)].into_iter().collect();
        for (state, json) in [
            (&on, r#"{"status":"PAUSED","finding_publishing_frequency":"ONE_HOUR"}"#),
            (&off, r#"{"status":"NOT_ENABLED","finding_publishing_frequency":null}"#),
        ] {
            assert_eq!(serde_json::to_string(state).expect("JSON"), json);
            assert_eq!(&serde_json::from_str::<SessionState>(json).expect("a state"), state);
        }
        assert!(serde_json::from_str::<SessionState>(r#"{"status":"ASLEEP"}"#).is_err());
        assert!(on.has([hour]) && !off.has([hour]) && on.to_string() == "PAUSED, ONE_HOUR");
    }
}
