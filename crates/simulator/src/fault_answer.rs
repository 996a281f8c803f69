//! How each kind of fault looks on the wire.

use hyper::StatusCode;

use super::answer::{Answer, Failure, Reply};
use super::operation::Service;
use super::world::VerbatimAnswer;

/// The page of a proxy that knows nothing of AWS.
const PROXY_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><h1>Please stand by</h1></body></html>\n";

/// Throttling in the code that most of a service's operations use.
///
/// Source: Amazon Macie API Reference (429 ThrottlingException); AWS STS API Reference, "Common errors" (400); AWS
/// Account Management API reference, ListRegions (429 TooManyRequestsException); AWS Organizations API Reference,
/// ListAccounts (400 TooManyRequestsException).
pub(super) fn throttle(service: Service) -> Failure {
    match service {
        Service::Sts => Failure::bad_request("Throttling", "Rate exceeded"),
        Service::Account => too_many_requests(),
        Service::Organizations => Failure::bad_request(
            "TooManyRequestsException",
            "You have sent too many requests in too short a period of time. Try again later.",
        ),
        Service::Macie => Failure::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", "Rate exceeded"),
    }
}

/// Throttling in the code of Account Management, which Macie was seen to use too.
pub(super) fn too_many_requests() -> Failure {
    Failure::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Too Many Requests")
}

/// A fault of the service itself. Source: as for throttling.
pub(super) fn server_error(service: Service) -> Failure {
    let code = match service {
        Service::Sts => "InternalFailure",
        Service::Organizations => "ServiceException",
        Service::Account | Service::Macie => "InternalServerException",
    };
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, code, "The request failed because of an unknown error.")
}

/// A proxy in the way.
pub(super) fn proxy_page(status: StatusCode) -> Reply {
    Reply::Answer(Answer::new(status, "text/html", PROXY_PAGE))
}

/// The scripted answer, word for word: not even a request id is added.
pub(super) fn verbatim(answer: &VerbatimAnswer) -> Reply {
    let VerbatimAnswer { status, headers, body } = answer;
    Reply::Answer(Answer { status: *status, headers: headers.clone(), body: body.clone().into() })
}
