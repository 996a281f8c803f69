//! Retry classifiers and retry budgets.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use aws_sdk_macie2::error::ProvideErrorMetadata;
use aws_sdk_macie2::operation::get_macie_session::GetMacieSessionError;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use super::failure::{INTERNAL_ERROR, is_not_enabled, is_rate_exceeded, is_throttling};
use super::network::{is_too_large, is_unsent};
use super::response_json::{ErrorWords, error_words};
use crate::model::AccountId;

/// Retry tokens per account: 100 retries at the price of 5 of the SDK.
///
/// A success returns what its retries took.
const RETRY_BUDGET: usize = 500;

/// The retry budget of an account.
///
/// By default the SDK has one budget per service and Region for the whole process, so that one throttled account would
/// use up the retries of all others.
pub(super) fn retry_partition(account: AccountId) -> RetryPartition {
    RetryPartition::custom(account.to_string()).token_bucket(TokenBucket::new(RETRY_BUDGET)).build()
}

/// The account of a call: retry partitions are named after accounts.
pub(super) fn account_of(bag: &ConfigBag) -> Option<AccountId> {
    bag.load::<RetryPartition>().and_then(|budget| budget.to_string().parse().ok())
}

/// Classifies HTTP status 429 as throttling, whatever the body says: the SDK goes by the error code alone. For writes,
/// [`NoRetryAfterSend`] allows another attempt only after a refusal of AWS itself.
#[derive(Debug)]
pub(super) struct Http429Classifier;

impl ClassifyRetry for Http429Classifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response().filter(|response| response.status().as_u16() == 429) else {
            return RetryAction::NoActionIndicated;
        };
        // This runs after the classifier of the SDK and would otherwise drop the pause that AWS asks for, in
        // milliseconds.
        match response.headers().get("x-amz-retry-after").and_then(|pause| pause.parse().ok()) {
            Some(pause) => RetryAction::retryable_error_with_explicit_delay(
                ErrorKind::ThrottlingError,
                Duration::from_millis(pause),
            ),
            None => RetryAction::throttling_error(),
        }
    }

    fn name(&self) -> &'static str {
        "HTTP status 429"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::http_status_code_classifier())
    }
}

/// Retries requests that AWS refused for their signing time. The SDK signs by the clock of the last response to any
/// call of the client, so a proxy with a wrong clock in the way of one account would spoil the calls of others. It
/// retries by itself only if the refusal gives another time than this machine has, which is not so if this machine was
/// right.
///
/// Sources: IAM User Guide, "Troubleshoot Signature Version 4 requests", for the words; `service_clock_skew.rs` of
/// aws-runtime 1.10.2.
#[derive(Debug)]
pub(super) struct ClockSkewClassifier;

impl ClassifyRetry for ClockSkewClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refusal = context.response().filter(|response| matches!(response.status().as_u16(), 400 | 403));
        let body = refusal.and_then(|response| std::str::from_utf8(response.body().bytes()?).ok()).unwrap_or_default();
        if body.contains("Signature expired: ") || body.contains("Signature not yet current: ") {
            // No congestion: AWS has responded, and done nothing.
            RetryAction::retryable_error(ErrorKind::ClientError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "signed too early or too late"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(Http429Classifier.priority())
    }
}

/// Makes "Macie is not enabled" final. With a clock difference, the SDK takes any `AccessDeniedException` for clock
/// skew and retries it, each time into the CloudTrail of the account.
#[derive(Debug)]
pub(super) struct NotEnabledIsFinal;

impl ClassifyRetry for NotEnabledIsFinal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failure)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let answer = failure.as_operation_error().and_then(|error| error.downcast_ref::<GetMacieSessionError>());
        match answer {
            Some(answer) if is_not_enabled(answer.code(), answer.message()) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Macie is not enabled"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(Http429Classifier.priority())
    }
}

