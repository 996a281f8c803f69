//! Failures without a response of AWS: network errors, and bodies of another sender.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};

use super::certificates;
use super::response_body::{TooLarge, unfit};

/// Limit of a quoted foreign body, in characters.
const QUOTED: usize = 120;

/// How far a call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// AWS responded with an error code.
    Answered,
    /// A response that is not from AWS: no error code, or an unparseable body.
    Foreign,
    /// The host name could not be resolved.
    NameNotResolved,
    /// No connection, or no TLS on it.
    NotConnected,
    /// The connection was closed before the response was complete.
    ConnectionClosed,
    /// No response in time.
    TimedOut,
    /// No credentials to sign the call with.
    NoCredentials,
    /// The SDK would not send the call.
    NotSent,
}

/// A connector error with the host of its request.
#[derive(Debug, thiserror::Error)]
#[error("{host}")]
pub(super) struct AtHost {
    pub(super) host: Box<str>,
    source: ConnectorError,
}

impl AtHost {
    pub(super) fn new(host: Box<str>, source: ConnectorError) -> Self {
        Self { host, source }
    }
}

/// How far a call without a response got.
pub(super) fn kind_of<E: Error + 'static>(failure: &SdkError<E, HttpResponse>) -> FailureKind {
    if causes(failure).any(<dyn Error>::is::<CredentialsError>) {
        return FailureKind::NoCredentials;
    }
    match failure {
        SdkError::TimeoutError(_) => FailureKind::TimedOut,
        SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => FailureKind::TimedOut,
        SdkError::DispatchFailure(dispatch) if !dispatch.is_user() => connection(failure),
        _ => FailureKind::NotSent,
    }
}

/// How far a call with a failed connection got.
///
/// hyper does not expose the kinds of its connection errors, only their text. Every kind means the same to a reading;
/// they differ in the message, and in whether a change may have been made.
fn connection(failure: &(dyn Error + 'static)) -> FailureKind {
    let told = |words: &str| causes(failure).any(|cause| cause.to_string().contains(words));
    if told("dns error") {
        FailureKind::NameNotResolved
    } else if told("client error (Connect)") || told("tcp connect error") || told("TLS handshake") {
        FailureKind::NotConnected
    } else if told(" parsed") || told("message head is too large") {
        // Messages of hyper for an invalid or oversized response head.
        FailureKind::Foreign
    } else {
        FailureKind::ConnectionClosed
    }
}

/// Whether a response exceeded the size limit.
pub(super) fn is_too_large(failure: &(dyn Error + 'static)) -> bool {
    causes(failure).any(<dyn Error>::is::<TooLarge>)
}

/// Whether the request did not reach AWS: no name, no connection, or nothing to send.
pub(super) fn is_unsent<E>(failure: &OrchestratorError<E>) -> bool {
    let is_unsent = |connector: &ConnectorError| {
        let is_unsent = matches!(connection(connector), FailureKind::NameNotResolved | FailureKind::NotConnected);
        !connector.is_timeout() && (connector.is_user() || is_unsent)
    };
    !failure.is_timeout_error() && failure.as_connector_error().is_some_and(is_unsent)
}

/// Describes a failure: what happened, then its causes.
pub(super) fn describe(kind: FailureKind, failure: &(dyn Error + 'static)) -> Box<str> {
    let what = match kind {
        FailureKind::NameNotResolved => "the host name could not be resolved",
        FailureKind::NotConnected => "no connection",
        FailureKind::ConnectionClosed => "the connection was closed before the whole answer was there",
        FailureKind::TimedOut => "no answer in time",
        FailureKind::NoCredentials => "no credentials to sign the call with",
        FailureKind::NotSent => "the call could not be sent",
        FailureKind::Foreign => "the answer is not one of AWS",
        FailureKind::Answered => "the call failed",
    };
    let host = causes(failure).find_map(|cause| cause.downcast_ref::<AtHost>()).map(|at| format!("{}: ", at.host));
    let text = chain(failure);
    let advice = certificates::advice(&text).map_or_else(String::new, |advice| format!("; {advice}"));
    format!("{what}: {}{text}{advice}", host.unwrap_or_default()).into()
}

/// The messages of an error and its causes on one line, the innermost last, without repetition.
pub(super) fn chain(failure: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in causes(failure).filter(|cause| !cause.is::<AtHost>()) {
        let text = without_debug_output(&one_line(&cause.to_string()));
        if !text.is_empty() && !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

/// Cuts a message before `Debug` output, which may hold secrets of the request.
fn without_debug_output(text: &str) -> String {
    let Some(at) = text.find(" { ") else { return text.to_owned() };
    let before = text.get(..at).unwrap_or_default();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let kept = before.trim_end_matches(is_name);
    if kept.len() == before.len() {
        return text.to_owned();
    }
    kept.trim_end_matches(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '(' | ',')).to_owned()
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ").replace(":; ", ": ")
}

/// Describes a response that is not from AWS.
///
/// A body with a success status is never quoted: that of AssumeRole would hold credentials.
pub(super) fn describe_foreign(answer: &HttpResponse) -> Box<str> {
    let status = answer.status();
    let body = answer.body().bytes().unwrap_or_default();
    let kind = answer.headers().get("content-type").unwrap_or("no content type");
    let size = body.len();
    if status.is_success() && status.as_u16() != 200 {
        return format!("HTTP {status}, with which AWS does not answer ({kind}, {size} bytes)").into();
    }
    if let Some(what) = unfit(body).filter(|_| status.is_success()) {
        return format!("HTTP {status} with a body in which {what}").into();
    }
    if status.is_success() {
        return format!("HTTP {status} with a body that cannot be understood ({kind}, {size} bytes)").into();
    }
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().collect();
    let quote: String = words.join(" ").chars().filter(|letter| !letter.is_control()).take(QUOTED).collect();
    if quote.is_empty() {
        format!("HTTP {status} without an AWS error code and without a body").into()
    } else {
        format!("HTTP {status} without an AWS error code ({kind}, {size} bytes): {quote}").into()
    }
}

pub(super) fn causes<'a>(failure: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(failure), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_insides_of_values_are_not_shown() {
        for (text, kept) in [
            (
                "client requires absolute-form URIs: Request { body: SdkBody { inner",
                "client requires absolute-form URIs",
            ),
            ("failed (Request { uri: x })", "failed"),
            ("Request { uri: x }", ""),
            ("tcp connect error: Connection refused", "tcp connect error: Connection refused"),
            ("{ a }", "{ a }"),
        ] {
            assert_eq!(without_debug_output(text), kept);
        }
    }
}
