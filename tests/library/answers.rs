//! Every answer that Macie, the network or a stranger may give, and the reading that it earns: `tests/answers/` holds one
//! file per answer, and every row of the failure table is reached by at least one of them.
//!
//! The answers travel over HTTP through the real SDK.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::stub::{Reply, Stub};
use aws_sdk_macie2::config::{BehaviorVersion, Credentials, ProvideCredentials, Region as SdkRegion};
use driftline::aws::{AccessOptions, AwsSession, CallFailure, ROWS, Service, Source, classify};
use driftline::model::{Denial, Unread};
use driftline::resource::{NotEnabledEvidence, Reading, Response, macie_session};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    answer: Told,
    expect: Expected,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    action: Option<Action>,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Hang,
    Close,
    Truncate,
    RefuseConnection,
    SpeakNoTls,
    UnresolvableName,
    NoCredentials,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    row: Option<String>,
    reading: String,
    reason: Option<String>,
    frequency: Option<String>,
    service_role: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    code: Option<String>,
    /// A part of the message.
    message: Option<String>,
    request_id: Option<String>,
    denial: Option<Parts>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parts {
    principal: Option<String>,
    action: Option<String>,
    layer: Option<String>,
    #[serde(default)]
    explicit: bool,
    policy_arn: Option<String>,
}

impl From<&Denial> for Parts {
    fn from(denial: &Denial) -> Self {
        Self {
            principal: denial.principal.as_deref().map(str::to_owned),
            action: denial.action.as_deref().map(str::to_owned),
            layer: denial.layer.map(|layer| layer.words().to_owned()),
            explicit: denial.explicit,
            policy_arn: denial.policy_arn.as_deref().map(str::to_owned),
        }
    }
}

#[tokio::test]
async fn every_answer_earns_its_reading_and_every_row_has_an_answer() {
    let mut reached = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).expect("a fixture");
        let fixture: Fixture =
            serde_yaml::from_str(&text).unwrap_or_else(|mistake| panic!("{}: {mistake}", path.display()));
        let result = ask(&fixture.answer).await;
        let row = result.as_ref().err().map(|failure| classify(failure).name);
        reached.extend(row);
        let (actual, message) = words(row, macie_session::interpret(result));
        let expected_message = fixture.expect.message.clone();
        if !expected_message.is_none_or(|part| message.contains(&part))
            || actual != (Expected { message: None, ..fixture.expect })
        {
            wrong.push(format!("{}: {actual:#?} {message}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rows = ROWS.iter().filter(|row| row.service != Some(Service::SystemsManager)).map(|row| row.name);
    let missing: Vec<_> = rows.filter(|name| !reached.contains(name)).collect();
    assert!(missing.is_empty(), "no answer in tests/answers reaches the rows {missing:?}");
}

#[tokio::test]
async fn a_call_whose_time_is_over_while_it_waits_as_it_was_told_is_throttled() {
    let stub = Stub::serve(|ask| {
        let headers = [("x-amzn-errortype", "TooManyRequestsException"), ("x-amz-retry-after", "400")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        (ask.service == "macie2").then(|| Reply::Answer { status: 400, headers, body: "{}".to_owned() })
    })
    .await;
    let mut options = at(&stub);
    options.timeouts.operation = Duration::from_millis(700);
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    let account = access.credentials_for(access.caller().account).await.expect("the caller's own account");
    let failure = access.macie_session(&account, &"eu-west-1".parse().expect("a Region")).await.expect_err("a failure");
    assert_eq!(classify(&failure).name, "throttling_code", "{failure:?}");
    assert_eq!(stub.asked("macie2").len(), 2);
}

fn at(stub: &Stub) -> AccessOptions {
    AccessOptions::new(Source::Fixed {
        endpoint_url: stub.url.clone(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "hush".to_owned(),
        region: "us-east-1".parse().expect("a Region"),
    })
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    assert!(paths.len() > 50, "the fixtures are found");
    paths
}

type Session = driftline::resource::SessionAnswer;

async fn ask(told: &Told) -> Result<Session, CallFailure> {
    match told.action {
        None | Some(Action::Hang | Action::Close | Action::Truncate) => Box::pin(ask_stub(told)).await,
        Some(Action::RefuseConnection) => {
            let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
            ask_at(&format!("http://{port}"), key()).await
        }
        Some(Action::SpeakNoTls) => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("https://{}", listener.local_addr().expect("an address"));
            let refusing = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
            let result = ask_at(&url, key()).await;
            refusing.abort();
            result
        }
        Some(Action::UnresolvableName) => ask_at("http://macie2.invalid", key()).await,
        Some(Action::NoCredentials) => ask_at("http://127.0.0.1:9", NoKey).await,
    }
}

/// Through the library, as `gather` does it.
async fn ask_stub(told: &Told) -> Result<Session, CallFailure> {
    let (_stub, access) = stubbed(told, "macie2").await;
    let account = access.credentials_for(access.caller().account).await.expect("the caller's own account");
    access.macie_session(&account, &"eu-west-1".parse().expect("a Region")).await
}

/// A way to a stub that gives this answer to every call of a service.
pub(crate) async fn stubbed(told: &Told, service: &'static str) -> (Stub, AwsSession) {
    let reply = match told.action {
        Some(Action::Hang) => Reply::Hang,
        Some(Action::Close) => Reply::Close,
        Some(Action::Truncate) => Reply::Truncated { body: told.body.clone() },
        _ => Reply::Answer {
            status: told.status.expect("a status or an action"),
            headers: told.headers.clone().into_iter().collect(),
            body: told.body.clone(),
        },
    };
    let stub = Stub::serve(move |ask| (ask.service == service).then(|| reply.clone())).await;
    let mut options = at(&stub);
    options.attempts = NonZeroU32::MIN;
    options.timeouts.attempt = Duration::from_millis(500);
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    (stub, access)
}

/// Past the library's clients, which would stumble at STS already; what follows the call is the library's.
async fn ask_at(url: &str, credentials: impl ProvideCredentials + 'static) -> Result<Session, CallFailure> {
    let plain =
        aws_smithy_http_client::tls::Provider::rustls(aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring);
    let config = aws_sdk_macie2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new("eu-west-1"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().tls_provider(plain).build_https())
        .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
        .credentials_provider(credentials)
        .build();
    let sent = aws_sdk_macie2::Client::from_conf(config).get_macie_session().send().await;
    sent.map(Session::from).map_err(|failure| CallFailure::from_sdk_error(&failure))
}

fn key() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "hush", None, None, "test")
}

#[derive(Debug)]
struct NoKey;

impl ProvideCredentials for NoKey {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let failure = aws_credential_types::provider::error::CredentialsError::not_loaded("nobody is logged in");
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(failure))
    }
}

