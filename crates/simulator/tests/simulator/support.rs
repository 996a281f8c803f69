//! A running simulation, and SDK clients that reach it.

use std::fmt::Debug;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use driftline_simulator::{AccountId, Region, Simulation, World};
use serde_json::Value;

/// The account of the credentials that the simulation hands out.
pub(crate) const CALLER: &str = "999988887777";
/// Another account.
pub(crate) const OTHER: &str = "111122223333";

/// Starts a world with the accounts [`CALLER`], which has nothing, and [`OTHER`]. `other` is what is in that account,
/// and `rest` what else there is, both as YAML.
pub(crate) fn start(other: &str, rest: &str) -> Simulation {
    start_world(&format!("accounts: {{'{CALLER}': {{}}, '{OTHER}': {{{other}}}}}\n{rest}"))
}

/// Starts a world from the YAML of its file, apart from version and caller, which is [`CALLER`].
pub(crate) fn start_world(rest: &str) -> Simulation {
    let text = format!("version: 1\ncaller: '{CALLER}'\n{rest}\n");
    let world = World::parse(&text, "world.yaml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    Simulation::start(world, 0).expect("the simulation starts")
}

/// What clients of a Region need, without retries, so that each call is one request.
pub(crate) fn config(simulation: &Simulation, region: &str, credentials: Credentials) -> SdkConfig {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https())
        .endpoint_url(simulation.endpoint_url())
        .region(aws_config::Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(std::time::Duration::from_secs(2)).build())
        .build()
}

/// The credentials that the simulation hands out.
pub(crate) fn base(simulation: &Simulation) -> Credentials {
    Credentials::new(simulation.access_key_id(), simulation.secret_access_key(), None, None, "test")
}

/// Credentials for the role `Reader` in an account.
pub(crate) async fn assume(simulation: &Simulation, account: &str) -> Credentials {
    assume_role(simulation, account, "Reader").await
}

/// Credentials for a role, given with its path, in an account.
pub(crate) async fn assume_role(simulation: &Simulation, account: &str, role: &str) -> Credentials {
    let answer = sts(simulation)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{account}:role/{role}"))
        .role_session_name("audit")
        .send()
        .await
        .expect("the role may be assumed");
    let given = answer.credentials().expect("credentials");
    let token = given.session_token().to_owned();
    Credentials::new(given.access_key_id(), given.secret_access_key(), Some(token), None, "test")
}

/// STS as the caller.
pub(crate) fn sts(simulation: &Simulation) -> aws_sdk_sts::Client {
    aws_sdk_sts::Client::new(&config(simulation, simulation.region(), base(simulation)))
}

/// Macie as the role `Reader` in [`OTHER`].
pub(crate) async fn macie(simulation: &Simulation, region: &str) -> aws_sdk_macie2::Client {
    macie_of(simulation, OTHER, region).await
}

/// Macie as the role `Reader` in an account.
pub(crate) async fn macie_of(simulation: &Simulation, account: &str, region: &str) -> aws_sdk_macie2::Client {
    macie_as(simulation, account, "Reader", region).await
}

/// Macie as a role, given with its path, in an account.
pub(crate) async fn macie_as(
    simulation: &Simulation,
    account: &str,
    role: &str,
    region: &str,
) -> aws_sdk_macie2::Client {
    let credentials = assume_role(simulation, account, role).await;
    aws_sdk_macie2::Client::new(&config(simulation, region, credentials))
}

/// Account Management as the role `Reader` in [`OTHER`].
pub(crate) async fn account(simulation: &Simulation) -> aws_sdk_account::Client {
    let credentials = assume(simulation, OTHER).await;
    aws_sdk_account::Client::new(&config(simulation, simulation.region(), credentials))
}

/// Account Management as the caller.
pub(crate) fn account_as_caller(simulation: &Simulation) -> aws_sdk_account::Client {
    aws_sdk_account::Client::new(&config(simulation, simulation.region(), base(simulation)))
}

/// Organizations as the caller.
pub(crate) fn organizations(simulation: &Simulation) -> aws_sdk_organizations::Client {
    aws_sdk_organizations::Client::new(&config(simulation, simulation.region(), base(simulation)))
}

/// Organizations as the role `Reader` in an account.
pub(crate) async fn organizations_as(simulation: &Simulation, account: &str) -> aws_sdk_organizations::Client {
    let credentials = assume(simulation, account).await;
    aws_sdk_organizations::Client::new(&config(simulation, simulation.region(), credentials))
}

/// Systems Manager in a Region as its protocol has it, without an SDK: HTTP status and body of an answer.
pub(crate) struct Ssm<'a> {
    simulation: &'a Simulation,
    credentials: Credentials,
    region: &'a str,
}

impl<'a> Ssm<'a> {
    /// As the caller.
    pub(crate) fn new(simulation: &'a Simulation, region: &'a str) -> Self {
        Self { simulation, credentials: base(simulation), region }
    }

    /// As the role `Reader` in an account.
    pub(crate) async fn in_account(simulation: &'a Simulation, account: &str, region: &'a str) -> Self {
        Self { simulation, credentials: assume(simulation, account).await, region }
    }

    /// Calls an operation that is answered in the protocol of the service.
    pub(crate) fn call(&self, operation: &str, body: &Value) -> (u16, Value) {
        let (status, head, body) = self.raw(operation, body);
        assert!(head.contains("content-type: application/x-amz-json-1.1"), "{head}");
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    /// Calls an operation: HTTP status, head and body of any answer.
    pub(crate) fn raw(&self, operation: &str, body: &Value) -> (u16, String, String) {
        let (body, key) = (body.to_string(), self.credentials.access_key_id());
        let address = self.simulation.endpoint_url().trim_start_matches("http://");
        let scope = format!("{key}/20260101/{}/ssm/aws4_request", self.region);
        let token = self.credentials.session_token().unwrap_or_default();
        let mut connection = TcpStream::connect(address).expect("a connection");
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nX-Amz-Target: AmazonSSM.{operation}\r\n\
             Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nX-Amz-Security-Token: {token}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).expect("the request is sent");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_owned(), body.to_owned())
    }

    /// Calls an operation that succeeds.
    pub(crate) fn ok(&self, operation: &str, body: &Value) -> Value {
        let (status, answer) = self.call(operation, body);
        assert_eq!(status, 200, "{operation} {body}: {answer}");
        answer
    }

    /// Code and message of an error with the status 400.
    pub(crate) fn refused(&self, operation: &str, body: &Value) -> (String, String) {
        let (status, answer) = self.call(operation, body);
        assert_eq!(status, 400, "{operation} {body}: {answer}");
        let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        (word("__type"), word("Message"))
    }
}

/// An account id.
pub(crate) fn id(digits: &str) -> AccountId {
    digits.parse().expect("an account id")
}

/// A Region.
pub(crate) fn region(code: &str) -> Region {
    code.parse().expect("a Region")
}

/// HTTP status, code and message of an error that AWS answered.
pub(crate) fn error_parts<T: Debug, E: Debug + ProvideErrorMetadata>(
    result: Result<T, SdkError<E, Response>>,
) -> (u16, String, String) {
    let error = result.expect_err("an error");
    let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
    let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
    (status, word(error.code()), word(error.message()))
}
