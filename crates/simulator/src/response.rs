//! Replies to clients, and errors in the protocol of each service.

use std::borrow::Cow;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::operation::Service;
use crate::world::fault::VerbatimAnswer;

/// The header with the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The header with the code of an error, in the REST-JSON protocol.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The content type of the JSON 1.1 protocol.
const JSON_1_1: &str = "application/x-amz-json-1.1";
/// The namespace of STS's answers.
pub(crate) const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It is answered.
    Answer(Answer),
    /// The answer's head comes at once, and its body bit by bit over a length of time.
    Drip(Answer, Duration),
    /// The connection closes in the middle of the answer.
    Cut(Answer),
    /// The connection closes without an answer.
    Close,
    /// No answer ever comes.
    Silence,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An error, independent of the protocol of a service.
#[derive(Debug, Clone)]
pub(crate) struct ServiceError {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// The field `Reason` of services that have one.
    pub(crate) reason: Option<&'static str>,
}

/// Source: AWS STS API Reference, "Common errors", and the Query protocol of Smithy.
#[derive(Serialize)]
#[serde(rename = "ErrorResponse", rename_all = "PascalCase")]
struct StsErrorResponse<'a> {
    #[serde(rename = "@xmlns")]
    xmlns: &'static str,
    error: StsError<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StsError<'a> {
    r#type: &'static str,
    code: &'a str,
    message: &'a str,
}

impl Reply {
    /// The same with the header `Date`, unless it has one or there is none to be set.
    pub(crate) fn dated(mut self, date: Option<HeaderValue>) -> Self {
        if let (Some(date), Self::Answer(answer) | Self::Drip(answer, _) | Self::Cut(answer)) = (date, &mut self) {
            answer.headers.entry(DATE).or_insert(date);
        }
        self
    }
}

impl Answer {
    /// An answer with a body of some type.
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, body: body.into() }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// A success of a REST-JSON service.
    pub(crate) fn json(body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::new(StatusCode::OK, "application/json", body),
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// A success of a JSON 1.1 service.
    pub(crate) fn json_1_1(body: &Value) -> Self {
        Self::new(StatusCode::OK, JSON_1_1, body.to_string())
    }

    /// A success of STS, from something that serializes to XML.
    pub(crate) fn xml(body: &impl Serialize) -> Result<Self, ServiceError> {
        match quick_xml::se::to_string(body) {
            Ok(text) => Ok(Self::new(StatusCode::OK, "text/xml", text)),
            Err(error) => {
                Err(ServiceError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", error.to_string()))
            }
        }
    }

    /// The same answer with the id of its request, which AWS always sends.
    pub(crate) fn with_request_id(mut self, id: &str) -> Self {
        if let Ok(id) = HeaderValue::from_str(id) {
            self.headers.insert(REQUEST_ID, id);
        }
        self
    }
}

impl ServiceError {
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), reason: None }
    }

    /// An error in the client's input.
    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The error for unknown credentials.
    ///
    /// Source: the "Common errors" of each API reference. An opt-in Region that is off gives the same error for valid credentials.
    pub(crate) fn unknown_token(service: Service) -> Self {
        let code = if service == Service::Sts { "InvalidClientTokenId" } else { "UnrecognizedClientException" };
        Self::new(StatusCode::FORBIDDEN, code, "The security token included in the request is invalid.")
    }

    /// The error for expired credentials. Source: as for unknown ones.
    pub(crate) fn expired_token(service: Service) -> Self {
        let code = if service == Service::Sts { "ExpiredToken" } else { "ExpiredTokenException" };
        Self::new(StatusCode::FORBIDDEN, code, "The security token included in the request is expired")
    }

    /// The denial of an action, with its reason.
    pub(crate) fn denied(service: Service, principal: &str, action: &str, resource: &str, reason: &str) -> Self {
        let code = if service == Service::Sts { "AccessDenied" } else { "AccessDeniedException" };
        let space = if reason.is_empty() { "" } else { " " };
        let message =
            format!("User: {principal} is not authorized to perform: {action} on resource: {resource}{space}{reason}");
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// The error in the protocol of a service: XML for STS, JSON with the code in the body for Organizations and Systems
    /// Manager, JSON with the code in a header for the others.
    pub(crate) fn answer(&self, service: Service, request_id: &str) -> Answer {
        match service {
            Service::Sts => self.xml(request_id),
            Service::Organizations | Service::Ssm => self.json_1_1(),
            Service::Account | Service::Macie => self.json(),
        }
    }

    fn json(&self) -> Answer {
        let body = json!({ "message": self.message }).to_string();
        let mut answer = Answer::new(self.status, "application/json", body);
        if let Ok(code) = HeaderValue::from_str(&self.code) {
            answer.headers.insert(ERROR_TYPE, code);
        }
        answer
    }

    /// Source: the AWS JSON 1.1 protocol of Smithy; AWS Organizations API Reference, where each error is an HTTP 400 that
    /// other services answer with 403 or 404. AWS Systems Manager API Reference gives no status: public clients of it
    /// expect 400 for denials and throttling.
    fn json_1_1(&self) -> Answer {
        let status = match self.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => StatusCode::BAD_REQUEST,
            other => other,
        };
        let mut body = json!({ "__type": self.code, "Message": self.message });
        if let Some(reason) = self.reason {
            body["Reason"] = reason.into();
        }
        Answer::new(status, JSON_1_1, body.to_string())
    }

    fn xml(&self, request_id: &str) -> Answer {
        let blames_client = !self.status.is_server_error();
        let error = StsError {
            r#type: if blames_client { "Sender" } else { "Receiver" },
            code: &self.code,
            message: &self.message,
        };
        match Answer::xml(&StsErrorResponse { xmlns: STS_NAMESPACE, error, request_id }) {
            Ok(answer) => Answer { status: self.status, ..answer },
            Err(_) => Answer::empty(self.status),
        }
    }
}

