//! A running simulation, and SDK clients that reach it.

use std::fmt::Debug;

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
