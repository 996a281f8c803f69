//! What an answer must be to be taken for success.

use super::response::{Limit, Once};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// In what a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Macie, AWS Account Management, AWS Organizations.
    Json,
    /// AWS STS.
    Xml,
}

/// Takes for success only what has HTTP status 200 and is there to its end: JSON in which no key stands twice, or XML.
///
/// The SDK takes any status below 300, among them 203, by which a proxy says that it has changed the body, and 206, by which
/// somebody says that it is a part. And it passes over fields that it does not know without looking at what they hold.
///
/// Sources: Amazon Macie, AWS STS, AWS Account Management and AWS Organizations API References: every operation that is called
/// here answers with 200; RFC 9110, 15.3 "Successful 2xx".
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
        // What could not be read to its end is told as that.
        let Some(body) = context.response().body().bytes() else { return Ok(()) };
        // Nothing at all is what the SDK takes for an object without fields: what was asked about is not in it.
        if self.0 == Protocol::Json && !body.is_empty() {
            serde_json::from_str::<Once>(std::str::from_utf8(body)?)?;
        }
        if self.0 == Protocol::Xml && !is_whole(std::str::from_utf8(body)?) {
            return Err("the end of the answer is missing".into());
        }
        Ok(())
    }
}

/// Whether XML ends with the end of its first element.
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

#[cfg(test)]
mod tests {
    use super::is_whole;

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
