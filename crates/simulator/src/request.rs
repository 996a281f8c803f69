//! Requests: service, Region, credentials and operation.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use jiff::Timestamp;

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
    pub(crate) form: BTreeMap<String, String>,
    /// The body as it came.
    pub(crate) body: Bytes,
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

        let form: BTreeMap<String, String> = match service {
            Service::Sts => form_urlencoded::parse(&body).into_owned().collect(),
            Service::Account | Service::Organizations | Service::Macie => {
                form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
            }
        };
        let (path, member) = templated(parts.uri.path());
        let operation = match service {
            Service::Sts => Operation::from_sts_action(form.get("Action").map_or("", String::as_str))
                .ok_or_else(|| unroutable(service, invalid_action(&form)))?,
            Service::Organizations => {
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
        Service::Account | Service::Organizations | Service::Macie => ServiceError::new(
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
fn invalid_action(form: &BTreeMap<String, String>) -> ServiceError {
    let word = |key: &str| form.get(key).map_or("", String::as_str);
    let message = format!("Could not find operation {} for version {}", word("Action"), word("Version"));
    ServiceError::bad_request("InvalidAction", message)
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
        assert_eq!(request.form["RoleArn"], "a/b");
        let target = "target AWSOrganizationsV20161128.ListAccounts";
        let request = read("POST", "/", Some(&scope("us-east-1", "organizations")), target).expect("a request");
        assert_eq!(request.operation, Operation::ListAccounts);
        let request = read("GET", "/members?maxResults=5", Some(&scope("us-east-1", "macie2")), "").expect("a request");
        assert_eq!((request.operation, request.form["maxResults"].as_str()), (Operation::ListMembers, "5"));
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
        let target = "target AmazonSSM.DescribeSessions";
        assert_eq!(code("POST", "/", ssm, target).as_deref(), Some("UnknownOperationException"));
        assert_eq!(code("POST", "/", ec2, "Action=DescribeRegions").as_deref(), Some("InvalidAction"));
        let unsigned = code("POST", "/", None, "target AWSOrganizationsV20161128.ListAccounts");
        assert_eq!(unsigned.as_deref(), Some("MissingAuthenticationTokenException"));
        let nowhere = Some(scope("Nowhere", "macie2"));
        assert_eq!(code("GET", "/macie", nowhere, "").as_deref(), Some("IncompleteSignatureException"));
    }
}
