//! Credentials that end, and a clock that is wrong.

use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use driftline_simulator::Simulation;

use crate::support::{OTHER, account, assume, base, config, error_parts, macie, organizations, start, sts};

/// What is left of credentials that were asked for so long, by the clock of this machine.
async fn left(simulation: &Simulation, seconds: Option<i32>) -> Duration {
    let asking = sts(simulation).assume_role().role_arn(format!("arn:aws:iam::{OTHER}:role/Reader"));
    let answer = asking.role_session_name("audit").set_duration_seconds(seconds).send().await.expect("credentials");
    let expiration = SystemTime::try_from(*answer.credentials().expect("credentials").expiration()).expect("a time");
    expiration.duration_since(SystemTime::now()).unwrap_or_default()
}

#[tokio::test]
async fn credentials_last_as_long_as_the_request_and_the_world_let_them() {
    for (rest, asked, seconds) in [
        ("", None, 3600),
        ("", Some(7200), 7200),
        ("credentials_last: 100s", None, 100),
        ("credentials_last: 100s", Some(900), 100),
        ("credentials_last: 2h", Some(900), 900),
        ("credentials_last: 0s", None, 0),
    ] {
        let left = left(&start("", rest), asked).await.as_secs();
        assert!(left <= seconds && left + 60 >= seconds, "{rest} {asked:?}: {left}");
    }
}

#[tokio::test]
async fn credentials_that_have_ended_are_refused_by_each_service_in_its_own_code() {
    let simulation = start("sessions: {'*': {}}", "credentials_last: 2s");
    simulation.stop_clock();
    let credentials = assume(&simulation, OTHER).await;
    let config = |credentials: &Credentials| config(&simulation, "us-east-1", credentials.clone());
    let session = async |credentials: &Credentials| {
        aws_sdk_macie2::Client::new(&config(credentials)).get_macie_session().send().await
    };
    simulation.pass_time(Duration::from_millis(1999));
    session(&credentials).await.expect("a millisecond is left");
    simulation.pass_time(Duration::from_millis(1));
    let words = "The security token included in the request is expired";
    let expired = |code: &str| (403, code.to_owned(), words.to_owned());
    assert_eq!(error_parts(session(&credentials).await), expired("ExpiredTokenException"));
    let identity = aws_sdk_sts::Client::new(&config(&credentials)).get_caller_identity().send().await;
    assert_eq!(error_parts(identity), expired("ExpiredToken"));
    let regions = aws_sdk_account::Client::new(&config(&credentials)).list_regions().send().await;
    assert_eq!(error_parts(regions), expired("ExpiredTokenException"));
    session(&assume(&simulation, OTHER).await).await.expect("others are good");
    simulation.pass_time(Duration::from_hours(10_000));
    sts(&simulation).get_caller_identity().send().await.expect("those of the caller have no end");
}

#[tokio::test]
async fn what_was_signed_by_another_clock_is_refused_until_the_client_knows_the_time() {
    for (clock, words) in
        [("10m", "Signature expired: "), ("+10m", "Signature expired: "), ("-10m", "Signature not yet current: ")]
    {
        let simulation = start("sessions: {'*': {}}", &format!("clock: {clock}"));
        let client = sts(&simulation);
        let (status, code, message) = error_parts(client.get_caller_identity().send().await);
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
        assert!(message.starts_with(words) && message.ends_with(" 5 min.)"), "{message}");
        client.get_caller_identity().send().await.expect("the header error_parts the time");

        let (status, code, message) = error_parts(organizations(&simulation).list_roots().send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidSignatureException"));
        assert!(message.starts_with(words), "{message}");
    }
}

#[tokio::test]
async fn a_client_that_may_try_again_notices_nothing_of_a_wrong_clock() {
    for clock in ["9600h", "1h", "-1h"] {
        let simulation = start("sessions: {'*': {}}", &format!("clock: {clock}"));
        let config = config(&simulation, "us-east-1", base(&simulation)).into_builder();
        let config = config.retry_config(RetryConfig::standard()).build();
        aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.expect("an identity");
        assert_eq!(simulation.calls()["sts:GetCallerIdentity"], 2, "{clock}");
    }
}

#[tokio::test]
async fn a_clock_that_is_a_little_wrong_is_let_pass() {
    let simulation = start("sessions: {'*': {}}", "clock: -290s");
    macie(&simulation, "us-east-1").await.get_macie_session().send().await.expect("within five minutes");
    account(&simulation).await.list_regions().send().await.expect("within five minutes");
    let error_parts = left(&start("", "clock: 280s"), None).await;
    assert!(error_parts > Duration::from_secs(3800), "the end is error_parts by the same clock: {error_parts:?}");
}
