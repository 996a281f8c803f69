//! What the attempts of one call showed beside its outcome.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::response::{Odd, OddField};
use super::{CallFailure, FailureKind, FailureMeaning, classify};
use crate::model::UnreadReason;

/// What the attempts of one call showed beside its outcome: fields that could not be understood, and whether AWS asked to slow
/// down. `E` is the error of the operation.
pub(crate) struct ResponseObserver<E> {
    seen: Arc<Mutex<Observed>>,
    of: PhantomData<fn() -> E>,
}

#[derive(Debug, Default)]
struct Observed {
    odd: Vec<OddField>,
    throttled: Option<CallFailure>,
}

impl<E> ResponseObserver<E> {
    pub(crate) fn new() -> Self {
        Self { seen: Arc::default(), of: PhantomData }
    }

    /// A note on the fields of the last answer that could not be understood and are left out, if there are any.
    pub(crate) fn note(&self) -> Option<String> {
        let observed = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let fields: Vec<String> =
            observed.odd.iter().map(|field| format!("{} ({})", field.name, field.value)).collect();
        (!fields.is_empty()).then(|| format!("not understood, so left out: {}", fields.join(", ")))
    }

    /// The failure, or that AWS asked to slow down, where the call's time was over while it waited for that.
    pub(crate) fn explain(&self, failure: CallFailure) -> CallFailure {
        if failure.kind != FailureKind::TimedOut {
            return failure;
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).throttled.take().unwrap_or(failure)
    }
}

impl<E> Clone for ResponseObserver<E> {
    fn clone(&self) -> Self {
        Self { seen: Arc::clone(&self.seen), of: PhantomData }
    }
}

impl<E> fmt::Debug for ResponseObserver<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Watch").finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl<E: ProvideErrorMetadata + Error + Send + Sync + 'static> Intercept for ResponseObserver<E> {
    fn name(&self) -> &'static str {
        "driftline watch"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let odd = response.and_then(|response| response.extension::<Odd>()).map(Odd::fields).unwrap_or_default();
        let throttled = context.output_or_error().and_then(Result::err).and_then(|failure| {
            let said = failure.as_operation_error().and_then(|error| error.downcast_ref::<E>());
            let failure = CallFailure {
                kind: FailureKind::Answered,
                code: said.and_then(ProvideErrorMetadata::code).map(Into::into),
                message: said.and_then(ProvideErrorMetadata::message).map(Into::into),
                request_id: None,
                http_status: response.map(|response| response.status().as_u16()),
            };
            (classify(&failure).outcome == FailureMeaning::Unread(UnreadReason::Throttled)).then_some(failure)
        });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Observed { odd, throttled };
        Ok(())
    }
}