/// Retries what Systems Manager calls a fault of its own or too many calls, whatever the HTTP status and the code: its protocol
/// binds neither. The SDK goes by these.
///
/// Source: AWS Systems Manager API Reference, GetDocument, Errors; AWS General Reference, "Common errors".
#[derive(Debug)]
pub(super) struct SystemsManagerClassifier;

impl ClassifyRetry for SystemsManagerClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refusal = context.response().filter(|response| response.status().as_u16() == 400);
        let body = refusal.and_then(|response| response.body().bytes()).unwrap_or_default();
        let ErrorWords { codes, messages } = error_words(body);
        if codes.iter().any(|code| code == INTERNAL_ERROR) {
            RetryAction::server_error()
        } else if !codes.is_empty() && messages.iter().any(|message| is_rate_exceeded(message)) {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "faults of Systems Manager"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(Http429Classifier.priority())
    }
}

/// Forbids another attempt at a write of unknown outcome: it may have been made, and the target may have changed since.
/// The caller reads the target first.
///
/// The SDK may retry what AWS certainly did not carry out: a request that did not arrive, one that was throttled, and
/// one that AWS refused in its own words. A 5xx, and a response that is not from AWS, whatever its status, are none of
/// these.
pub(crate) struct NoRetryAfterSend<E>(PhantomData<fn() -> E>);

impl<E> NoRetryAfterSend<E> {
    /// Creates the classifier of the operation with this error.
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> fmt::Debug for NoRetryAfterSend<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("NoRetryAfterSend")
    }
}

impl<E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static> ClassifyRetry for NoRetryAfterSend<E> {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failure)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let status = context.response().map(|response| response.status().as_u16());
        let code = failure.as_operation_error().and_then(|error| error.downcast_ref::<E>()).and_then(E::code);
        if is_unsent(failure) || is_certainly_not_done(status, code) {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "a change without an answer"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(Http429Classifier.priority())
    }
}

/// Forbids another attempt after an oversized response, or if the requested pause exceeds the time limit of the call.
#[derive(Debug)]
pub(super) struct FutileRetryClassifier {
    /// How long a call may take, with all its attempts.
    pub(super) operation: Duration,
}

impl ClassifyRetry for FutileRetryClassifier {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let pause = context.response().and_then(|response| response.headers().get("x-amz-retry-after"));
        let pause = pause.and_then(|pause| pause.parse().ok()).map(Duration::from_millis);
        match context.output_or_error() {
            Some(Err(failure)) if is_too_large(failure) || pause >= Some(self.operation) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "hopeless"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(Http429Classifier.priority())
    }
}

/// Whether a response proves that a write was not carried out.
///
/// Source: AWS General Reference, "Common errors": `RequestTimeout` comes with 400, and does not say what was done
/// before.
fn is_certainly_not_done(status: Option<u16>, code: Option<&str>) -> bool {
    match (status, code) {
        (_, Some(code)) if is_throttling(code) => true,
        // A proxy may have throttled the call after passing it on.
        (Some(429), _) => false,
        (Some(400..500), Some(code)) => !matches!(code, "RequestTimeout" | "RequestTimeoutException"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_certainly_not_done;

    #[test]
    fn only_aws_s_own_refusal_says_that_nothing_was_done() {
        for (status, code, expected) in [
            (Some(429), Some("TooManyRequestsException"), true),
            (Some(429), None, false),
            (Some(429), Some("rate_limited"), false),
            (Some(400), Some("ThrottlingException"), true),
            (Some(503), Some("SlowDown"), true),
            (Some(403), Some("ExpiredTokenException"), true),
            (Some(403), Some("SignatureDoesNotMatch"), true),
            (Some(400), Some("RequestTimeout"), false),
            (Some(500), Some("InternalServerException"), false),
            (Some(503), Some("ServiceUnavailable"), false),
            (Some(502), None, false),
            (Some(403), None, false),
            (Some(203), None, false),
            (None, None, false),
        ] {
            assert_eq!(is_certainly_not_done(status, code), expected, "{status:?} {code:?}");
        }
    }
}
