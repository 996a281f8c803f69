//! Every answer that Systems Manager, the network or a stranger may give, and the reading that it earns:
//! `tests/answers/systems_manager/` holds one file per answer to GetDocument, and every row of the failure table that is about this
//! service is reached by at least one of them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::answers::{Parts, Told, stubbed};
use driftline::aws::{ROWS, Service, classify_systems_manager};
use driftline::model::{Evidence, Resource, Target};
use driftline::resource::session_manager_preferences::Preferences;
use driftline::resource::{Reading, Response, TargetRequest};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    answer: Told,
    expect: Expected,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    row: Option<String>,
    reading: String,
    reason: Option<String>,
    code: Option<String>,
    /// A part of the message.
    message: Option<String>,
    request_id: Option<String>,
    denial: Option<Parts>,
}

#[tokio::test]
async fn every_answer_earns_its_reading_and_every_row_has_an_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/systems_manager");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() > 40, "the fixtures are found");
    let (mut reached, mut wrong) = (BTreeSet::new(), Vec::new());
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a fixture");
        let fixture: Fixture =
            serde_yaml::from_str(&text).unwrap_or_else(|mistake| panic!("{}: {mistake}", path.display()));
        let (row, actual) = Box::pin(ask(&fixture.answer)).await;
        reached.extend(row);
        let is_said = match (&fixture.expect.message, &actual.message) {
            (Some(part), Some(whole)) => whole.contains(part.as_str()),
            (expected, _) => expected.is_none(),
        };
        let expected = Expected { message: actual.message.clone(), ..fixture.expect };
        if !is_said || actual != expected {
            wrong.push(format!("{}: {actual:#?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let own = ROWS.iter().filter(|row| row.service == Some(Service::SystemsManager)).map(|row| row.name);
    let missing: Vec<_> = own.filter(|name| !reached.contains(name)).collect();
    assert!(missing.is_empty(), "no answer reaches the rows {missing:?}");
}

/// The row of the failure table, if the call fails, and the reading of a target that gets this answer to every call.
async fn ask(told: &Told) -> (Option<&'static str>, Expected) {
    let (_stub, aws) = stubbed(told, "ssm").await;
    let account = aws.caller().account;
    let credentials = aws.credentials_for(account).await.expect("the caller's own account");
    let region = "eu-west-1".parse().expect("a Region");
    let call = aws.preferences_document(&credentials, &region, "$DEFAULT").await;
    let row = call.err().map(|failure| classify_systems_manager(&failure).name);
    let target = Target::new(Resource::SessionManagerPreferences, account, region);
    let request = TargetRequest {
        aws: &aws,
        credentials: &credentials,
        target: &target,
        declared: None,
        administrator_answer: None,
        on_part: &|_| {},
    };
    (row, words(row, request.read().await))
}

/// The reading in the fixture's words.
fn words(row: Option<&str>, response: Response) -> Expected {
    let mut said = Expected { row: row.map(str::to_owned), ..Expected::default() };
    let (reading, Evidence { code, message, request_id }) = match response {
        Response::TokenRefused(failure) => ("token_refused", failure.into_evidence()),
        Response::Reading(Reading::Preferences(preferences)) => match &*preferences {
            Preferences::Absent(evidence) => ("absent", evidence.clone()),
            Preferences::Present(_) => ("present", Evidence::default()),
        },
        Response::Reading(Reading::Unread(unread)) => {
            said.reason = Some(unread.reason.as_str().to_owned());
            said.denial = unread.denial.as_deref().map(Parts::from);
            ("unread", unread.evidence)
        }
        Response::Reading(other) => panic!("one answer alone cannot mean {other:?}"),
    };
    let text = |text: Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    Expected {
        reading: reading.to_owned(),
        code: text(code),
        message: text(message),
        request_id: text(request_id),
        ..said
    }
}
