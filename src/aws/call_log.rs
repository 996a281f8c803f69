//! Log of a run's calls: which actions were answered or denied where, and how far the clock of this machine is off.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};

use super::failure::{classify, classify_systems_manager, says_macie_is_off, says_not_administrator};
use super::response_json::{ErrorWords, error_words, without_namespace};
use super::retry::account_of;
use super::service::Service;
use super::{CallFailure, FailureKind, FailureMeaning};
use crate::model::{AccountId, Clock, Region, Unread, UnreadReason};

/// A call, whatever it asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoggedCall {
    /// The IAM action, such as `macie2:GetMacieSession`.
    pub action: String,
    /// The account whose credentials were used.
    pub account: Option<AccountId>,
    /// The Region, for Macie and Systems Manager.
    pub region: Option<Region>,
}

/// Permission for a call, as its result shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallResult {
    /// Nothing: no answer, throttling, or credentials that were refused.
    Inconclusive,
    /// It is allowed: there was an answer, or an error that does not concern authorization.
    Allowed,
    /// It is denied.
    Denied(Box<Unread>),
}

/// Log of the calls of a run.
#[derive(Debug, Default)]
pub(super) struct CallLog {
    calls: Mutex<BTreeMap<LoggedCall, CallResult>>,
    clock_offset: Mutex<Option<SignedDuration>>,
}

impl CallLog {
    /// Records an attempt of a call.
    pub(super) fn record(
        &self,
        service: Service,
        region: Option<&Region>,
        context: &FinalizerInterceptorContextRef<'_>,
        bag: &ConfigBag,
    ) {
        let response = context.response();
        if let Some(date) = response.and_then(|response| response.headers().get("date")) {
            self.record_date(date, Clock::System.now());
        }
        let Some(operation) = bag.load::<Metadata>() else { return };
        let result = match (response, context.output_or_error()) {
            (_, Some(Ok(_))) => CallResult::Allowed,
            (Some(response), _) => error_result(service, response),
            (None, _) => CallResult::Inconclusive,
        };
        let call = LoggedCall {
            action: format!("{}:{}", service.iam_prefix(), operation.name()),
            account: account_of(bag),
            region: region.cloned(),
        };
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let known = calls.entry(call).or_insert(CallResult::Inconclusive);
        // A denial of one page stands; a failure says nothing about an earlier answer.
        if !matches!((&*known, &result), (CallResult::Denied(_), _) | (_, CallResult::Inconclusive)) {
            *known = result;
        }
    }

    /// Records the time in an answer. Answers arrive late, so that the smallest offset is the best one.
    fn record_date(&self, date: &str, now: Timestamp) {
        let server = DateTime::from_str(date, Format::HttpDate).ok().map(|date| date.secs());
        let Some(server) = server.and_then(|seconds| Timestamp::from_second(seconds).ok()) else { return };
        let offset = now.duration_since(server);
        let mut known = self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none_or(|known| offset.abs() < known.abs()) {
            *known = Some(offset);
        }
    }

    pub(super) fn calls(&self) -> BTreeMap<LoggedCall, CallResult> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lead of this machine's clock over that of AWS, if an answer had a time.
    pub(super) fn clock_offset(&self) -> Option<SignedDuration> {
        *self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission that an error shows, by the failure table.
fn error_result(service: Service, response: &HttpResponse) -> CallResult {
    let ErrorWords { codes, messages } = error_words(response.body().bytes().unwrap_or_default());
    let header = response.headers().get("x-amzn-errortype").map(|code| without_namespace(code).to_owned());
    let failure = CallFailure {
        kind: FailureKind::Answered,
        code: header.or_else(|| codes.into_iter().next()).map(Into::into),
        message: (!messages.is_empty()).then(|| messages.join("; ").into()),
        request_id: response.headers().get("x-amzn-requestid").map(Into::into),
        http_status: Some(response.status().as_u16()),
    };
    let row = if service == Service::SystemsManager { classify_systems_manager(&failure) } else { classify(&failure) };
    match row.outcome {
        FailureMeaning::NotEnabled | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => CallResult::Allowed,
        FailureMeaning::Unread(UnreadReason::Denied)
            if says_not_administrator(&failure) || failure.message.as_deref().is_some_and(says_macie_is_off) =>
        {
            CallResult::Allowed
        }
        FailureMeaning::Unread(UnreadReason::Denied) => {
            CallResult::Denied(Box::new(failure.into_unread(UnreadReason::Denied)))
        }
        FailureMeaning::TokenRefused | FailureMeaning::Unread(_) => CallResult::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn result(code: &str, message: &str) -> CallResult {
        let body = format!("{{\"__type\": \"{code}\", \"message\": \"{message}\"}}");
        let mut response = HttpResponse::new(403_u16.try_into().expect("a status"), SdkBody::from(body));
        response.headers_mut().insert("x-amzn-requestid", "r-1");
        error_result(Service::Macie, &response)
    }

    #[test]
    fn only_a_denial_by_a_policy_is_one() {
        for allowed in ["Macie is not enabled.", "you must be the Macie administrator for an organization"] {
            assert_eq!(result("AccessDeniedException", allowed), CallResult::Allowed, "{allowed}");
        }
        let denied = result("AccessDeniedException", "User: x is not authorized to perform: macie2:GetMacieSession");
        assert!(matches!(denied, CallResult::Denied(unread) if unread.evidence.request_id.as_deref() == Some("r-1")));
        for silent in ["ThrottlingException", "ExpiredTokenException", "UnrecognizedClientException"] {
            assert_eq!(result(silent, "x"), CallResult::Inconclusive, "{silent}");
        }
    }

    #[test]
    fn the_answer_that_came_first_tells_the_time() {
        let log = CallLog::default();
        let now: Timestamp = "2027-03-31T06:10:00Z".parse().expect("a time");
        for date in ["nonsense", "Wed, 31 Mar 2027 06:00:00 GMT", "Wed, 31 Mar 2027 05:59:00 GMT"] {
            log.record_date(date, now);
        }
        assert_eq!(log.clock_offset(), Some(SignedDuration::from_mins(10)));
    }
}
