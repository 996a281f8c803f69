//! JSON with repeated keys, of which the SDK takes the last and others the first.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Limit of a shown key, in characters.
const SHOWN: usize = 60;

/// JSON without repeated keys, however they are spelt.
pub(super) struct Once;

/// The fields of an object in order, repeated ones included.
struct Fields(Vec<(String, Value)>);

/// Codes and messages of an error body, which may have several.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorWords {
    /// The error codes, without namespace.
    pub(super) codes: Vec<String>,
    /// The messages, each once.
    pub(super) messages: Vec<String>,
}

/// Parses an error body; empty if it is not JSON.
///
/// Source: Smithy, AWS restJson1 protocol, "Operation error serialization"; `json_errors.rs` of the SDK's clients.
pub(super) fn error_words(body: &[u8]) -> ErrorWords {
    let Ok(Fields(fields)) = serde_json::from_slice(body) else { return ErrorWords::default() };
    let mut words = ErrorWords::default();
    for (key, value) in fields {
        let Value::String(text) = value else { continue };
        if ["code", "__type"].contains(&&*key) {
            words.codes.push(without_namespace(&text).to_owned());
        } else if (key.eq_ignore_ascii_case("message") || key.eq_ignore_ascii_case("errorMessage"))
            && !words.messages.contains(&text)
        {
            words.messages.push(text);
        }
    }
    words
}

/// An error code without namespace and URL, as in `aws.macie#AccessDeniedException:http://example.com/`.
pub(super) fn without_namespace(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.split_once('#').map_or(code, |(_, code)| code)
}

/// The repeated key in JSON, in words.
pub(crate) fn twice(body: &[u8]) -> Option<String> {
    match serde_json::from_slice::<Once>(body) {
        // Only this error is about the content of the JSON.
        Err(problem) if problem.is_data() => Some(problem.to_string()),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Once, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, Once)) = fields.next_entry::<String, Once>()? {
            if keys.contains(&key) {
                let shown: String = key.chars().take(SHOWN).collect();
                return Err(A::Error::custom(format!("{shown} stands twice")));
            }
            keys.insert(key);
        }
        Ok(Once)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Fields, A::Error> {
        let mut all = Vec::new();
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Fields(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_seen_however_it_is_written() {
        for body in [
            r#"{"status":"PAUSED","status":"ENABLED"}"#,
            r#"{"status":"PAUSED","st\u0061tus":"ENABLED"}"#,
            r#"{"members":[{"status":1,"x":[],"status":1}]}"#,
        ] {
            let said = twice(body.as_bytes()).expect("a key");
            assert!(said.starts_with("status stands twice"), "{said}");
        }
        for body in [r#"{"a":{"status":1},"status":[null,true,-1,1.5e3,"x"]}"#, "{", "", "<html>", "[{},{}]"] {
            assert_eq!(twice(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn an_error_may_say_several_things() {
        let body = br#"{"Message":"one","message":"two","message":"two","code":7,"__type":"a#B:http://x"}"#;
        let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(error_words(body), ErrorWords { codes: words(&["B"]), messages: words(&["one", "two"]) });
        assert_eq!(error_words(b"<html>"), ErrorWords::default());
    }
}
