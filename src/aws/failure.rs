//! Failed calls: their facts, and the one table that classifies them.

use std::error::Error;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::denial::parse_denial;
use super::network::{self, FailureKind};
use super::response_json::{ErrorWords, error_words, without_namespace};
use super::service::Service;
use crate::model::{Evidence, Unread, UnreadReason};

/// Classification of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureMeaning {
    /// Macie reports no session.
    NotEnabled,
    /// Systems Manager reports no document.
    NoDocument,
    /// What the call was about has changed since an earlier one: it is read once more, from the start.
    ReadAgain,
    /// AWS does not accept the token: it is invalid, or the Region is off for the account. The caller has to find out
    /// which.
    TokenRefused,
    /// Unread, for this reason.
    Unread(UnreadReason),
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name of the row, which a test fixture has, too.
    pub name: &'static str,
    /// The only service that the row is about; `None` for every one.
    pub service: Option<Service>,
    /// The classification.
    pub outcome: FailureMeaning,
    applies: fn(&CallFailure) -> bool,
}

const fn row(name: &'static str, outcome: FailureMeaning, applies: fn(&CallFailure) -> bool) -> Row {
    Row { name, service: None, outcome, applies }
}

const fn unread(name: &'static str, reason: UnreadReason, applies: fn(&CallFailure) -> bool) -> Row {
    row(name, FailureMeaning::Unread(reason), applies)
}

const fn only(service: Service, row: Row) -> Row {
    Row { service: Some(service), ..row }
}

/// The failure table. The first row that applies decides.
///
/// Macie has one error code, `AccessDeniedException`, for "not enabled" and for "denied"; Systems Manager has one,
/// `InvalidDocument`, for a document that does not exist and for one that it does not take. Only wordings that are known to mean
/// "not enabled" or "does not exist" count as that, so that a new wording makes the reading unread and never wrong.
///
/// Sources: Amazon Macie API Reference, GetMacieSession; acceptance tests of the Terraform AWS provider and handlers of
/// the CloudFormation resource `AWS::Macie::Session`, for the words; AWS Systems Manager API Reference, GetDocument and
/// DescribeSessions; IAM User Guide, "Troubleshoot access denied error messages"; AWS General Reference, "Common errors".
pub static ROWS: [Row; 22] = [
    only(
        Service::Macie,
        row("not_enabled", FailureMeaning::NotEnabled, |failure| {
            failure.is_code(&["AccessDeniedException"]) && says_not_enabled(failure)
        }),
    ),
    only(
        Service::Macie,
        row("no_session", FailureMeaning::NotEnabled, |failure| failure.is_code(&["ResourceNotFoundException"])),
    ),
    unread("not_authorized", UnreadReason::Denied, says_not_authorized),
    unread("access_denied", UnreadReason::Denied, is_denial),
    only(Service::SystemsManager, row("no_document", FailureMeaning::NoDocument, says_no_document)),
    only(
        Service::SystemsManager,
        unread("other_document", UnreadReason::Unintelligible, |failure| failure.is_code(&["InvalidDocument"])),
    ),
    only(
        Service::SystemsManager,
        row("read_again", FailureMeaning::ReadAgain, |failure| {
            failure.is_code(&["InvalidDocumentVersion", "InvalidNextToken"])
        }),
    ),
    unread("throttling_code", UnreadReason::Throttled, |failure| failure.is_code(THROTTLING)),
    unread("status_429", UnreadReason::Throttled, |failure| failure.http_status == Some(429)),
    only(Service::SystemsManager, unread("rate_exceeded", UnreadReason::Throttled, says_rate_exceeded)),
    row("token_refused", FailureMeaning::TokenRefused, |failure| failure.is_code(UNKNOWN_TOKEN)),
    unread("token_expired", UnreadReason::BadCredentials, |failure| failure.is_code(EXPIRED)),
    unread("bad_signature", UnreadReason::BadCredentials, |failure| failure.is_code(UNSIGNED)),
    unread("no_credentials", UnreadReason::BadCredentials, |failure| failure.kind == FailureKind::NoCredentials),
    unread("aws_fault", UnreadReason::Unreachable, |failure| failure.code.is_some() && is_fault(failure.http_status)),
    // The protocol of Systems Manager does not bind the status.
    only(
        Service::SystemsManager,
        unread("internal_error", UnreadReason::Unreachable, |failure| failure.is_code(&[INTERNAL_ERROR])),
    ),
    unread("name_not_resolved", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::NameNotResolved),
    unread("not_connected", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::NotConnected),
    unread("connection_closed", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::ConnectionClosed),
    unread("timed_out", UnreadReason::Unreachable, |failure| failure.kind == FailureKind::TimedOut),
    unread("foreign_body", UnreadReason::Unintelligible, |failure| failure.kind == FailureKind::Foreign),
    unread("anything_else", UnreadReason::Unintelligible, |_| true),
];

