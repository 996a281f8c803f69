//! What the environment may say about the way to AWS, and that fixed options do not listen to it.
//!
//! A process cannot safely change its own environment, so each case runs this very test binary again in one of its own.

use std::num::NonZeroU32;
use std::path::Path;
use std::process::Stdio;

use crate::stub::{CALLER, Stub};
use driftline::aws::{AccessOptions, AwsSession, Source};

/// Not a test of its own: connects as the environment says, and tells how that went.
#[tokio::test]
#[ignore = "run by the other tests, in an environment of their making"]
async fn child() {
    let source = match std::env::var("TEST_FIXED_ENDPOINT") {
        Err(_) => Source::Environment,
        Ok(endpoint_url) => Source::Fixed {
            endpoint_url,
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "hush".to_owned(),
            region: "us-east-1".parse().expect("a Region"),
        },
    };
    let mut options = AccessOptions::new(source);
    options.attempts = NonZeroU32::MIN;
    match AwsSession::connect(options).await {
        Err(mistake) => println!("SAID {mistake}"),
        Ok(access) => {
            let account = access.credentials_for(access.caller().account).await.expect("the caller's own account");
            let read = access.macie_session(&account, &"eu-west-1".parse().expect("a Region")).await;
            println!(
                "SAID account {} and {}",
                account.account(),
                if read.is_ok() { "a session" } else { "no session" }
            );
        }
    }
}

/// What the child says in an environment of these variables and nothing else, with an empty home.
async fn report_line(variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a home");
    said_at(home.path(), variables).await
}

async fn said_at(home: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "environment::child", "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .stderr(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("a child");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("SAID ")).map(|(_, said)| said.to_owned());
    line.unwrap_or_else(|| panic!("the child said nothing: {text}"))
}

const KEY: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "hush")];

fn with_key<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KEY.iter().chain(more).copied().collect()
}

fn all_well() -> String {
    format!("account {CALLER} and a session")
}

/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:9";

#[tokio::test]
async fn endpoint_variables_count_and_that_of_a_service_more() {
    let stub = Stub::serve(|_| None).await;
    assert_eq!(report_line(&with_key(&[("AWS_ENDPOINT_URL", &stub.url)])).await, all_well());
    let region = stub.asked("sts").pop().expect("a request").region;
    assert_eq!(region, "us-east-1", "where nobody names a Region");
    let one_by_one = with_key(&[
        ("AWS_ENDPOINT_URL", DEAD),
        ("AWS_ENDPOINT_URL_STS", &stub.url),
        ("AWS_ENDPOINT_URL_MACIE2", &stub.url),
        ("AWS_REGION", "eu-central-1"),
    ]);
    assert_eq!(report_line(&one_by_one).await, all_well());
    assert_eq!(stub.asked("sts").pop().expect("a request").region, "eu-central-1");
    let unreachable = report_line(&with_key(&[("AWS_ENDPOINT_URL", DEAD)])).await;
    assert!(unreachable.contains("STS, which tells whose the credentials are, cannot be reached"), "{unreachable}");
}

#[tokio::test]
async fn a_profile_counts() {
    let stub = Stub::serve(|_| None).await;
    let home = tempfile::tempdir().expect("a home");
    std::fs::create_dir(home.path().join(".aws")).expect("a folder");
    let profile = format!(
        "[profile audit]\nregion = eu-west-3\nendpoint_url = {}\naws_access_key_id = AKIDEXAMPLE\n\
         aws_secret_access_key = hush\n",
        stub.url
    );
    std::fs::write(home.path().join(".aws/config"), profile).expect("a file");
    assert_eq!(said_at(home.path(), &[("AWS_PROFILE", "audit")]).await, all_well());
    assert_eq!(stub.asked("sts").pop().expect("a request").region, "eu-west-3");
}

#[tokio::test]
async fn a_proxy_counts() {
    let stub = Stub::serve(|_| None).await;
    // Only the proxy knows the way to such a host.
    let proxied = with_key(&[("AWS_ENDPOINT_URL", "http://aws.invalid"), ("HTTP_PROXY", &stub.url)]);
    assert_eq!(report_line(&proxied).await, all_well());
    let spared = with_key(&[("AWS_ENDPOINT_URL", &stub.url), ("HTTP_PROXY", DEAD), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!(report_line(&spared).await, all_well());
}

#[tokio::test]
async fn a_certificate_bundle_counts() {
    let stub = Stub::serve(|_| None).await;
    let missing =
        report_line(&with_key(&[("AWS_ENDPOINT_URL", &stub.url), ("AWS_CA_BUNDLE", "/nowhere/roots.pem")])).await;
    assert_eq!(
        missing,
        "AWS_CA_BUNDLE names /nowhere/roots.pem, which cannot be read: No such file or directory (os error 2)"
    );
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/root.pem");
    let bundle = bundle.to_str().expect("a path in UTF-8");
    assert_eq!(report_line(&with_key(&[("AWS_ENDPOINT_URL", &stub.url), ("AWS_CA_BUNDLE", bundle)])).await, all_well());
}

#[tokio::test]
async fn without_credentials_nothing_can_be_said() {
    let mistake = report_line(&[("AWS_ENDPOINT_URL", DEAD)]).await;
    assert!(mistake.starts_with("no AWS credentials: "), "{mistake}");
    let mistake = report_line(&[("AWS_ENDPOINT_URL", DEAD), ("AWS_PROFILE", "missing")]).await;
    assert!(
        mistake.starts_with("no AWS credentials: ") && mistake.ends_with("(AWS_PROFILE is \"missing\")"),
        "{mistake}"
    );
}

#[tokio::test]
async fn fixed_options_do_not_listen() {
    let stub = Stub::serve(|_| None).await;
    let noise = [
        ("TEST_FIXED_ENDPOINT", stub.url.as_str()),
        ("AWS_ENDPOINT_URL", DEAD),
        ("AWS_ENDPOINT_URL_MACIE2", DEAD),
        ("AWS_PROFILE", "missing"),
        ("AWS_REGION", "eu-west-3"),
        ("AWS_ACCESS_KEY_ID", "ASIA000000000001"),
        ("AWS_SECRET_ACCESS_KEY", "hush"),
        ("AWS_CA_BUNDLE", "/nowhere/roots.pem"),
        ("HTTP_PROXY", DEAD),
        ("ALL_PROXY", DEAD),
    ];
    assert_eq!(report_line(&noise).await, all_well());
    assert_eq!(stub.asked("sts").pop().expect("a request").region, "us-east-1");
}
