//! Scripted faults, each as the SDK sees it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use aws_sdk_macie2::operation::get_macie_session::GetMacieSessionError;
use aws_sdk_macie2::types::{FindingPublishingFrequency, MacieStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use driftline_simulator::{SessionStatus, Simulation};

use crate::support::{OTHER, account, error_parts, id, macie, organizations, region, start, sts};

fn with(fault: &str) -> Simulation {
    start("sessions: {'*': {}}", &format!("faults: [{{operations: ['macie2:*'], fault: {fault}}}]"))
}

async fn error(fault: &str) -> SdkError<GetMacieSessionError, HttpResponse> {
    let simulation = with(fault);
    macie(&simulation, "us-east-1").await.get_macie_session().send().await.expect_err("a fault")
}

#[tokio::test]
async fn errors_of_macie() {
    let cases = [
        ("throttle", 429, "ThrottlingException", "Rate exceeded"),
        ("too_many_requests", 429, "TooManyRequestsException", "Too Many Requests"),
        ("bare_429", 429, "", ""),
        ("server_error", 500, "InternalServerException", "The request failed because of an unknown error."),
        ("html_503", 503, "", ""),
        ("expired_token", 403, "ExpiredTokenException", "The security token included in the request is expired"),
        (
            "unrecognized_client",
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            "{answer: {status: 418, headers: {x-amzn-errortype: TeapotException}, body: '{\"message\": \"short\"}'}}",
            418,
            "TeapotException",
            "short",
        ),
    ];
    for (fault, status, code, message) in cases {
        let simulation = with(fault);
        let seen = error_parts(macie(&simulation, "us-east-1").await.get_macie_session().send().await);
        assert_eq!(seen, (status, code.to_owned(), message.to_owned()), "{fault}");
    }
}

#[tokio::test]
async fn errors_of_sts() {
    let cases = [
        ("throttle", 400, "Throttling", "Rate exceeded"),
        ("too_many_requests", 429, "TooManyRequestsException", "Too Many Requests"),
        ("bare_429", 429, "", ""),
        ("server_error", 500, "InternalFailure", "The request failed because of an unknown error."),
        ("html_503", 503, "", ""),
        ("expired_token", 403, "ExpiredToken", "The security token included in the request is expired"),
        ("unrecognized_client", 403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    ];
    for (fault, status, code, message) in cases {
        let simulation = start("", &format!("faults: [{{fault: {fault}}}]"));
        let seen = error_parts(sts(&simulation).get_caller_identity().send().await);
        assert_eq!(seen, (status, code.to_owned(), message.to_owned()), "{fault}");
    }
}

#[tokio::test]
async fn errors_of_account_management_and_organizations() {
    let too_many = "You have sent too many requests in too short a period of time. Try again later.";
    let unknown = "The request failed because of an unknown error.";
    let cases = [
        (
            "throttle",
            (429, "TooManyRequestsException", "Too Many Requests"),
            (400, "TooManyRequestsException", too_many),
        ),
        ("server_error", (500, "InternalServerException", unknown), (500, "ServiceException", unknown)),
        (
            "expired_token",
            (403, "ExpiredTokenException", "The security token included in the request is expired"),
            (400, "ExpiredTokenException", "The security token included in the request is expired"),
        ),
        ("bare_429", (429, "", ""), (429, "", "")),
    ];
    let owned = |(status, code, message): (u16, &str, &str)| (status, code.to_owned(), message.to_owned());
    for (fault, of_account, of_organizations) in cases {
        let faults = format!("faults: [{{operations: ['account:*', 'organizations:*'], fault: {fault}}}]");
        let simulation = start("", &faults);
        let seen = error_parts(account(&simulation).await.list_regions().send().await);
        assert_eq!(seen, owned(of_account), "{fault}");
        assert_eq!(
            error_parts(organizations(&simulation).list_accounts().send().await),
            owned(of_organizations),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    let hanging = error("hang").await;
    assert!(matches!(hanging, SdkError::TimeoutError(_)), "{hanging:?}");
    let reset = error("reset").await;
    assert!(matches!(&reset, SdkError::DispatchFailure(failure) if !failure.is_timeout()), "{reset:?}");
    let truncated = error("truncated").await;
    assert!(matches!(&truncated, SdkError::ResponseError(it) if it.raw().status().as_u16() == 200), "{truncated:?}");
}

#[tokio::test]
async fn what_is_written_stays_written_when_the_answer_is_lost() {
    let faults = "faults: [{operations: ['macie2:UpdateMacieSession'], times: 1, fault: answer_lost}, \
                  {operations: ['macie2:UpdateMacieSession'], times: 1, fault: answer_late}, \
                  {operations: ['macie2:GetMacieSession'], times: 1, fault: answer_lost}]";
    let simulation = start("sessions: {'*': {}}", faults);
    let client = macie(&simulation, "us-east-1").await;
    let now = || simulation.session(id(OTHER), region("us-east-1")).map(|(status, _)| status);
    let lost = client.update_macie_session().status(MacieStatus::Paused).send().await.expect_err("no answer");
    assert!(matches!(&lost, SdkError::DispatchFailure(failure) if !failure.is_timeout()), "{lost:?}");
    assert_eq!(now(), Some(SessionStatus::Paused));
    let late = client.update_macie_session().status(MacieStatus::Enabled).send().await.expect_err("no answer");
    assert!(matches!(&late, SdkError::TimeoutError(_)), "{late:?}");
    assert_eq!(now(), Some(SessionStatus::Enabled));
    assert_eq!(simulation.written(), ["macie2:UpdateMacieSession 111122223333 us-east-1"; 2]);
    let read = client.get_macie_session().send().await.expect_err("no answer");
    assert!(matches!(&read, SdkError::DispatchFailure(_)), "{read:?}");
    client.get_macie_session().send().await.expect("no fault is left");
}

#[tokio::test]
async fn answers_that_make_no_sense() {
    let foreign = error("foreign_body").await;
    assert_eq!(foreign.raw_response().map(|answer| answer.status().as_u16()), Some(200));
    assert_eq!(foreign.code(), None);
    let ask = async |fault: &str| {
        let simulation = with(fault);
        macie(&simulation, "us-east-1").await.get_macie_session().send().await.expect("an answer")
    };
    let empty = ask("empty_200").await;
    assert!(empty.status().is_none() && empty.created_at().is_none());
    let session = ask("unknown_status").await;
    assert_eq!(session.status().map(MacieStatus::as_str), Some("HIBERNATING"));
    assert!(session.service_role().is_some(), "the rest is as usual");
    let session = ask("unknown_frequency").await;
    assert_eq!(session.finding_publishing_frequency().map(FindingPublishingFrequency::as_str), Some("EVERY_FORTNIGHT"));
}

#[tokio::test]
async fn unknown_words_need_no_session() {
    let simulation = start("", "faults: [{fault: unknown_status}]");
    let session = macie(&simulation, "us-east-1").await.get_macie_session().send().await.expect("an answer");
    assert_eq!(session.status().map(MacieStatus::as_str), Some("HIBERNATING"));
}

#[tokio::test]
async fn the_identity_of_another_account() {
    let simulation = start("", "faults: [{fault: {wrong_identity: '555566667777'}}]");
    let identity = sts(&simulation).get_caller_identity().send().await.expect("an identity");
    assert_eq!(identity.account(), Some("555566667777"));
    let arn = format!("arn:aws:iam::{OTHER}:role/Reader");
    let assumed = sts(&simulation).assume_role().role_arn(arn).role_session_name("me").send().await.expect("a role");
    let user = assumed.assumed_role_user().expect("a user");
    assert_eq!(user.arn(), "arn:aws:sts::555566667777:assumed-role/Reader/me");
    let key = assumed.credentials().expect("credentials").access_key_id();
    assert_eq!(key, "ASIAFAKE555566667777");
}

#[tokio::test]
async fn late_answers_are_right() {
    let simulation = with("{latency: 150ms}");
    let client = macie(&simulation, "us-east-1").await;
    let started = Instant::now();
    client.get_macie_session().send().await.expect("a session");
    assert!(started.elapsed().as_millis() >= 150);

    let dripping = with("{drip: 150ms}");
    let client = macie(&dripping, "us-east-1").await;
    let started = Instant::now();
    client.get_macie_session().send().await.expect("a session");
    assert!(started.elapsed().as_millis() >= 150);

    let simulation = start("", "latency: 100ms");
    let started = Instant::now();
    sts(&simulation).get_caller_identity().send().await.expect("an identity");
    assert!(started.elapsed().as_millis() >= 100);
}

#[test]
fn the_head_of_an_answer_that_drips_comes_at_once() {
    let simulation = start("", "faults: [{fault: {drip: 1000h}}]");
    let mut connection = TcpStream::connect(&simulation.endpoint_url()["http://".len()..]).expect("a connection");
    let scope = format!("{}/20261122/us-east-1/sts/aws4_request", simulation.access_key_id());
    let body = "Action=GetCallerIdentity";
    let head = format!(
        "POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential={scope}, Signature=0\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(format!("{head}{body}").as_bytes()).expect("a request");
    let lines = BufReader::new(connection).lines().map(|line| line.expect("a line"));
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    assert_eq!(head[0], "HTTP/1.1 200 OK");
    assert!(head.iter().any(|line| line.starts_with("content-length: ")), "{head:?}");
}

#[tokio::test]
async fn a_region_may_vanish() {
    let simulation = start("sessions: {'*': {}}", "faults: [{regions: [eu-west-3], fault: reset}]");
    macie(&simulation, "eu-west-2").await.get_macie_session().send().await.expect("another Region");
    let client = macie(&simulation, "eu-west-3").await;
    for _ in 0..3 {
        let gone = client.get_macie_session().send().await.expect_err("no answer");
        assert!(matches!(&gone, SdkError::DispatchFailure(failure) if !failure.is_timeout()), "{gone:?}");
    }
}

#[tokio::test]
async fn a_fault_acts_where_and_as_often_as_it_says() {
    let faults = "faults:\n\
        - {accounts: ['111122223333'], regions: [us-east-1], operations: ['macie2:GetMacieSession'], times: 2, fault: throttle}\n\
        - {accounts: ['111122223333'], operations: ['macie2:GetMacieSession'], times: 1, fault: server_error}\n\
        - {accounts: ['555566667777'], fault: hang}";
    let simulation = start("sessions: {'*': {}}", faults);
    let client = macie(&simulation, "us-east-1").await;
    client.get_administrator_account().send().await.expect("another operation");
    assert_eq!(error_parts(client.get_macie_session().send().await).0, 429);
    assert_eq!(error_parts(client.get_macie_session().send().await).0, 429);
    assert_eq!(error_parts(client.get_macie_session().send().await).0, 500, "the next fault that fits");
    client.get_macie_session().send().await.expect("no fault is left");
}

#[tokio::test]
async fn a_fault_may_let_requests_pass() {
    let faults = "faults:\n\
        - {operations: ['macie2:GetMacieSession'], regions: [us-east-1], after: 2, times: 1, fault: throttle}\n\
        - {operations: ['macie2:GetMacieSession'], after: 1, fault: server_error}";
    let simulation = start("sessions: {'*': {}}", faults);
    let client = macie(&simulation, "us-east-1").await;
    client.get_macie_session().send().await.expect("both wait");
    client.get_administrator_account().send().await.expect("another operation does not count");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(error_parts(client.get_macie_session().send().await).0);
    }
    assert_eq!(statuses, [500, 429, 500], "the first that waits no longer");
}

#[tokio::test]
async fn the_account_of_a_role_is_struck_when_the_role_is_assumed() {
    let simulation =
        start("", "faults: [{accounts: ['111122223333'], operations: ['sts:AssumeRole'], times: 1, fault: throttle}]");
    let ask = async |account: &str| {
        let arn = format!("arn:aws:iam::{account}:role/Reader");
        sts(&simulation).assume_role().role_arn(arn).role_session_name("me").send().await
    };
    ask("999988887777").await.expect("another account");
    assert_eq!(error_parts(ask(OTHER).await).1, "Throttling");
    ask(OTHER).await.expect("no fault is left");
}

#[tokio::test]
async fn a_hanging_call_does_not_keep_the_simulation_from_stopping() {
    let simulation = with("hang");
    let client = macie(&simulation, "us-east-1").await;
    let call = tokio::spawn(async move { client.get_macie_session().send().await });
    while !simulation.calls().contains_key("macie2:GetMacieSession") {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let started = Instant::now();
    drop(simulation);
    assert!(started.elapsed().as_millis() < 1000);
    assert!(call.await.expect("no panic").is_err());
}
