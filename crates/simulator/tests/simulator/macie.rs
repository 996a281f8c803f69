//! Macie's operations.

use aws_sdk_macie2::error::SdkError;
use aws_sdk_macie2::operation::RequestId as _;
use aws_sdk_macie2::types::{FindingPublishingFrequency as Frequency, MacieStatus, RelationshipStatus};

use crate::support::{CALLER, OTHER, error_parts, macie, start, start_world};

const NOT_ENABLED: &str = "Macie is not enabled";

#[tokio::test]
async fn a_session_lives_from_enabling_to_disabling() {
    let simulation = start("", "");
    let client = macie(&simulation, "eu-west-1").await;
    let refused = (403, "AccessDeniedException".to_owned(), NOT_ENABLED.to_owned());
    assert_eq!(error_parts(client.get_macie_session().send().await), refused);
    assert_eq!(error_parts(client.update_macie_session().status(MacieStatus::Paused).send().await), refused);
    assert_eq!(error_parts(client.disable_macie().send().await), refused);
    assert_eq!(error_parts(client.get_administrator_account().send().await), refused);

    client.enable_macie().send().await.expect("Macie is enabled");
    let session = client.get_macie_session().send().await.expect("a session");
    assert_eq!(session.status(), Some(&MacieStatus::Enabled));
    assert_eq!(session.finding_publishing_frequency(), Some(&Frequency::FifteenMinutes));
    let role = format!("arn:aws:iam::{OTHER}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie");
    assert_eq!(session.service_role(), Some(role.as_str()));
    assert_eq!(session.created_at().expect("a time").to_string(), "2026-01-01T00:00:01Z");
    assert!(session.request_id().is_some_and(|id| id.starts_with("00000000-0000-4000-8000-")));
    let again = error_parts(client.enable_macie().status(MacieStatus::Paused).send().await);
    assert_eq!(again, (409, "ConflictException".to_owned(), "Macie has already been enabled".to_owned()));

    client.update_macie_session().finding_publishing_frequency(Frequency::SixHours).send().await.expect("an update");
    client.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    let session = client.get_macie_session().send().await.expect("a session");
    assert_eq!(session.status(), Some(&MacieStatus::Paused));
    assert_eq!(session.finding_publishing_frequency(), Some(&Frequency::SixHours));
    assert_eq!(session.created_at().expect("a time").to_string(), "2026-01-01T00:00:01Z");
    assert_eq!(session.updated_at().expect("a time").to_string(), "2026-01-01T00:00:03Z");

    client.disable_macie().send().await.expect("Macie is disabled");
    assert_eq!(error_parts(client.get_macie_session().send().await), refused);
}

#[tokio::test]
async fn what_is_enabled_is_enabled_as_asked_and_there_only() {
    let simulation = start("regions_on: [me-south-1]", "");
    let client = macie(&simulation, "me-south-1").await;
    let enabling = client.enable_macie().status(MacieStatus::Paused).finding_publishing_frequency(Frequency::OneHour);
    enabling.send().await.expect("Macie is enabled");
    let session = client.get_macie_session().send().await.expect("a session");
    assert_eq!(session.status(), Some(&MacieStatus::Paused));
    assert_eq!(session.finding_publishing_frequency(), Some(&Frequency::OneHour));
    assert!(session.service_role().is_some_and(|role| role.contains("/macie.me-south-1.amazonaws.com/")));
    let elsewhere = macie(&simulation, "eu-west-1").await;
    assert_eq!(error_parts(elsewhere.get_macie_session().send().await).2, NOT_ENABLED);
}

#[tokio::test]
async fn words_that_are_none_of_the_enumeration_are_refused() {
    let simulation = start("sessions: {'*': {}}", "");
    let client = macie(&simulation, "us-east-1").await;
    let (status, code, message) = error_parts(client.update_macie_session().status("BOGUS".into()).send().await);
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert_eq!(
        message,
        "1 validation error detected: Value 'BOGUS' at 'status' failed to satisfy constraint: \
         Member must satisfy enum value set: [PAUSED, ENABLED]"
    );
    let (_, code, message) =
        error_parts(client.enable_macie().finding_publishing_frequency("DAILY".into()).send().await);
    assert_eq!(code, "ValidationException");
    assert!(message.contains("Value 'DAILY' at 'findingPublishingFrequency'"), "{message}");
    assert_eq!(
        error_parts(client.update_macie_session().send().await).1,
        "ValidationException",
        "an update of nothing"
    );
}