/// The answer in the fixture's words, and the message apart.
fn words(row: Option<&str>, answer: Response) -> (Expected, String) {
    let mut said = Expected {
        row: row.map(str::to_owned),
        reading: String::new(),
        reason: None,
        frequency: None,
        service_role: None,
        created_at: None,
        updated_at: None,
        code: None,
        message: None,
        request_id: None,
        denial: None,
    };
    let evidence = match answer {
        Response::TokenRefused(failure) => {
            "token_refused".clone_into(&mut said.reading);
            failure.into_evidence()
        }
        Response::Reading(Reading::On(session)) => {
            said.reading = session.status.as_status().as_str().to_lowercase();
            said.frequency = Some(session.frequency.as_str().to_owned());
            said.service_role = session.service_role.as_deref().map(str::to_owned);
            said.created_at = session.created_at.map(|time| time.to_string());
            said.updated_at = session.updated_at.map(|time| time.to_string());
            return (said, String::new());
        }
        Response::Reading(Reading::NotEnabled(NotEnabledEvidence::Answer(evidence))) => {
            "not_enabled".clone_into(&mut said.reading);
            evidence
        }
        Response::Reading(Reading::Unread(Unread { reason, denial, evidence })) => {
            "unread".clone_into(&mut said.reading);
            said.reason = Some(reason.as_str().to_owned());
            said.denial = denial.as_deref().map(Parts::from);
            evidence
        }
        Response::Reading(other) => panic!("one answer alone cannot mean {other:?}"),
    };
    said.code = evidence.code.as_deref().map(str::to_owned);
    said.request_id = evidence.request_id.as_deref().map(str::to_owned);
    (said, evidence.message.as_deref().unwrap_or_default().to_owned())
}
