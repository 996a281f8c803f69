//! Interceptors that check and observe the responses to a call.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::response_body::{Limit, Odd, OddField};
use super::response_json::Once;
use super::{CallFailure, FailureKind, FailureMeaning, classify};
use crate::model::UnreadReason;

/// Response format of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Macie, AWS Account Management, AWS Organizations.
    Json,
    /// AWS STS.
    Xml,
}

/// Accepts only HTTP status 200 with a complete body: JSON without repeated keys, or XML.
///
/// The SDK accepts any status below 300, among them 203, which means that a proxy changed the body, and 206, a part of
/// it. And it ignores the content of unknown fields.
///
/// Sources: Amazon Macie, AWS STS, AWS Account Management and AWS Organizations API References: every operation that is
/// called here answers with 200; RFC 9110, 15.3 "Successful 2xx".
#[derive(Debug)]
pub(super) struct StrictResponse(pub(super) Protocol);

#[dyn_dispatch_hint]
impl Intercept for StrictResponse {
    fn name(&self) -> &'static str {
        "driftline success"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(operation) = bag.load::<Metadata>() {
            context.request_mut().add_extension(Limit::for_operation(operation.name()));
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let status = context.response().status();
        if !status.is_success() {
            return Ok(());
        }
        if status.as_u16() != 200 {
            return Err(format!("HTTP {status} is no answer of AWS").into());
        }
        // A truncated body is reported as such.
        let Some(body) = context.response().body().bytes() else { return Ok(()) };
        // The SDK takes an empty body for an object without fields.
        if self.0 == Protocol::Json && !body.is_empty() {
            serde_json::from_str::<Once>(std::str::from_utf8(body)?)?;
        }
        if self.0 == Protocol::Xml && !is_whole(std::str::from_utf8(body)?) {
            return Err("the end of the answer is missing".into());
        }
        Ok(())
    }
}

/// Whether XML ends with the end tag of its first element.
fn is_whole(xml: &str) -> bool {
    let mut rest = xml.trim();
    while let Some(inside) = rest.strip_prefix("<?").or_else(|| rest.strip_prefix("<!")) {
        let Some((_, after)) = inside.split_once('>') else { return false };
        rest = after.trim_start();
    }
    let name = rest.strip_prefix('<').and_then(|inside| inside.split([' ', '\t', '\r', '\n', '>', '/']).next());
    let Some(name) = name.filter(|name| !name.is_empty()) else { return false };
    let end = rest.strip_suffix('>').map(str::trim_end).and_then(|rest| rest.strip_suffix(name));
    end.is_some_and(|rest| rest.ends_with("</"))
}

/// Observes the attempts of a call: malformed fields, throttling and, on request, the body. `E` is the error of the operation.
pub(crate) struct ResponseObserver<E> {
    seen: Arc<Mutex<Observed>>,
    keeps_body: bool,
    of: PhantomData<fn() -> E>,
}

#[derive(Debug, Default)]
struct Observed {
    odd: Vec<OddField>,
    throttled: Option<CallFailure>,
    body: Vec<u8>,
}

impl<E> ResponseObserver<E> {
    pub(crate) fn new() -> Self {
        Self { seen: Arc::default(), keeps_body: false, of: PhantomData }
    }

    /// An observer that keeps the body as well. The SDK puts `false` or an empty text in the place of a required field that is
    /// missing, so that its types do not tell.
    pub(crate) fn with_body() -> Self {
        Self { keeps_body: true, ..Self::new() }
    }

    /// The last body as JSON; null if there is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        let observed = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::from_slice(&observed.body).unwrap_or_default()
    }

    /// A note on the fields of the last answer that could not be understood and are left out, if there are any.
    pub(crate) fn note(&self) -> Option<String> {
        let observed = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let fields: Vec<String> =
            observed.odd.iter().map(|field| format!("{} ({})", field.name, field.value)).collect();
        (!fields.is_empty()).then(|| format!("not understood, so left out: {}", fields.join(", ")))
    }

    /// The failure or, for a call that timed out while it was throttled, the throttling.
    pub(crate) fn explain(&self, failure: CallFailure) -> CallFailure {
        if failure.kind != FailureKind::TimedOut {
            return failure;
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).throttled.take().unwrap_or(failure)
    }
}

impl<E> Clone for ResponseObserver<E> {
    fn clone(&self) -> Self {
        Self { seen: Arc::clone(&self.seen), keeps_body: self.keeps_body, of: PhantomData }
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
        "driftline observer"
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
        let body = response.filter(|_| self.keeps_body).and_then(|response| response.body().bytes());
        let body = body.map(<[u8]>::to_vec).unwrap_or_default();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Observed { odd, throttled, body };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_that_ends_as_it_begins() {
        for xml in ["<a>x</a>", "<?xml version=\"1.0\"?>\n<a b=\"c\"><d/></a >\n", "<!-- x --><a></a>"] {
            assert!(is_whole(xml), "{xml}");
        }
        let whole = "<Answer xmlns=\"x\"><Result><Arn>y</Arn></Result></Answer>";
        for end in 0..whole.len() {
            assert!(!is_whole(whole.get(..end).expect("ASCII")), "{end}");
        }
    }
}
