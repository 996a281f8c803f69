//! How large an answer may be, and which dates are believed.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::date_time::Format;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, LengthLimitError, Limited, StreamBody};

use super::malformed_fields::{Odd, normalize};

/// The most bytes of an answer about one thing: AWS's have a few hundred.
const ONE: usize = 1 << 20;

/// The most bytes of a page of a list: of classification jobs there are 200 in one, each with its buckets.
const LIST: usize = 8 << 20;

/// From 2000 to 2200, in seconds: what a `Date` outside that means, no clock explains.
const CREDIBLE: std::ops::Range<i64> = 946_684_800..7_258_118_400;

/// How many bytes the answer to a request may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::aws) struct Limit(usize);

/// An answer that is larger than any of AWS's.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the answer has more than {} MiB", .0 >> 20)]
pub(in crate::aws) struct TooLarge(usize);

impl Limit {
    /// The limit for an operation.
    pub(in crate::aws) fn for_operation(name: &str) -> Self {
        Self(if name.starts_with("List") { LIST } else { ONE })
    }
}

/// The limit that goes with a request. What has none is a request for credentials.
pub(in crate::aws) fn limit_of(request: &HttpRequest) -> Limit {
    request.extension::<Limit>().copied().unwrap_or(Limit(ONE))
}

/// The same answer, of which no more than so much is read, and whose date is credible.
pub(in crate::aws) fn careful(mut answer: HttpResponse, Limit(most): Limit) -> HttpResponse {
    let date = answer.headers().get("date").map(|date| DateTime::from_str(date, Format::HttpDate));
    if let Some(date) = date
        && !date.is_ok_and(|date| CREDIBLE.contains(&date.secs()))
    {
        // The SDK signs by the clock that answers tell, and panics over a year that it cannot write.
        answer.headers_mut().remove("date");
    }
    // That the body is as long was seen to below this; what is tidied may be shorter.
    answer.headers_mut().remove("content-length");
    let is_success = answer.status().as_u16() == 200;
    let body = answer.take_body();
    let odd = Odd::default();
    answer.add_extension(odd.clone());
    // Read when the SDK wants it, so that what goes wrong is about this answer.
    let reading = async move {
        let read = Limited::new(body, most).collect().await.map_err(|failure| too_large(failure, most))?;
        let whole = read.to_bytes();
        let tidied = if is_success { normalize(&whole, &odd) } else { None };
        Ok::<_, Box<dyn Error + Send + Sync>>(Frame::data(tidied.map_or(whole, Into::into)))
    };
    *answer.body_mut() = SdkBody::from_body_1_x(StreamBody::new(stream::once(reading)));
    answer
}

fn too_large(failure: Box<dyn Error + Send + Sync>, most: usize) -> Box<dyn Error + Send + Sync> {
    if failure.is::<LengthLimitError>() { TooLarge(most).into() } else { failure }
}
