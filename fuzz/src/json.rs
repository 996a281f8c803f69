//! JSON as RFC 8259 has it, whatever large numbers and halves of characters are in it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// The fields whose values are looked at. Others are there, and null.
const LOOKED_AT: [&str; 7] =
    ["status", "findingPublishingFrequency", "code", "__type", "message", "Message", "errorMessage"];

/// Whether a body is JSON.
pub(crate) fn is_json(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The value that a body is; `None` also where it holds what no value can.
pub(crate) fn value(body: &[u8]) -> Option<Value> {
    serde_json::from_str(&without_halves(body)?).ok()
}

/// The fields of the object that a body is. Of a key that stands twice the last counts.
pub(crate) fn fields(body: &[u8]) -> Option<BTreeMap<String, Value>> {
    let Fields(fields) = serde_json::from_str(&without_halves(body)?).ok()?;
    Some(fields)
}

/// The text of a body. Half of a pair of surrogates is JSON by its grammar, and no text: another character stands there.
fn without_halves(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.replace("\\ud", "\\u0").replace("\\uD", "\\u0"))
}

struct Fields(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    let value = if LOOKED_AT.contains(&key.as_str()) {
                        map.next_value()?
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        Value::Null
                    };
                    fields.insert(key, value);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
