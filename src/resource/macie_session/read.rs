//! GetMacieSession: the reading and the state that its answer makes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_macie2::operation::RequestId;
use aws_sdk_macie2::operation::get_macie_session::{GetMacieSessionError, GetMacieSessionOutput};
use aws_sdk_macie2::primitives::DateTime;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use super::write_failure::unread_reason;
use super::{CompactTimestamp, FREQUENCY, Frequency, LiveSession, LiveStatus, STATUS, SharedAnswers, Status};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, FailureMeaning, ResponseObserver, classify};
use crate::model::{Evidence, Region, Resource, SettingId, SettingKind, Target, Unread, UnreadReason, Value};
use crate::resource::{
    NotEnabledEvidence, ReadBy, Reading, Response, Setting, SettingRequest, TargetRequest, further_settings, settings,
};

/// What Macie says of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionAnswer {
    /// The answer.
    pub output: GetMacieSessionOutput,
    /// The fields that only inform and could not be understood, in words; they are left out of the answer.
    pub note: Option<String>,
}

impl From<GetMacieSessionOutput> for SessionAnswer {
    fn from(output: GetMacieSessionOutput) -> Self {
        Self { output, note: None }
    }
}

impl AwsSession {
    /// Asks Macie for the session of an account in a Region.
    ///
    /// # Errors
    ///
    /// Any failure, among them "not enabled": [`classify`] gives its meaning.
    pub async fn macie_session(
        &self,
        account: &AccountCredentials,
        region: &Region,
    ) -> Result<SessionAnswer, CallFailure> {
        let watch = ResponseObserver::<GetMacieSessionError>::new();
        let request = self.macie(region).get_macie_session().customize().interceptor(watch.clone());
        match request.config_override(account.macie_config()).send().await {
            Ok(output) => Ok(SessionAnswer { output, note: watch.note() }),
            Err(failure) => Err(watch.explain(self.call_failure(&failure))),
        }
    }

    /// Reads the state of a target, with the newest credentials of its account.
    ///
    /// # Errors
    ///
    /// Why it is unread.
    pub async fn session_state(&self, target: &Target) -> Result<SessionState, Unread> {
        let account = self.credentials_for(target.account).await?;
        let answer = self.refreshing(&account, async |account| self.macie_session(account, &target.region).await);
        let reading = match interpret(answer.await) {
            Response::Reading(reading) => reading,
            Response::TokenRefused(failure) => Reading::Unread(failure.into_unread(UnreadReason::BadCredentials)),
        };
        match (SessionState::from_reading(&reading), reading) {
            (Some(state), _) => Ok(state),
            (None, Reading::Unread(unread)) => Err(unread),
            (None, _) => Err(Unread::local(UnreadReason::Unintelligible, "the answer says nothing of the session")),
        }
    }
}

/// Interprets an answer to GetMacieSession.
pub fn interpret(result: Result<SessionAnswer, CallFailure>) -> Response {
    let failure = match result {
        Ok(answer) => return Response::Reading(read_session(&answer)),
        Err(failure) => failure,
    };
    match classify(&failure).outcome {
        FailureMeaning::NotEnabled => {
            Response::Reading(Reading::NotEnabled(NotEnabledEvidence::Answer(failure.into_evidence())))
        }
        FailureMeaning::TokenRefused => Response::TokenRefused(failure),
        FailureMeaning::Unread(_) | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => {
            Response::Reading(Reading::Unread(unread_reason(failure)))
        }
    }
}

/// Reads a session, and the declared settings that take calls of their own if it is on.
pub(in crate::resource) async fn read(request: TargetRequest<'_>) -> Response {
    let TargetRequest { aws, credentials, target, declared, administrator_answer, on_part } = request;
    let region = &target.region;
    let response = interpret(aws.macie_session(credentials, region).await);
    let declared = declared.filter(|declared| further_settings(declared).next().is_some());
    let (Response::Reading(Reading::On(session)), Some(declared)) = (&response, declared) else { return response };
    on_part(session);
    let mut session = session.clone();
    let shared = SharedAnswers::new(administrator_answer.cloned());
    let add = |readings| {
        session.add(readings);
        on_part(&session);
    };
    SettingRequest { aws, credentials, region, declared, shared: &shared }.read(add).await;
    Response::Reading(Reading::On(session))
}

/// A session is known only if both its status and its frequency are words that are known.
///
/// Every field of the answer is optional, and AWS Config is answered with an empty body where Macie is off. Source: Amazon
/// Macie API Reference, GetMacieSession and "Account administration".
fn read_session(SessionAnswer { output: answer, note }: &SessionAnswer) -> Reading {
    let status = word("status", answer.status().map(aws_sdk_macie2::types::MacieStatus::as_str), |word| match word {
        "ENABLED" => Some(LiveStatus::Enabled),
        "PAUSED" => Some(LiveStatus::Paused),
        _ => None,
    });
    let frequency = word(
        "findingPublishingFrequency",
        answer.finding_publishing_frequency().map(aws_sdk_macie2::types::FindingPublishingFrequency::as_str),
        Frequency::from_word,
    );
    match (status, frequency) {
        (Ok(status), Ok(frequency)) => Reading::On(LiveSession {
            status,
            frequency,
            service_role: answer.service_role().map(Into::into),
            created_at: answer.created_at().and_then(moment),
            updated_at: answer.updated_at().and_then(moment),
            note: note.as_deref().map(Into::into),
            further: None,
        }),
        (status, frequency) => {
            let wrong: Vec<String> = [status.err(), frequency.err()].into_iter().flatten().collect();
            Reading::Unread(Unread {
                reason: UnreadReason::Unintelligible,
                denial: None,
                evidence: Evidence::new(
                    None,
                    Some(&format!("Macie's answer {}", wrong.join(" and "))),
                    answer.request_id(),
                ),
            })
        }
    }
}

/// The meaning of a field's word, or what is wrong with it.
fn word<T>(field: &str, word: Option<&str>, meaning: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    match word {
        None => Err(format!("has no {field}")),
        Some(word) => meaning(word).ok_or_else(|| format!("has the unknown {field} {word:?}")),
    }
}

/// Times are shown, never compared: one out of range is left out.
fn moment(time: &DateTime) -> Option<CompactTimestamp> {
    CompactTimestamp::from_timestamp(Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()?)
}

/// What a session is set to, setting by setting. A session that is off has the status `NOT_ENABLED` and nothing else.
///
/// As JSON: an object in rule order. What GetMacieSession holds is always there, null where it has no value; any other setting
/// only where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionState(BTreeMap<SettingId, Value>);

impl SessionState {
    /// The settings of GetMacieSession that a reading holds; `None` where nothing is known or nothing applies.
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

impl JsonSchema for SessionState {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SessionState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for setting in settings().for_resource(Resource::MacieSession).filter(|setting| is_in_session(*setting)) {
            let mut schema = json!({"type": ["string", "null"]});
            if let SettingKind::Word(words) = setting.spec().kind {
                schema["enum"] = words.iter().map(|word| json!(word)).chain([json!(null)]).collect();
            }
            properties.insert(setting.key().to_owned(), schema);
        }
        json_schema!({"type": "object", "properties": properties})
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