/// A moment as the JSON 1.1 protocol has it: seconds since 1970, with milliseconds.
pub(crate) fn seconds(moment: Timestamp) -> Value {
    SignedDuration::from_millis(moment.as_millisecond()).as_secs_f64().into()
}

/// A page of a proxy.
const PROXY_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><h1>Please stand by</h1></body></html>\n";

/// Throttling in the code that most of a service's operations use.
///
/// Source: Amazon Macie API Reference (429 ThrottlingException); AWS STS API Reference, "Common errors" (400); AWS
/// Account Management API reference, ListRegions (429 TooManyRequestsException); AWS Organizations API Reference,
/// ListAccounts (400 TooManyRequestsException); AWS Systems Manager API Reference, "Common errors" (400 ThrottlingException).
pub(crate) fn throttle(service: Service) -> ServiceError {
    match service {
        Service::Sts => ServiceError::bad_request("Throttling", "Rate exceeded"),
        Service::Account => too_many_requests(),
        Service::Organizations => ServiceError::bad_request(
            "TooManyRequestsException",
            "You have sent too many requests in too short a period of time. Try again later.",
        ),
        Service::Macie => ServiceError::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", "Rate exceeded"),
        Service::Ssm => ServiceError::bad_request("ThrottlingException", "Rate exceeded"),
    }
}

/// Throttling in the code of Account Management, which Macie was seen to use too.
pub(crate) fn too_many_requests() -> ServiceError {
    ServiceError::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Too Many Requests")
}

/// An internal error of the service. Source: as for throttling.
pub(crate) fn server_error(service: Service) -> ServiceError {
    let code = match service {
        Service::Sts => "InternalFailure",
        Service::Organizations => "ServiceException",
        Service::Ssm => "InternalServerError",
        Service::Account | Service::Macie => "InternalServerException",
    };
    ServiceError::new(StatusCode::INTERNAL_SERVER_ERROR, code, "The request failed because of an unknown error.")
}

/// A page of a proxy in place of an answer.
pub(crate) fn proxy_page(status: StatusCode) -> Reply {
    Reply::Answer(Answer::new(status, "text/html", PROXY_PAGE))
}

/// The scripted answer, without even a request id.
pub(crate) fn verbatim(answer: &VerbatimAnswer) -> Reply {
    let VerbatimAnswer { status, headers, body } = answer;
    Reply::Answer(Answer { status: *status, headers: headers.clone(), body: body.clone().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_sts_is_escaped_xml() {
        let failure = ServiceError::bad_request("ValidationError", "<a> & \"b\" is invalid");
        let answer = failure.answer(Service::Sts, "id-1");
        assert_eq!(
            std::str::from_utf8(&answer.body).expect("text"),
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>ValidationError</Code><Message>&lt;a&gt; &amp; \"b\" is invalid</Message></Error>\
             <RequestId>id-1</RequestId></ErrorResponse>"
        );
        assert_eq!(answer.status, 400);
    }

    #[test]
    fn an_error_in_json_1_1_has_its_code_in_the_body() {
        let failure =
            ServiceError { reason: Some("INVALID_NEXT_TOKEN"), ..ServiceError::unknown_token(Service::Organizations) };
        let answer = failure.answer(Service::Organizations, "id-1");
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["content-type"]),
            (400, &HeaderValue::from_static(JSON_1_1))
        );
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["__type"], "UnrecognizedClientException");
        assert_eq!(body["Message"], "The security token included in the request is invalid.");
        assert_eq!(body["Reason"], "INVALID_NEXT_TOKEN");
    }

    #[test]
    fn an_error_in_json_has_its_code_in_a_header() {
        let answer = ServiceError::unknown_token(Service::Macie).answer(Service::Macie, "id-1");
        assert_eq!(answer.headers["x-amzn-errortype"], "UnrecognizedClientException");
        assert_eq!(answer.body, r#"{"message":"The security token included in the request is invalid."}"#);
    }
}
