//! What is retried, and whose retries are used up by it.

use std::time::Duration;

use aws_sdk_macie2::error::ProvideErrorMetadata as _;
use aws_sdk_macie2::operation::get_macie_session::GetMacieSessionError;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::retry::ErrorKind;

use super::failure::{is_not_enabled, is_unanswered};
use crate::model::AccountId;

/// Retries that one account may have outstanding: at the SDK's price of 5 per retry, 100 of them.
///
/// A success gives back what its retries took.
const BUDGET: usize = 500;

/// A retry budget of an account's own.
///
/// By itself the SDK keeps one budget per service and Region for the whole process, so that one throttled account would
/// use up the retries of all others.
pub(super) fn budget_of(account: AccountId) -> RetryPartition {
    RetryPartition::custom(account.to_string()).token_bucket(TokenBucket::new(BUDGET)).build()
}

/// Takes HTTP status 429 for a request to slow down, whatever the body says: the SDK itself goes by the error code alone.
#[derive(Debug)]
pub(super) struct BareThrottle;

impl ClassifyRetry for BareThrottle {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response().filter(|response| response.status().as_u16() == 429) else {
            return RetryAction::NoActionIndicated;
        };
        // This comes after the SDK's own verdict and would otherwise drop the pause that AWS asks for, in milliseconds.
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

/// Tries again what AWS refused for the time at which it was signed. The SDK signs by the clock that the last answer to any call
/// of the client told: a proxy with a wrong clock in the way of one account would spoil the calls for others. It tries again by
/// itself only where the refusal tells another time than this machine has, which it does not if this machine was right all along.
///
/// Sources: IAM User Guide, "Troubleshoot Signature Version 4 requests", for the words; `service_clock_skew.rs` of aws-runtime 1.10.2.
#[derive(Debug)]
pub(super) struct SignedTooEarlyOrLate;

impl ClassifyRetry for SignedTooEarlyOrLate {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refusal = context.response().filter(|response| matches!(response.status().as_u16(), 400 | 403));
        let body = refusal.and_then(|response| std::str::from_utf8(response.body().bytes()?).ok()).unwrap_or_default();
        if body.contains("Signature expired: ") || body.contains("Signature not yet current: ") {
            // No sign of strain: AWS has answered, and did nothing.
            RetryAction::retryable_error(ErrorKind::ClientError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "signed too early or too late"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(BareThrottle.priority())
    }
}

/// Takes "Macie is not enabled" for the answer that it is. Where the clocks of this machine and of AWS differ, the SDK takes any
/// `AccessDeniedException` for a matter of clocks, and asks again and again, each time into the account's CloudTrail.
#[derive(Debug)]
pub(super) struct Answered;

impl ClassifyRetry for Answered {
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
        RetryClassifierPriority::run_after(BareThrottle.priority())
    }
}

/// Lets no change be asked for a second time while nobody knows what became of the first: it may have been made, and somebody
/// else may have changed the target again since. Who asked for it looks first.
#[derive(Debug)]
pub(super) struct OnceOnly;

impl ClassifyRetry for OnceOnly {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            Some(Err(failure)) if is_unanswered(failure) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a change without an answer"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(BareThrottle.priority())
    }
}
