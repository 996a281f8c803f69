//! What a failed call means. The first row that applies decides; there is no other place that does.

use super::{CallFailure, FailureKind};
use crate::model::UnreadReason;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureMeaning {
    /// Macie says that there is no session.
    NotEnabled,
    /// The token is not accepted: it is bad, or the Region is off for the account. Who asked has to find out which.
    TokenRefused,
    /// Nothing is known, for this reason.
    Unread(UnreadReason),
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The row's name, under which a test holds an answer of this kind.
    pub name: &'static str,
    /// What it means.
    pub outcome: FailureMeaning,
    applies: fn(&CallFailure) -> bool,
}

const fn row(name: &'static str, outcome: FailureMeaning, applies: fn(&CallFailure) -> bool) -> Row {
    Row { name, outcome, applies }
}

const fn unread(name: &'static str, reason: UnreadReason, applies: fn(&CallFailure) -> bool) -> Row {
    row(name, FailureMeaning::Unread(reason), applies)
}

/// The table, read from top to bottom.
///
/// Macie has one error code, `AccessDeniedException`, for "not enabled" and for "denied". Only words that are known to mean
/// "not enabled" are taken for it, so that new words make the reading unknown and not wrong.
///
/// Sources: Amazon Macie API Reference, GetMacieSession; acceptance tests of the Terraform AWS provider and handlers of the
/// CloudFormation resource `AWS::Macie::Session`, for the words; IAM User Guide, "Troubleshoot access denied error
/// messages"; AWS General Reference, "Common errors".
pub static ROWS: [Row; 17] = [
    row("not_enabled", FailureMeaning::NotEnabled, |failure| {
        failure.is_code(&["AccessDeniedException"]) && says_not_enabled(failure)
    }),
    row("no_session", FailureMeaning::NotEnabled, |failure| failure.is_code(&["ResourceNotFoundException"])),
    unread("not_authorized", UnreadReason::Denied, says_not_authorized),
    unread("access_denied", UnreadReason::Denied, is_denial),
    unread("throttling_code", UnreadReason::Throttled, |failure| failure.is_code(THROTTLING)),
    unread("status_429", UnreadReason::Throttled, |failure| failure.http_status == Some(429)),
    row("token_refused", FailureMeaning::TokenRefused, |failure| failure.is_code(UNKNOWN_TOKEN)),
    unread("token_expired", UnreadReason::BadCredentials, |failure| failure.is_code(EXPIRED)),
    unread("bad_signature", UnreadReason::BadCredentials, |failure| failure.is_code(UNSIGNED)),
    unread("no_credentials", UnreadReason::BadCredentials, |failure| failure.kind == FailureKind::NoCredentials),
    unread("aws_fault", UnreadReason::Unreachable, |failure| failure.code.is_some() && is_fault(failure.http_status)),
    unread("name_not_resolved", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::NameNotResolved),
    unread("not_connected", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::NotConnected),
    unread("connection_closed", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::ConnectionClosed),
    unread("timed_out", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::TimedOut),
    unread("foreign_body", UnreadReason::Unintelligible, |failure| failure.kind == FailureKind::Foreign),
    unread("anything_else", UnreadReason::Unintelligible, |_| true),
];

const THROTTLING: &[&str] = &[
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// A Region that is off answers with these as well.
const UNKNOWN_TOKEN: &[&str] = &["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"];

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

/// Whether an error code says that credentials were good once.
///
/// Source: AWS General Reference, "Common errors".
pub fn is_expired(code: &str) -> bool {
    EXPIRED.contains(&code)
}

/// Whether AWS refused the credentials of a call, so that nothing was carried out and new ones may help.
pub(in crate::aws) fn refuses_credentials(failure: &CallFailure) -> bool {
    classify(failure).outcome == FailureMeaning::TokenRefused || failure.code.as_deref().is_some_and(is_expired)
}

/// Whether an error code asks the caller to slow down.
pub fn is_throttling(code: &str) -> bool {
    THROTTLING.contains(&code)
}

const UNSIGNED: &[&str] = &[
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// The first row that applies.
pub fn classify(failure: &CallFailure) -> &'static Row {
    let [.., last] = &ROWS;
    ROWS.iter().find(|row| (row.applies)(failure)).unwrap_or(last)
}

/// Whether an error of GetMacieSession says that there is no session.
pub(in crate::aws) fn is_not_enabled(code: Option<&str>, message: Option<&str>) -> bool {
    let failure = CallFailure {
        kind: FailureKind::Answered,
        code: code.map(Into::into),
        message: message.map(Into::into),
        request_id: None,
        http_status: None,
    };
    code == Some("AccessDeniedException") && classify(&failure).outcome == FailureMeaning::NotEnabled
}

fn says_not_enabled(failure: &CallFailure) -> bool {
    let Some(message) = failure.message.as_deref() else { return false };
    // Both typographic apostrophes are seen.
    let message = message.replace(['\u{2019}', '\u{2018}'], "'").to_lowercase();
    let not_enabled = message.contains("macie is not enabled") || message.contains("macie isn't enabled");
    not_enabled && !message.contains("authoriz") && !message.contains("authoris")
}

fn says_not_authorized(failure: &CallFailure) -> bool {
    let says_so = |message: &str| message.to_ascii_lowercase().contains("is not authorized to perform");
    failure.kind == FailureKind::Answered && failure.message.as_deref().is_some_and(says_so)
}

/// Whether AWS or IAM denies, in whatever words.
pub(in crate::aws) fn is_denial(failure: &CallFailure) -> bool {
    failure.code.as_deref().is_some_and(|code| {
        ["AccessDenied", "Forbidden", "NotAuthorized", "Unauthorized"].iter().any(|start| code.starts_with(start))
    })
}

fn is_fault(status: Option<u16>) -> bool {
    status.is_some_and(|status| status >= 500)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_have_names_of_their_own_and_the_last_takes_the_rest() {
        let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
        let [.., last] = &ROWS;
        let nothing =
            CallFailure { kind: FailureKind::NotSent, code: None, message: None, request_id: None, http_status: None };
        assert_eq!(classify(&nothing).name, last.name);
    }
}
