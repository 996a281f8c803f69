//! STS, and credentials that are wrong.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;

use crate::support::{CALLER, OTHER, assume, base, config, error_parts, start, sts};

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

#[tokio::test]
async fn the_caller_is_a_user() {
    let simulation = start("", "");
    let identity = sts(&simulation).get_caller_identity().send().await.expect("an identity");
    assert_eq!(identity.account(), Some(CALLER));
    assert_eq!(identity.arn(), Some("arn:aws:iam::999988887777:user/auditor"));
    assert_eq!(identity.user_id(), Some("AIDAFAKE0999988887777"));
}

#[tokio::test]
async fn an_assumed_role_has_credentials_for_an_hour() {
    let simulation = start("roles: [path/to/Reader]", "");
    let arn = "arn:aws:iam::111122223333:role/path/to/Reader";
    let answer = sts(&simulation).assume_role().role_arn(arn).role_session_name("me@here").send().await;
    let answer = answer.expect("the role may be assumed");
    let user = answer.assumed_role_user().expect("a user");
    assert_eq!(user.arn(), "arn:aws:sts::111122223333:assumed-role/Reader/me@here");
    assert_eq!(user.assumed_role_id(), "AROAFAKE0111122223333:me@here");
    let given = answer.credentials().expect("credentials");
    let expiration = SystemTime::try_from(*given.expiration()).expect("a time");
    let left = expiration.duration_since(SystemTime::now()).expect("the future");
    assert!(left > Duration::from_secs(3500) && left <= Duration::from_hours(1), "{left:?}");

    let token = Some(given.session_token().to_owned());
    let credentials = Credentials::new(given.access_key_id(), given.secret_access_key(), token, None, "test");
    let client = aws_sdk_sts::Client::new(&config(&simulation, "eu-west-1", credentials));
    let identity = client.get_caller_identity().send().await.expect("an identity");
    assert_eq!(identity.arn(), Some(user.arn()));
    assert_eq!(identity.account(), Some(OTHER));
}

#[tokio::test]
async fn roles_that_may_not_be_assumed_all_look_the_same() {
    let cases = [
        ("roles: [Writer]", OTHER, None),
        ("suspended: true", OTHER, None),
        ("state: SUSPENDED", OTHER, None),
        ("state: CLOSED", OTHER, None),
        ("state: PENDING_ACTIVATION", OTHER, None),
        ("external_id: abc", OTHER, None),
        ("external_id: abc", OTHER, Some("abcd")),
        ("", "555555555555", None),
    ];
    for (other, account, external_id) in cases {
        let simulation = start(other, "");
        let arn = format!("arn:aws:iam::{account}:role/Reader");
        let asking = sts(&simulation).assume_role().role_arn(&arn).role_session_name("me");
        let refused = error_parts(asking.set_external_id(external_id.map(str::to_owned)).send().await);
        let message = format!(
            "User: arn:aws:iam::999988887777:user/auditor is not authorized to perform: sts:AssumeRole on resource: {arn}"
        );
        assert_eq!(refused, (403, "AccessDenied".to_owned(), message), "{other}");
    }
}

#[tokio::test]
async fn the_external_id_opens_the_role_of_a_usable_account() {
    let arn = "arn:aws:iam::111122223333:role/Reader";
    for other in ["external_id: abc", "", "state: ACTIVE", "state: PENDING_CLOSURE"] {
        let simulation = start(other, "");
        let asking = sts(&simulation).assume_role().role_arn(arn).role_session_name("me").external_id("abc");
        asking.send().await.expect("the role may be assumed");
    }
}

#[tokio::test]
async fn malformed_parameters_are_refused() {
    let simulation = start("", "");
    let ask = async |arn: &str, session: &str, seconds: i32| {
        let asking = sts(&simulation).assume_role().role_arn(arn).role_session_name(session);
        let (status, code, message) = error_parts(asking.duration_seconds(seconds).send().await);
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        message
    };
    assert_eq!(ask("Reader", "me", 900).await, "Reader is invalid");
    let arn = "arn:aws:iam::111122223333:role/Reader";
    assert!(ask(arn, "not a name", 900).await.contains("Value 'not a name' at 'roleSessionName'"));
    assert!(ask(arn, "me", 60).await.contains("Value '60' at 'durationSeconds'"));
}

#[tokio::test]
async fn unknown_credentials_are_refused_by_each_service_in_its_own_code() {
    let simulation = start("", "");
    let key_without_token = assume(&simulation, OTHER).await;
    let key_without_token =
        Credentials::new(key_without_token.access_key_id(), key_without_token.secret_access_key(), None, None, "test");
    for credentials in [Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test"), key_without_token] {
        let config = config(&simulation, "us-east-1", credentials);
        let sts = error_parts(aws_sdk_sts::Client::new(&config).get_caller_identity().send().await);
        assert_eq!(sts, (403, "InvalidClientTokenId".to_owned(), INVALID_TOKEN.to_owned()));
        let macie = error_parts(aws_sdk_macie2::Client::new(&config).get_macie_session().send().await);
        assert_eq!(macie, (403, "UnrecognizedClientException".to_owned(), INVALID_TOKEN.to_owned()));
        let account = error_parts(aws_sdk_account::Client::new(&config).list_regions().send().await);
        assert_eq!(account, (403, "UnrecognizedClientException".to_owned(), INVALID_TOKEN.to_owned()));
    }
    let elsewhere = config(&simulation, "me-south-1", base(&simulation));
    let off = error_parts(aws_sdk_sts::Client::new(&elsewhere).get_caller_identity().send().await);
    assert_eq!(off, (403, "InvalidClientTokenId".to_owned(), INVALID_TOKEN.to_owned()), "STS in a Region that is off");
}

#[test]
fn the_environment_is_enough_and_no_more() {
    let simulation = start("", "");
    let names: Vec<_> = simulation.environment().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"]
    );
    assert!(simulation.endpoint_url().starts_with("http://127.0.0.1:"));
    assert_eq!(simulation.access_key_id(), "AKIAFAKE999988887777");
}

#[test]
fn the_port_is_free_again_when_the_simulation_is_gone() {
    let simulation = start("", "");
    let port = simulation.endpoint_url().rsplit(':').next().expect("a port").parse().expect("a number");
    let world = || {
        driftline_simulator::World::parse("{version: 1, caller: '111122223333', accounts: {'111122223333': {}}}", "w")
    };
    assert!(driftline_simulator::Simulation::start(world().expect("a world"), port).is_err(), "the port is taken");
    drop(simulation);
    driftline_simulator::Simulation::start(world().expect("a world"), port).expect("the port is free");
}
