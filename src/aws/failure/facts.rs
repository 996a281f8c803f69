//! The facts about a failed call, without any opinion.

use std::error::Error;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::{FailureMeaning, classify, network};
use crate::aws::failure::parse_denial;
use crate::aws::response::{ErrorWords, error_words, without_namespace};
use crate::model::{Evidence, Unread, UnreadReason};

/// What is known of a call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// How far the call got.
    pub kind: FailureKind,
    /// AWS's error code, such as `AccessDeniedException`, without namespace.
    pub code: Option<Box<str>>,
    /// AWS's message word for word, or what the network or the SDK had to say.
    pub message: Option<Box<str>>,
    /// The request id, which AWS Support asks for.
    pub request_id: Option<Box<str>>,
    /// The HTTP status of the answer. Never used to tell "not enabled" from "denied": both are seen with 401 and 403.
    pub http_status: Option<u16>,
}

/// How far a call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// AWS answered with an error code.
    Answered,
    /// There was an answer, but not one of AWS: no error code, or a body that cannot be parsed.
    Foreign,
    /// The host name could not be resolved.
    NameNotResolved,
    /// No connection, or no TLS over it.
    NotConnected,
    /// The connection was closed before the whole answer was there.
    ConnectionClosed,
    /// No answer in time.
    TimedOut,
    /// There were no credentials to sign the call with.
    NoCredentials,
    /// The SDK would not send the call.
    NotSent,
}

impl CallFailure {
    /// The facts about any failed call of any service.
    pub fn from_sdk_error<E>(failure: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let request_id = failure.request_id().map(Into::into);
        let (kind, code, message, http_status) = match failure {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                match answer.err().code() {
                    Some(code) => return Self::answered(code, answer.err().message(), answer.raw(), request_id),
                    None => (FailureKind::Foreign, None, Some(network::describe_foreign(answer.raw())), Some(status)),
                }
            }
            // Some of the SDK's clients have this for an error whose whole body is there and is none of AWS's.
            SdkError::ResponseError(answer) if answer.raw().body().bytes().is_some() => (
                FailureKind::Foreign,
                None,
                Some(network::describe_foreign(answer.raw())),
                Some(answer.raw().status().as_u16()),
            ),
            SdkError::ResponseError(answer) if network::is_too_large(failure) => {
                let status = answer.raw().status();
                let said = format!("HTTP {status} with a body that is none of AWS's: {}", network::chain(failure));
                (FailureKind::Foreign, None, Some(said.into()), Some(status.as_u16()))
            }
            // The SDK has this for an answer whose body could not be read to its end.
            SdkError::ResponseError(answer) => (
                FailureKind::ConnectionClosed,
                None,
                Some(network::describe(FailureKind::ConnectionClosed, failure)),
                Some(answer.raw().status().as_u16()),
            ),
            _ => {
                let kind = network::kind_of(failure);
                (kind, None, Some(network::describe(kind, failure)), None)
            }
        };
        Self { kind, code, message, request_id, http_status }
    }

    /// The facts about an error of AWS. The SDK takes the last of several messages, and the first of several codes: here all of
    /// them count, so that no order of them makes a denial "not enabled".
    fn answered(code: &str, message: Option<&str>, answer: &HttpResponse, request_id: Option<Box<str>>) -> Self {
        let ErrorWords { mut codes, messages } = error_words(answer.body().bytes().unwrap_or_default());
        let message = if messages.len() > 1 { Some(messages.join("; ")) } else { message.map(str::to_owned) };
        let failure = Self {
            kind: FailureKind::Answered,
            code: Some(code.into()),
            message: message.map(Into::into),
            request_id,
            http_status: Some(answer.status().as_u16()),
        };
        codes.extend(answer.headers().get_all("x-amzn-errortype").map(|code| without_namespace(code).to_owned()));
        match codes.iter().find(|other| *other != code) {
            Some(other) if classify(&failure).outcome == FailureMeaning::NotEnabled => Self {
                kind: FailureKind::Foreign,
                code: None,
                message: Some(format!("HTTP {} with two error codes: {code}, and {other}", answer.status()).into()),
                ..failure
            },
            _ => failure,
        }
    }

    /// The facts about credentials that could not be had.
    pub(in crate::aws) fn from_credentials_error(failure: &CredentialsError) -> Self {
        Self::without_credentials(&network::chain(failure))
    }

    /// That there are no credentials that could be used, for this reason.
    pub(in crate::aws) fn without_credentials(why: &str) -> Self {
        let kind = FailureKind::NoCredentials;
        Self { kind, code: None, message: Some(why.into()), request_id: None, http_status: None }
    }

    /// What is kept of the failure beside its meaning.
    pub fn into_evidence(self) -> Evidence {
        Evidence::new(self.code.as_deref(), self.message.as_deref(), self.request_id.as_deref())
    }

    /// The failure as the reason why something is unread.
    pub fn into_unread(self, reason: UnreadReason) -> Unread {
        let denial = self.message.as_deref().and_then(parse_denial).map(Arc::new);
        Unread { reason, denial, evidence: self.into_evidence() }
    }

    pub(super) fn is_code(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}
