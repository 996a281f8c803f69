//! Requests: service, Region, credentials and operation; input that services validate alike.

use std::str::FromStr;

use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use strum::VariantNames;

use crate::operation::{Operation, Service};
use crate::region::{InvalidRegion, Region};
use crate::response::ServiceError;

/// A request to one of the simulated services.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) region: Region,
    pub(crate) access_key_id: String,
    pub(crate) session_token: Option<String>,
    /// The time of the signature. Source: as for the scope.
    pub(crate) signed: Option<Timestamp>,
    pub(crate) operation: Operation,
    /// The member that the path names, where it names one.
    pub(crate) member: Option<String>,
    /// The parameters: those of a form where the protocol is that of forms, else those of the query.
    pub(crate) form: Parameters,
    /// The body as it came.
    pub(crate) body: Bytes,
}

/// The parameters of a form or query, where a name may occur more than once.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The reason why a request reaches no operation.
#[derive(Debug)]
pub(crate) enum UnroutableRequest {
    /// The error, and the service whose protocol it is written in.
    Refused(Service, ServiceError),
    /// The service has no endpoint in the Region.
    NoEndpoint(Operation),
}

/// The scope of a Signature Version 4: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
///
/// Source: IAM User Guide, "Elements of an AWS API request signature".
struct Scope<'a> {
    access_key_id: &'a str,
    region: &'a str,
    service: &'a str,
}

impl Request {
    /// Parses a request.
    pub(crate) fn read(parts: &Parts, body: Bytes) -> Result<Self, UnroutableRequest> {
        // Before the scope is parsed, the form of the request has to hint at the protocol of an error.
        let target = header(&parts.headers, "x-amz-target");
        let guess = match (parts.method.as_str(), parts.uri.path(), target) {
            ("POST", "/", Some(_)) => Service::Organizations,
            ("POST", "/", None) => Service::Sts,
            _ => Service::Macie,
        };
        let unroutable = UnroutableRequest::Refused;

        let authorization = header(&parts.headers, AUTHORIZATION.as_str());
        let authorization = authorization.ok_or_else(|| unroutable(guess, unsigned(guess)))?;
        let scope = Scope::read(authorization).ok_or_else(|| unroutable(guess, incomplete_signature(guess)))?;
        let service = Service::from_signing_name(scope.service)
            .ok_or_else(|| unroutable(guess, unknown_operation(guess, &format!("the service {}", scope.service))))?;
        let region = match scope.region.parse() {
            Ok(region) => Some(region),
            Err(InvalidRegion::Unknown(_)) => None,
            Err(InvalidRegion::Malformed) => return Err(unroutable(service, incomplete_signature(service))),
        };

        let form = match service {
            Service::Sts => Parameters::parse(&body),
            _ => Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        };
        let (path, member) = templated(parts.uri.path());
        let operation = match service {
            Service::Sts => Operation::from_sts_action(form.get("Action").unwrap_or_default())
                .ok_or_else(|| unroutable(service, invalid_action(&form)))?,
            Service::Organizations | Service::Ssm => {
                let target = target.unwrap_or_default();
                Operation::from_target_header(service, target)
                    .ok_or_else(|| unroutable(service, unknown_operation(service, &format!("the target {target:?}"))))?
            }
            Service::Account | Service::Macie => {
                let method = parts.method.as_str();
                Operation::from_rest_path(service, method, path)
                    .ok_or_else(|| unroutable(service, unknown_operation(service, &format!("{method} {path}"))))?
            }
        };
        let region = region.filter(|region: &Region| service != Service::Macie || region.has_macie());
        Ok(Self {
            region: region.ok_or(UnroutableRequest::NoEndpoint(operation))?,
            access_key_id: scope.access_key_id.to_owned(),
            session_token: header(&parts.headers, "x-amz-security-token").map(str::to_owned),
            signed: header(&parts.headers, "x-amz-date").and_then(|moment| moment.parse().ok()),
            operation,
            member: member.map(str::to_owned),
            form,
            body,
        })
    }
}

