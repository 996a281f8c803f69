//! Calls that read further settings of a session, and the strict reading of their answers.

use std::sync::Arc;

use aws_sdk_macie2::config::Builder as MacieConfig;
use aws_sdk_macie2::error::ProvideErrorMetadata;
use aws_sdk_macie2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value as Json;

use super::answer::Answer;
use super::write_failure::unread_reason;
use crate::aws::{
    AccountCredentials, AwsSession, CallFailure, FailureKind, FailureMeaning, ResponseObserver, classify,
};
use crate::model::{SettingKind, Unread, UnreadReason, Value};
use crate::resource::{Setting, SettingReading, SettingReadings, SettingRequest};

/// Where an answer holds the value of a setting.
#[derive(Debug)]
pub(super) struct Field {
    /// The setting.
    pub(super) setting: &'static Setting,
    /// The keys that lead to the value.
    pub(super) path: &'static [&'static str],
    /// Whether the last key may be missing, which means that the setting is not set.
    pub(super) is_optional: bool,
}

impl AwsSession {
    /// Makes a call that reads a setting. `send` makes it with a configuration and an observer.
    ///
    /// # Errors
    ///
    /// Any failure, and an answer that is no JSON object: the SDK takes an empty body for an object without fields.
    pub(super) async fn ask<T: RequestId, E>(
        &self,
        operation: &'static str,
        account: &AccountCredentials,
        mut send: impl AsyncFnMut(MacieConfig, ResponseObserver<E>) -> Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<Answer, CallFailure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let answer = self.refreshing(account, async |account| {
            let observer = ResponseObserver::with_body();
            match send(account.macie_config(), observer.clone()).await {
                Ok(output) => Ok((output, observer)),
                Err(failure) => Err(observer.explain(self.call_failure(&failure))),
            }
        });
        let (output, observer) = answer.await?;
        let request_id = output.request_id().map(Into::into);
        match observer.json() {
            body @ Json::Object(_) => Ok(Answer::new(operation, body, request_id)),
            _ => Err(CallFailure {
                kind: FailureKind::Foreign,
                code: None,
                message: Some(format!("macie2:{operation} was answered without a JSON object").into()),
                request_id,
                http_status: None,
            }),
        }
    }
}

impl Field {
    /// The value of the setting in an answer.
    ///
    /// # Errors
    ///
    /// What is wrong with the answer: the setting is unread.
    pub(super) fn value(&self, answer: &Answer) -> Result<Value, Arc<Unread>> {
        let name = self.path.join(".");
        let Some((parent, value)) = answer.find(self.path) else {
            return Err(answer.unintelligible(&format!("has no {name}")));
        };
        if value.is_null() {
            let is_unset = self.is_optional && parent.is_object();
            return if is_unset { Ok(Value::Unset) } else { Err(answer.unintelligible(&format!("has no {name}"))) };
        }
        let kind = self.setting.spec.kind;
        let known = match (kind, value) {
            (SettingKind::Bool, Json::Bool(value)) => Some(Value::Bool(*value)),
            (SettingKind::Text(_), Json::String(text)) if text.is_empty() => Some(Value::Unset),
            (SettingKind::Text(_), Json::String(text)) => Some(Value::Text(text.as_str().into())),
            (SettingKind::Word(_), Json::String(word)) => kind.parse(word),
            _ => None,
        };
        known.ok_or_else(|| answer.unintelligible(&format!("has the unknown {name} {}", shortened(value))))
    }
}

/// A value of an answer in a message.
fn shortened(value: &Json) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Why a setting is unread whose call failed, of a session that is on. Every denial is one, whatever its words: also that Macie
/// is not enabled, which contradicts GetMacieSession.
pub(super) fn unread(failure: CallFailure) -> Arc<Unread> {
    let is_denial = failure.code.as_deref().is_some_and(|code| code.starts_with("AccessDenied"));
    let is_off = classify(&failure).outcome == FailureMeaning::NotEnabled;
    Arc::new(if is_off && is_denial { failure.into_unread(UnreadReason::Denied) } else { unread_reason(failure) })
}

impl SettingRequest<'_> {
    /// The readings of the settings that an answer holds. What nobody declared is known or left out.
    pub(super) fn readings(self, answer: &Result<Answer, Arc<Unread>>, fields: &[Field]) -> SettingReadings {
        let reading = |field: &Field| {
            let reading = match answer.as_ref().map_err(Arc::clone).and_then(|answer| field.value(answer)) {
                Ok(value) => SettingReading::Known(value.into()),
                Err(unread) => SettingReading::Unread(unread),
            };
            self.relevant(field.setting, reading)
        };
        fields.iter().filter_map(reading).collect()
    }

    /// One reading for each of these settings that is declared.
    pub(super) fn alike(self, reading: &SettingReading, fields: &[Field]) -> SettingReadings {
        fields.iter().filter_map(|field| self.relevant(field.setting, reading.clone())).collect()
    }

    /// The setting with its reading, if it is known or declared.
    pub(super) fn relevant(
        self,
        setting: &'static Setting,
        reading: SettingReading,
    ) -> Option<(crate::model::SettingId, SettingReading)> {
        let is_relevant = matches!(reading, SettingReading::Known(_)) || self.is_declared(setting.id());
        is_relevant.then(|| (setting.id(), reading))
    }
}
