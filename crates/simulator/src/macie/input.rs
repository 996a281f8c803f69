//! What a request to Macie asks for.

use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::account_id::AccountId;
use crate::answer::Failure;
use crate::world::Frequency;
use crate::world::SessionStatus;

use super::failure;

/// What a request asks a session to become, as far as it says.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) status: Option<SessionStatus>,
    pub(super) frequency: Option<Frequency>,
}

impl Wanted {
    pub(super) fn read(body: &Bytes) -> Result<Self, Failure> {
        let body: Map<String, Value> = json(body)?;
        let status = word(&body, "status", &SessionStatus::ALL.map(SessionStatus::as_str))?;
        let frequency = word(&body, "findingPublishingFrequency", Frequency::WORDS)?;
        Ok(Self {
            status: SessionStatus::ALL.into_iter().find(|known| Some(known.as_str()) == status),
            frequency: frequency.and_then(Frequency::from_word),
        })
    }
}

/// A body, which may be empty where all keys may be missing.
pub(super) fn json<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, Failure> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| Failure::bad_request("SerializationException", error.to_string()))
}

/// The id of an account.
pub(super) fn account(id: &str, key: &str) -> Result<AccountId, Failure> {
    id.parse().map_err(|_| {
        failure::invalid(format!(
            "1 validation error detected: Value '{id}' at '{key}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [0-9]{{12}}"
        ))
    })
}

/// That a key which must be there is not.
pub(super) fn missing(key: &str) -> Failure {
    failure::invalid(format!(
        "1 validation error detected: Value null at '{key}' failed to satisfy constraint: Member must not be null"
    ))
}

/// That a word is none of an enumeration.
pub(super) fn unknown(word: &str, key: &str, known: &[&str]) -> Failure {
    failure::invalid(format!(
        "1 validation error detected: Value '{word}' at '{key}' failed to satisfy constraint: \
         Member must satisfy enum value set: [{}]",
        known.join(", ")
    ))
}

/// A word of a body, which must be one of an enumeration.
fn word<'a>(body: &'a Map<String, Value>, key: &str, known: &[&str]) -> Result<Option<&'a str>, Failure> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if known.contains(&word.as_str()) => Ok(Some(word)),
        Some(Value::String(word)) => Err(unknown(word, key, known)),
        Some(other) => Err(Failure::bad_request("SerializationException", format!("{other} is no string"))),
    }
}
