//! What an answer must be to be taken for success.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::de::IgnoredAny;

use super::answer::Limit;

/// In what a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Macie, AWS Account Management, AWS Organizations.
    Json,
    /// AWS STS.
    Xml,
}

/// Takes for success only what has HTTP status 200 and, where it is to be JSON, is JSON to its end.
///
/// The SDK takes any status below 300, among them 203, by which a proxy says that it has changed the body, and 206, by which
/// somebody says that it is a part. And it passes over fields that it does not know without looking at what they hold.
///
/// Sources: Amazon Macie, AWS STS, AWS Account Management and AWS Organizations API References: every operation that is called
/// here answers with 200; RFC 9110, 15.3 "Successful 2xx".
#[derive(Debug)]
pub(super) struct Success(pub(super) Language);

#[dyn_dispatch_hint]
impl Intercept for Success {
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
        let body = context.response().body().bytes().unwrap_or_default();
        // Nothing at all is what the SDK takes for an object without fields: what was asked about is not in it.
        if self.0 == Language::Json && !body.is_empty() {
            serde_json::from_str::<IgnoredAny>(std::str::from_utf8(body)?)?;
        }
        Ok(())
    }
}