impl<'a> Scope<'a> {
    fn read(authorization: &'a str) -> Option<Self> {
        let elements = authorization.strip_prefix("AWS4-HMAC-SHA256")?;
        let credential = elements.split(',').find_map(|element| element.trim().strip_prefix("Credential="))?;
        let mut words = credential.split('/');
        let (access_key_id, _date, region) = (words.next()?, words.next()?, words.next()?);
        let (service, end) = (words.next()?, words.next()?);
        (end == "aws4_request" && words.next().is_none()).then_some(Self { access_key_id, region, service })
    }
}

/// A path with `{id}` in place of an id, and that id.
fn templated(path: &str) -> (&str, Option<&str>) {
    match path.rsplit_once('/') {
        Some(("/members", id)) if !id.is_empty() => ("/members/{id}", Some(id)),
        Some(("/macie/members", id)) if !id.is_empty() => ("/macie/members/{id}", Some(id)),
        _ => (path, None),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Source: AWS STS API Reference, "Common errors".
fn unsigned(service: Service) -> ServiceError {
    match service {
        Service::Sts => ServiceError::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        _ => ServiceError::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
    }
}

fn incomplete_signature(service: Service) -> ServiceError {
    let code = if service == Service::Sts { "IncompleteSignature" } else { "IncompleteSignatureException" };
    let message = "The Authorization header is not of the form \
                   AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…";
    ServiceError::bad_request(code, message)
}

fn unknown_operation(service: Service, what: &str) -> ServiceError {
    let code = if service == Service::Sts { "InvalidAction" } else { "UnknownOperationException" };
    let message = format!("The simulated AWS does not know {what}");
    ServiceError::new(StatusCode::NOT_FOUND, code, message)
}

/// Source: AWS STS API Reference, "Common errors".
fn invalid_action(form: &Parameters) -> ServiceError {
    let word = |key: &str| form.get(key).unwrap_or_default();
    let message = format!("Could not find operation {} for version {}", word("Action"), word("Version"));
    ServiceError::bad_request("InvalidAction", message)
}

/// The error for input that breaks a rule of the service.
pub(crate) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::bad_request("ValidationException", message)
}

/// A JSON body. An empty one has no keys.
pub(crate) fn json<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, ServiceError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| ServiceError::bad_request("SerializationException", error.to_string()))
}