#[tokio::test]
async fn members_have_an_administrator_that_keeps_them() {
    let administrator = format!("administrator: '{CALLER}', sessions: {{'*': {{}}, us-east-2: {{status: PAUSED}}}}");
    let simulation =
        start_world(&format!("accounts: {{'{CALLER}': {{sessions: {{'*': {{}}}}}}, '{OTHER}': {{{administrator}}}}}"));
    let client = macie(&simulation, "us-east-1").await;
    let answer = client.get_administrator_account().send().await.expect("an answer");
    let found = answer.administrator().expect("an administrator");
    assert_eq!(found.account_id(), Some(CALLER));
    assert_eq!(found.relationship_status(), Some(&RelationshipStatus::Enabled));
    let paused = macie(&simulation, "us-east-2").await.get_administrator_account().send().await.expect("an answer");
    let status = paused.administrator().and_then(|found| found.relationship_status());
    assert_eq!(status, Some(&RelationshipStatus::Paused));

    let kept = error_parts(client.disable_macie().send().await);
    let message = "Cannot disable Macie while associated with an administrator account".to_owned();
    assert_eq!(kept, (409, "ConflictException".to_owned(), message));
    let pausing = error_parts(client.update_macie_session().status(MacieStatus::Paused).send().await);
    assert_eq!((pausing.0, pausing.1.as_str()), (403, "AccessDeniedException"));
    let frequency = client.update_macie_session().finding_publishing_frequency(Frequency::OneHour);
    frequency.send().await.expect("the frequency is a member's own");
}

#[tokio::test]
async fn who_stands_alone_has_no_administrator() {
    let simulation = start("sessions: {'*': {}}", "");
    let answer = macie(&simulation, "us-east-1").await.get_administrator_account().send().await.expect("an answer");
    assert!(answer.administrator().is_none());
}

#[tokio::test]
async fn the_http_status_of_not_enabled_can_be_401() {
    let simulation = start("", "not_enabled_http_status: 401");
    let refused = error_parts(macie(&simulation, "us-east-1").await.get_macie_session().send().await);
    assert_eq!(refused, (401, "AccessDeniedException".to_owned(), NOT_ENABLED.to_owned()));
}

#[tokio::test]
async fn the_named_region_beats_every_region() {
    let sessions =
        "sessions: {'*': {}, eu-west-1: {status: PAUSED, finding_publishing_frequency: SIX_HOURS}, us-west-2: off}";
    let simulation = start(sessions, "");
    let session = macie(&simulation, "eu-west-1").await.get_macie_session().send().await.expect("a session");
    assert_eq!(session.status(), Some(&MacieStatus::Paused));
    let session = macie(&simulation, "us-east-1").await.get_macie_session().send().await.expect("a session");
    assert_eq!(session.status(), Some(&MacieStatus::Enabled));
    assert_eq!(error_parts(macie(&simulation, "us-west-2").await.get_macie_session().send().await).2, NOT_ENABLED);
}

#[tokio::test]
async fn a_region_that_is_off_knows_no_token() {
    let simulation = start("sessions: {'*': {}}", "");
    let refused = error_parts(macie(&simulation, "af-south-1").await.get_macie_session().send().await);
    let message = "The security token included in the request is invalid.".to_owned();
    assert_eq!(refused, (403, "UnrecognizedClientException".to_owned(), message));
}

#[tokio::test]
async fn a_region_without_macie_does_not_answer() {
    let simulation = start("", "");
    for region in ["eu-central-2", "cn-north-1", "xx-nowhere-1"] {
        let error = macie(&simulation, region).await.get_macie_session().send().await.expect_err("no answer");
        assert!(matches!(&error, SdkError::DispatchFailure(failure) if !failure.is_timeout()), "{region}: {error:?}");
    }
}

#[tokio::test]
async fn calls_are_tallied_and_writes_are_noticed() {
    let simulation = start("sessions: {'*': {}}", "");
    let client = macie(&simulation, "us-east-1").await;
    client.get_macie_session().send().await.expect("a session");
    client.get_macie_session().send().await.expect("a session");
    let calls: Vec<_> = simulation.calls().into_iter().collect();
    assert_eq!(calls, [("macie2:GetMacieSession".to_owned(), 2), ("sts:AssumeRole".to_owned(), 1)]);
    assert!(!simulation.was_written_to());
    client.enable_macie().send().await.expect_err("it is enabled already");
    assert!(simulation.was_written_to(), "the attempt counts");
}