/// Systems Manager's code of a fault of its own.
pub(super) const INTERNAL_ERROR: &str = "InternalServerError";

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

/// Codes of an invalid token, and of a Region that is off.
const UNKNOWN_TOKEN: &[&str] = &["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"];

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

/// Whether an error code means expired credentials.
///
/// Source: AWS General Reference, "Common errors".
pub fn is_expired(code: &str) -> bool {
    EXPIRED.contains(&code)
}

/// Whether AWS refused the credentials, so that nothing was carried out and a refresh may help.
pub(super) fn refuses_credentials(failure: &CallFailure) -> bool {
    classify(failure).outcome == FailureMeaning::TokenRefused || failure.code.as_deref().is_some_and(is_expired)
}

/// Whether an error code means throttling.
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

/// Classifies a failure of any service but Systems Manager by the first row that applies.
pub fn classify(failure: &CallFailure) -> &'static Row {
    classify_for(Service::Macie, failure)
}

/// Classifies a failure of Systems Manager by the first row that applies.
pub fn classify_systems_manager(failure: &CallFailure) -> &'static Row {
    classify_for(Service::SystemsManager, failure)
}

fn classify_for(service: Service, failure: &CallFailure) -> &'static Row {
    let [.., last] = &ROWS;
    let mut rows = ROWS.iter().filter(|row| row.service.is_none_or(|only| only == service));
    rows.find(|row| (row.applies)(failure)).unwrap_or(last)
}

/// Whether a failure says that what was asked for is not there, which is a reading.
fn is_absence(failure: &CallFailure) -> bool {
    classify(failure).outcome == FailureMeaning::NotEnabled
        || classify_systems_manager(failure).outcome == FailureMeaning::NoDocument
}

/// Whether an error of GetMacieSession reports no session.
pub(super) fn is_not_enabled(code: Option<&str>, message: Option<&str>) -> bool {
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
    failure.message.as_deref().is_some_and(says_macie_is_off)
}

/// Whether a message says that Macie is not enabled, and nothing of authorization.
pub fn says_macie_is_off(message: &str) -> bool {
    // Both typographic apostrophes occur.
    let message = message.replace(['\u{2019}', '\u{2018}'], "'").to_lowercase();
    let not_enabled = message.contains("macie is not enabled") || message.contains("macie isn't enabled");
    not_enabled && !mentions_authorization(&message)
}

/// Source: `FindDocumentByName` of the Terraform AWS provider, which matches these words of AWS.
fn says_no_document(failure: &CallFailure) -> bool {
    let Some(message) = failure.message.as_deref().map(str::to_lowercase) else { return false };
    failure.is_code(&["InvalidDocument"]) && message.contains("does not exist") && !mentions_authorization(&message)
}

/// Whether a message in lower case is about authorization, whatever else it is about.
fn mentions_authorization(message: &str) -> bool {
    message.contains("authoriz") || message.contains("authoris")
}

fn says_rate_exceeded(failure: &CallFailure) -> bool {
    failure.kind == FailureKind::Answered && failure.message.as_deref().is_some_and(is_rate_exceeded)
}

/// Whether a message of AWS says that there were too many calls, whatever the code.
pub(super) fn is_rate_exceeded(message: &str) -> bool {
    message.to_ascii_lowercase().contains("rate exceeded")
}

fn says_not_authorized(failure: &CallFailure) -> bool {
    let says_so = |message: &str| message.to_ascii_lowercase().contains("is not authorized to perform");
    failure.kind == FailureKind::Answered && failure.message.as_deref().is_some_and(says_so)
}

/// Whether AWS says that only the Macie administrator of an organization may ask, as opposed to a denial by a policy. To GetMacieSession
/// this is no answer, so that the table has no row for it.
///
/// Source: messages seen in answers of AWS; Amazon Macie API Reference, DescribeOrganizationConfiguration.
pub fn says_not_administrator(failure: &CallFailure) -> bool {
    let says_so = |message: &str| {
        let message = message.to_lowercase();
        message.contains("must be the macie administrator") && !message.contains("authoriz")
    };
    is_denial(failure) && failure.message.as_deref().is_some_and(says_so)
}

