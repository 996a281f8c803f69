//! Request counters of a run, and the congestion that requests met.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime::client::retries::classifiers::run_classifiers_on_ctx;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{RetryAction, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use serde::{Deserialize, Serialize};

use super::CallFailure;
use super::call_log::CallLog;
use super::failure::is_denial;
use super::retry::account_of;
use super::service::Service;
use crate::model::{AccountId, Region};

/// HTTP requests of a run. Each attempt of a call counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(default)]
pub struct RequestCounts {
    /// Requests to Macie.
    pub macie2: u64,
    /// Requests to Systems Manager.
    pub ssm: u64,
    /// Requests to STS.
    pub sts: u64,
    /// Requests to AWS Account Management.
    pub account: u64,
    /// Requests to AWS Organizations.
    pub organizations: u64,
    /// Requests that were a second or later attempt; they are part of the counts above.
    pub retried: u64,
    /// Requests that were throttled.
    pub throttled: u64,
    /// Requests that were answered with a denial, among them "Macie is not enabled". CloudTrail records each as an
    /// unauthorized call.
    pub access_denied: u64,
}

/// The counters of a run.
#[derive(Debug, Default)]
pub(super) struct RequestMetrics {
    macie2: AtomicU64,
    ssm: AtomicU64,
    sts: AtomicU64,
    account: AtomicU64,
    organizations: AtomicU64,
    retried: AtomicU64,
    throttled: AtomicU64,
    access_denied: AtomicU64,
    strains: CongestionLog,
    log: Option<CallLog>,
}

/// Interceptor that counts the requests of a service and, where it is regional, of a Region.
#[derive(Debug)]
pub(super) struct MetricsInterceptor {
    pub(super) metrics: Arc<RequestMetrics>,
    pub(super) service: Service,
    pub(super) region: Option<Region>,
}

impl RequestMetrics {
    /// Counters of a run that also logs its calls.
    pub(super) fn with_log() -> Self {
        Self { log: Some(CallLog::default()), ..Self::default() }
    }

    /// The log of the calls, if the run has one.
    pub(super) fn log(&self) -> Option<&CallLog> {
        self.log.as_ref()
    }

    pub(super) fn counts(&self) -> RequestCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RequestCounts {
            macie2: read(&self.macie2),
            ssm: read(&self.ssm),
            sts: read(&self.sts),
            account: read(&self.account),
            organizations: read(&self.organizations),
            retried: read(&self.retried),
            throttled: read(&self.throttled),
            access_denied: read(&self.access_denied),
        }
    }

    /// Congestion events since the last call.
    pub(super) fn take_congestion(&self) -> Vec<CongestionEvent> {
        self.strains.take()
    }

    /// The facts of a failed call. Counts a denial, which is never retried.
    pub(super) fn call_failure<E>(&self, failure: &SdkError<E, HttpResponse>) -> CallFailure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let failure = CallFailure::from_sdk_error(failure);
        if is_denial(&failure) {
            self.access_denied.fetch_add(1, Ordering::Relaxed);
        }
        failure
    }
}

#[dyn_dispatch_hint]
impl Intercept for MetricsInterceptor {
    fn name(&self) -> &'static str {
        "driftline request count"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let counter = match self.service {
            Service::Macie => &self.metrics.macie2,
            Service::SystemsManager => &self.metrics.ssm,
            Service::Sts => &self.metrics.sts,
            Service::Account => &self.metrics.account,
            Service::Organizations => &self.metrics.organizations,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if bag.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1) {
            self.metrics.retried.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(log) = &self.metrics.log {
            log.record(self.service, self.region.as_ref(), context, bag);
        }
        // Nearly all attempts succeed and need no look.
        if matches!(context.output_or_error(), Some(Ok(_))) {
            return Ok(());
        }
        let action = run_classifiers_on_ctx(components.retry_classifiers(), context.inner());
        let RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) = action else { return Ok(()) };
        let sign = match kind {
            ErrorKind::ThrottlingError => CongestionKind::Throttled,
            ErrorKind::TransientError | ErrorKind::ServerError => CongestionKind::Unanswered,
            _ => return Ok(()),
        };
        if sign == CongestionKind::Throttled {
            self.metrics.throttled.fetch_add(1, Ordering::Relaxed);
        }
        self.metrics.strains.record(CongestionEvent {
            service: self.service,
            region: self.region.clone(),
            account: account_of(bag),
            sign,
        });
        Ok(())
    }
}

/// An attempt that was throttled or got no response, reported while the call may still be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CongestionEvent {
    /// The service.
    pub service: Service,
    /// The Region, for Macie and Systems Manager.
    pub region: Option<Region>,
    /// The account whose credentials were used or requested.
    pub account: Option<AccountId>,
    /// Its kind.
    pub sign: CongestionKind,
}

/// Kinds of congestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CongestionKind {
    /// Throttled.
    Throttled,
    /// No response in time, no connection, or an error of AWS itself.
    Unanswered,
}

/// Congestion events that have not been taken yet.
#[derive(Debug, Default)]
pub(super) struct CongestionLog(Mutex<Vec<CongestionEvent>>);

impl CongestionLog {
    pub(super) fn record(&self, strain: CongestionEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(strain);
    }

    pub(super) fn take(&self) -> Vec<CongestionEvent> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
