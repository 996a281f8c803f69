//! What a session is set to: the values that a reading holds, without how they became known.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FREQUENCY, Frequency, Reading, STATUS, Status};
use crate::model::{Resource, SettingId, Value};
use crate::resource::{ReadBy, Setting, settings};

/// What a session is set to, setting by setting. A session that is off has the status `NOT_ENABLED` and nothing else.
///
/// As JSON: an object in rule order. What GetMacieSession holds is always there, null where it has no value; any other setting
/// only where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionState(BTreeMap<SettingId, Value>);

impl SessionState {
    /// What a reading holds of what GetMacieSession tells; `None` where nothing is known or nothing applies.
    pub fn from_reading(reading: &Reading) -> Option<Self> {
        let settings = settings().for_resource(Resource::MacieSession).filter(|setting| is_in_session(*setting));
        let state: Self = settings.filter_map(|setting| Some((setting, reading.live_value(setting)?))).collect();
        (!state.0.is_empty()).then_some(state)
    }

    /// The value of a setting, where it has one.
    pub fn get(&self, setting: SettingId) -> Option<&Value> {
        self.0.get(&setting)
    }

    /// The status.
    pub fn status(&self) -> Option<Status> {
        self.get(STATUS.id()).and_then(Status::from_value)
    }

    /// How often findings are published.
    pub fn frequency(&self) -> Option<Frequency> {
        self.get(FREQUENCY.id()).and_then(Frequency::from_value)
    }

    /// The settings that have a value, in rule order.
    pub fn iter(&self) -> impl Iterator<Item = (SettingId, &Value)> {
        self.0.iter().map(|(setting, value)| (*setting, value))
    }

    /// Whether it has all of these values.
    pub fn has<'a>(&self, values: impl IntoIterator<Item = (SettingId, &'a Value)>) -> bool {
        values.into_iter().all(|(setting, value)| self.get(setting) == Some(value))
    }
}

impl FromIterator<(SettingId, Value)> for SessionState {
    fn from_iter<I: IntoIterator<Item = (SettingId, Value)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// For people: `PAUSED, ONE_HOUR`.
impl fmt::Display for SessionState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.values().map(Value::text).collect();
        out.pad(&words.join(", "))
    }
}

/// Whether GetMacieSession holds a setting.
fn is_in_session(setting: SettingId) -> bool {
    Setting::for_id(setting).is_some_and(|setting| matches!(setting.read, ReadBy::Session { .. }))
}

impl Serialize for SessionState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for setting in settings().for_resource(Resource::MacieSession) {
            let value = self.get(setting);
            if value.is_some() || is_in_session(setting) {
                map.serialize_entry(setting.key(), &value)?;
            }
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

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SessionState, A::Error> {
                let mut values = Vec::new();
                while let Some((key, word)) = map.next_entry::<String, Option<String>>()? {
                    let setting = settings()
                        .find(Resource::MacieSession, &key)
                        .ok_or_else(|| A::Error::custom(format!("the unknown setting `{key}`")))?;
                    let Some(word) = word else { continue };
                    let value = setting
                        .parse(&word)
                        .ok_or_else(|| A::Error::unknown_variant(&word, setting.spec().kind.words()))?;
                    values.push((setting, value));
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
        let hour = Frequency::OneHour.value();
        let hourly = || (FREQUENCY.id(), &hour);
        let on: SessionState =
            [(STATUS.id(), Status::Paused.value()), (FREQUENCY.id(), hour.clone())].into_iter().collect();
        let off: SessionState = [(STATUS.id(), Status::NotEnabled.value())].into_iter().collect();
        for (state, json) in [
            (&on, r#"{"status":"PAUSED","finding_publishing_frequency":"ONE_HOUR"}"#),
            (&off, r#"{"status":"NOT_ENABLED","finding_publishing_frequency":null}"#),
        ] {
            assert_eq!(serde_json::to_string(state).expect("JSON"), json);
            assert_eq!(&serde_json::from_str::<SessionState>(json).expect("a state"), state);
        }
        assert!(serde_json::from_str::<SessionState>(r#"{"status":"ASLEEP"}"#).is_err());
        assert!(on.has([hourly()]) && !off.has([hourly()]) && on.to_string() == "PAUSED, ONE_HOUR");
    }
}
