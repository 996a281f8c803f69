//! Maps keyed by setting, written in rule order.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::model::{Resource, SettingId};
use crate::resource::settings;

/// A map keyed by setting. Keys that no setting has are left out when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BySetting<T>(pub Vec<(SettingId, T)>);

impl<T> Default for BySetting<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> BySetting<T> {
    /// The entries for settings of a resource, in rule order. Resources share keys, and a map does not name its resource.
    pub(crate) fn for_resource(self, resource: Resource) -> Vec<(SettingId, T)> {
        let of_resource = |(setting, value): (SettingId, T)| Some((settings().find(resource, setting.key())?, value));
        self.0.into_iter().filter_map(of_resource).collect()
    }

    /// Whether it has no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for BySetting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(setting, value)| (setting.key(), value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for BySetting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Settings<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Settings<T> {
            type Value = BySetting<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match settings().iter().find(|setting| setting.key() == key) {
                        Some(setting) => values.push((setting, map.next_value()?)),
                        None => drop(map.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                values.sort_by_key(|(setting, _)| *setting);
                Ok(BySetting(values))
            }
        }

        deserializer.deserialize_map(Settings(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for BySetting<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("BySetting{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({"type": "object", "additionalProperties": value})
    }
}