/// The error for a missing key.
pub(crate) fn missing(key: &str) -> ServiceError {
    invalid(format!(
        "1 validation error detected: Value null at '{key}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The error for a word outside of an enumeration.
pub(crate) fn unknown(word: &str, key: &str, known: &[&str]) -> ServiceError {
    invalid(format!(
        "1 validation error detected: Value '{word}' at '{key}' failed to satisfy constraint: \
         Member must satisfy enum value set: [{}]",
        known.join(", ")
    ))
}

/// A word of an enumeration that a request must have.
pub(crate) fn required<T: FromStr + VariantNames>(word: Option<String>, key: &str) -> Result<T, ServiceError> {
    parse(&word.ok_or_else(|| missing(key))?, key)
}

pub(crate) fn parse<T: FromStr + VariantNames>(word: &str, key: &str) -> Result<T, ServiceError> {
    word.parse().map_err(|_| unknown(word, key, T::VARIANTS))
}

/// The page size, within the bounds of the operation.
pub(crate) fn page_size(asked: Option<i64>, default: usize, most: usize) -> Result<usize, ServiceError> {
    let Some(asked) = asked else { return Ok(default) };
    usize::try_from(asked).ok().filter(|size| (1..=most).contains(size)).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: \
             Member must have value between 1 and {most}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, path: &str, authorization: Option<&str>, body: &str) -> Result<Request, UnroutableRequest> {
        let mut request = hyper::Request::builder().method(method).uri(path);
        if let Some(target) = body.strip_prefix("target ") {
            request = request.header("X-Amz-Target", target);
        }
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        Request::read(&parts, Bytes::copy_from_slice(body.as_bytes()))
    }

    fn scope(region: &str, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=KEY/20261122/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn the_scope_tells_service_and_region() {
        let request = read("GET", "/macie", Some(&scope("eu-west-1", "macie2")), "").expect("a request");
        assert_eq!((request.operation, request.region.as_str()), (Operation::GetMacieSession, "eu-west-1"));
        let request = read("POST", "/", Some(&scope("us-east-1", "sts")), "Action=AssumeRole&RoleArn=a%2Fb");
        let request = request.expect("a request");
        assert_eq!(request.operation, Operation::AssumeRole);
        assert_eq!(request.form.get("RoleArn"), Some("a/b"));
        let target = "target AWSOrganizationsV20161128.ListAccounts";
        let request = read("POST", "/", Some(&scope("us-east-1", "organizations")), target).expect("a request");
        assert_eq!(request.operation, Operation::ListAccounts);
        let target = "target AmazonSSM.DescribeSessions";
        let request = read("POST", "/", Some(&scope("ca-west-1", "ssm")), target).expect("a request");
        assert_eq!((request.operation, request.region.as_str()), (Operation::DescribeSessions, "ca-west-1"));
        let request = read("GET", "/members?maxResults=5", Some(&scope("us-east-1", "macie2")), "").expect("a request");
        assert_eq!((request.operation, request.form.get("maxResults")), (Operation::ListMembers, Some("5")));
        let request = read("PATCH", "/macie/members/12", Some(&scope("us-east-1", "macie2")), "").expect("a request");
        assert_eq!((request.operation, request.member.as_deref()), (Operation::UpdateMemberSession, Some("12")));
    }

    #[test]
    fn requests_that_reach_no_operation_earn_the_error_of_their_protocol() {
        let code = |method, path, authorization: Option<String>, body| {
            read(method, path, authorization.as_deref(), body).err().map(|error| match error {
                UnroutableRequest::Refused(_, failure) => failure.code.into_owned(),
                UnroutableRequest::NoEndpoint(operation) => panic!("{operation:?} has no endpoint"),
            })
        };
        let (macie, sts) = (Some(scope("us-east-1", "macie2")), Some(scope("us-east-1", "sts")));
        assert_eq!(code("GET", "/macie", None, "").as_deref(), Some("MissingAuthenticationTokenException"));
        assert_eq!(code("POST", "/", None, "Action=X").as_deref(), Some("MissingAuthenticationToken"));
        assert_eq!(code("GET", "/macie", Some("Bearer x".into()), "").as_deref(), Some("IncompleteSignatureException"));
        assert_eq!(code("GET", "/jobs", macie.clone(), "").as_deref(), Some("UnknownOperationException"));
        assert_eq!(code("PUT", "/macie", macie, "").as_deref(), Some("UnknownOperationException"));
        assert_eq!(code("POST", "/", sts, "Action=GetSessionToken").as_deref(), Some("InvalidAction"));
        let organizations = Some(scope("us-east-1", "organizations"));
        for target in ["", "target AWSOrganizationsV20161128.ListRegions", "target ListAccounts"] {
            let code = code("POST", "/", organizations.clone(), target);
            assert_eq!(code.as_deref(), Some("UnknownOperationException"), "{target:?}");
        }
        let (ssm, ec2) = (Some(scope("us-east-1", "ssm")), Some(scope("us-east-1", "ec2")));
        let target = "target AmazonSSM.TerminateSession";
        assert_eq!(code("POST", "/", ssm, target).as_deref(), Some("UnknownOperationException"));
        assert_eq!(code("POST", "/", ec2, "Action=DescribeRegions").as_deref(), Some("InvalidAction"));
        let unsigned = code("POST", "/", None, "target AWSOrganizationsV20161128.ListAccounts");
        assert_eq!(unsigned.as_deref(), Some("MissingAuthenticationTokenException"));
        let nowhere = Some(scope("Nowhere", "macie2"));
        assert_eq!(code("GET", "/macie", nowhere, "").as_deref(), Some("IncompleteSignatureException"));
    }
}