/// Whether the error code is a denial.
pub(super) fn is_denial(failure: &CallFailure) -> bool {
    failure.code.as_deref().is_some_and(|code| {
        ["AccessDenied", "Forbidden", "NotAuthorized", "Unauthorized"].iter().any(|start| code.starts_with(start))
    })
}

fn is_fault(status: Option<u16>) -> bool {
    status.is_some_and(|status| status >= 500)
}

/// The facts of a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// How far the call got.
    pub kind: FailureKind,
    /// The error code of AWS, such as `AccessDeniedException`, without namespace.
    pub code: Option<Box<str>>,
    /// The message of AWS verbatim, or a description of the network or SDK error.
    pub message: Option<Box<str>>,
    /// The request id, which AWS Support asks for.
    pub request_id: Option<Box<str>>,
    /// The HTTP status. It never tells "not enabled" from "denied": both occur with 401 and 403.
    pub http_status: Option<u16>,
}

impl CallFailure {
    /// The facts of a failed call of any service.
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
            // Some clients of the SDK report a complete error body of another sender as this.
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
            // The SDK reports a truncated body as this.
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

    /// The facts of an error of AWS. The SDK takes the last of several messages and the first of several codes; here
    /// all of them count, so that no order of them makes a denial "not enabled".
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
            Some(other) if is_absence(&failure) => Self {
                kind: FailureKind::Foreign,
                code: None,
                message: Some(format!("HTTP {} with two error codes: {code}, and {other}", answer.status()).into()),
                ..failure
            },
            _ => failure,
        }
    }

    /// The facts of credentials that could not be resolved.
    pub(super) fn from_credentials_error(failure: &CredentialsError) -> Self {
        Self::without_credentials(&network::chain(failure))
    }

    /// A failure for lack of usable credentials.
    pub(super) fn without_credentials(why: &str) -> Self {
        let kind = FailureKind::NoCredentials;
        Self { kind, code: None, message: Some(why.into()), request_id: None, http_status: None }
    }

    /// The evidence in reports.
    pub fn into_evidence(self) -> Evidence {
        Evidence::new(self.code.as_deref(), self.message.as_deref(), self.request_id.as_deref())
    }

    /// The failure as an unread reason.
    pub fn into_unread(self, reason: UnreadReason) -> Unread {
        let denial = self.message.as_deref().and_then(parse_denial).map(Arc::new);
        Unread { reason, denial, evidence: self.into_evidence() }
    }

    pub(super) fn is_code(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn answered(code: &str, message: &str) -> CallFailure {
        CallFailure {
            kind: FailureKind::Answered,
            code: Some(code.into()),
            message: Some(message.into()),
            request_id: None,
            http_status: Some(400),
        }
    }

    #[test]
    fn the_words_of_a_service_mean_nothing_from_another() {
        let missing = answered("InvalidDocument", "The specified document does not exist.");
        assert_eq!(classify_systems_manager(&missing).name, "no_document");
        assert_eq!(classify(&missing).name, "anything_else");
        for not_enabled in [
            answered("AccessDeniedException", "Macie is not enabled."),
            answered("ResourceNotFoundException", "Not found"),
        ] {
            assert_eq!(classify(&not_enabled).outcome, FailureMeaning::NotEnabled);
            assert!(matches!(classify_systems_manager(&not_enabled).outcome, FailureMeaning::Unread(_)));
        }
    }

    #[test]
    fn rows_have_names_of_their_own_and_the_last_takes_the_rest() {
        let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
        let [.., last] = &ROWS;
        let nothing =
            CallFailure { kind: FailureKind::NotSent, code: None, message: None, request_id: None, http_status: None };
        assert_eq!(classify(&nothing).name, last.name);
    }

    #[test]
    fn only_the_words_about_the_administrator_say_that_an_account_is_none() {
        let refused = "The request failed because you must be the Macie administrator for an organization to perform this operation";
        assert!(says_not_administrator(&answered("AccessDeniedException", refused)));
        for (code, message) in [
            ("ValidationException", refused),
            ("AccessDeniedException", "Macie is not enabled"),
            ("AccessDeniedException", "User: x is not authorized to perform: a:B; you must be the Macie administrator"),
        ] {
            assert!(!says_not_administrator(&answered(code, message)), "{code} {message}");
        }
    }
}
