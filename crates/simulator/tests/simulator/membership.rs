//! What administrators and members may do to sessions: CreateMember, UpdateMemberSession, and the rules for one's own.

use aws_sdk_macie2::Client;
use aws_sdk_macie2::operation::create_member::{CreateMemberError, CreateMemberOutput};
use aws_sdk_macie2::types::{AccountDetail, FindingPublishingFrequency, MacieStatus, RelationshipStatus};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use driftline_simulator::{Frequency, SessionStatus, Simulation};

use crate::support::{CALLER, OTHER, error_parts, id, macie, macie_of, region, start_world};

const MANAGEMENT: &str = "000011112222";
const EAST: &str = "us-east-1";

/// An organization whose Macie administrator is the caller, with [`OTHER`] in it.
fn organization(other: &str, rest: &str) -> Simulation {
    start_world(&format!(
        "organization: {{management: '{MANAGEMENT}', macie_administrator: '{CALLER}'}}
accounts:
  '{MANAGEMENT}': {{email: root@example.com, sessions: {{'*': {{}}}}}}
  '{CALLER}': {{sessions: {{'*': {{}}, us-west-2: off, us-west-1: {{status: PAUSED}}}}}}
  '{OTHER}': {{email: Payments@Example.com, {other}}}
{rest}"
    ))
}

async fn create(
    client: &Client,
    account: &str,
    email: &str,
) -> Result<CreateMemberOutput, SdkError<CreateMemberError, Response>> {
    let detail = AccountDetail::builder().account_id(account).email(email).build();
    client.create_member().account(detail).send().await
}

async fn set(client: &Client, account: &str, status: MacieStatus) -> (u16, String, String) {
    match client.update_member_session().id(account).status(status).send().await {
        Ok(_) => (200, String::new(), String::new()),
        error => error_parts(error),
    }
}

#[tokio::test]
async fn the_administrator_makes_an_account_a_member() {
    let simulation = organization("", "");
    let client = macie_of(&simulation, CALLER, EAST).await;
    let answer = create(&client, OTHER, "payments@example.COM").await.expect("a member");
    assert_eq!(answer.arn(), Some("arn:aws:macie2:us-east-1:999988887777:member/111122223333"));
    assert_eq!(simulation.session(id(OTHER), region(EAST)), Some((SessionStatus::Enabled, Frequency::FifteenMinutes)));
    assert_eq!(simulation.administrator(id(OTHER), region(EAST)), Some(id(CALLER)));
    assert_eq!(simulation.session(id(OTHER), region("us-east-2")), None, "in that Region alone");
    assert_eq!(simulation.written(), ["macie2:CreateMember 111122223333 us-east-1"], "the account that changed");
    assert!(simulation.was_written_to());

    let member = macie(&simulation, EAST).await;
    let administrator = member.get_administrator_account().send().await.expect("an answer");
    assert_eq!(administrator.administrator().and_then(|found| found.account_id()), Some(CALLER));
    let shown = client.get_member().id(OTHER).send().await.expect("a member");
    assert_eq!(shown.relationship_status(), Some(&RelationshipStatus::Enabled));
    assert_eq!(shown.updated_at().expect("a time").to_string(), "2026-01-01T00:00:01Z");
    let again = error_parts(create(&client, OTHER, "payments@example.com").await);
    assert_eq!((again.0, again.1.as_str()), (409, "ConflictException"));
    assert_eq!(error_parts(member.disable_macie().send().await).1, "ConflictException", "a member keeps Macie");
    assert_eq!(simulation.written().len(), 1, "what was refused is not written");
}

#[tokio::test]
async fn a_session_that_is_there_is_kept() {
    let other = "sessions: {'*': {finding_publishing_frequency: SIX_HOURS}}, classification_jobs: {'*': 2}";
    let simulation = organization(other, "");
    let client = macie_of(&simulation, CALLER, EAST).await;
    create(&client, OTHER, "payments@example.com").await.expect("a member");
    assert_eq!(simulation.session(id(OTHER), region(EAST)), Some((SessionStatus::Enabled, Frequency::SixHours)));
    assert_eq!(simulation.jobs(id(OTHER), region(EAST)), 2);
    let session = macie(&simulation, EAST).await.get_macie_session().send().await.expect("a session");
    assert_eq!(session.updated_at().expect("a time").to_string(), "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn not_every_account_can_become_a_member() {
    let simulation = organization(
        "sessions: {us-east-1: {status: PAUSED}}",
        "  '222233334444': {in_organization: false, email: out@example.com}
  '333344445555': {email: three@example.com, administrator: '222233334444', membership: invitation, sessions: {'*': {}}}
  '444455556666': {email: four@example.com, state: CLOSED}",
    );
    let refused = async |region: &str, account: &str, email: &str| {
        let (status, code, message) =
            error_parts(create(&macie_of(&simulation, CALLER, region).await, account, email).await);
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{message}");
        message
    };
    let cases = [
        (EAST, OTHER, "payments@example.com", "Macie is suspended for the account"),
        ("us-east-2", OTHER, "other@example.com", "the email address is not that of the account"),
        (EAST, "222233334444", "out@example.com", "not in the same organization"),
        (EAST, "121212121212", "out@example.com", "not in the same organization"),
        (EAST, MANAGEMENT, "root@example.com", "must enable Macie itself"),
        (EAST, CALLER, "aws+999988887777@example.com", "a member of its own"),
        (EAST, "444455556666", "four@example.com", "the account is suspended"),
        (EAST, "12", "four@example.com", "[0-9]{12}"),
        ("us-west-1", OTHER, "payments@example.com", "Macie is suspended for your account"),
    ];
    for (region, account, email, message) in cases {
        let error_parts = refused(region, account, email).await;
        assert!(error_parts.contains(message), "{account}: {error_parts}");
    }
    // That of the invitation has no session in any Region: the account is nobody's member, and can become one.
    create(&macie_of(&simulation, CALLER, EAST).await, "333344445555", "three@example.com").await.expect("a member");

    let client = macie_of(&simulation, CALLER, EAST).await;
    for detail in [AccountDetail::builder().account_id(OTHER), AccountDetail::builder().email("a@example.com")] {
        let (_, code, message) = error_parts(client.create_member().account(detail.build()).send().await);
        assert_eq!(code, "ValidationException");
        assert!(message.contains("must not be null"), "{message}");
    }
    assert_eq!(error_parts(client.create_member().send().await).1, "ValidationException");
}

#[tokio::test]
async fn a_member_of_another_administrator_is_refused() {
    let simulation = organization(
        "administrator: '222233334444', membership: invitation, sessions: {'*': {}}",
        "  '222233334444': {sessions: {'*': {}}}",
    );
    let client = macie_of(&simulation, CALLER, EAST).await;
    let (_, code, message) = error_parts(create(&client, OTHER, "payments@example.com").await);
    assert_eq!(code, "ValidationException");
    assert!(message.contains("associated with another administrator"), "{message}");
    assert_eq!(set(&client, OTHER, MacieStatus::Paused).await.1, "ValidationException", "nor can it be paused");
}

#[tokio::test]
async fn nobody_but_the_delegated_administrator_creates_members() {
    let simulation = organization("sessions: {'*': {}}", "");
    let (status, code, message) = error_parts(create(&macie(&simulation, EAST).await, CALLER, "x@example.com").await);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert!(message.contains("must be the Macie administrator for an organization"), "{message}");
    let off = macie_of(&simulation, CALLER, "us-west-2").await;
    assert_eq!(error_parts(create(&off, OTHER, "payments@example.com").await).2, "Macie is not enabled");

    let alone = start_world(&format!("accounts: {{'{CALLER}': {{sessions: {{'*': {{}}}}}}, '{OTHER}': {{}}}}"));
    let client = macie_of(&alone, CALLER, EAST).await;
    assert_eq!(
        error_parts(create(&client, OTHER, "x@example.com").await).1,
        "AccessDeniedException",
        "no organization"
    );
}

#[tokio::test]
async fn the_administrator_pauses_and_resumes_a_member() {
    let other = format!(
        "administrator: '{CALLER}', classification_jobs: {{'*': 3}}, \
         sessions: {{'*': {{finding_publishing_frequency: ONE_HOUR}}}}"
    );
    let simulation = organization(&other, "");
    let client = macie_of(&simulation, CALLER, EAST).await;
    let (account, east) = (id(OTHER), region(EAST));
    assert_eq!(simulation.jobs(account, east), 3);
    assert_eq!(set(&client, OTHER, MacieStatus::Paused).await.0, 200);
    assert_eq!(simulation.session(account, east), Some((SessionStatus::Paused, Frequency::OneHour)));
    assert_eq!(simulation.jobs(account, east), 0);
    assert_eq!(simulation.jobs(account, region("us-east-2")), 3, "elsewhere they go on");
    let paused = client.get_member().id(OTHER).send().await.expect("a member");
    assert_eq!(paused.relationship_status(), Some(&RelationshipStatus::Paused));
    assert_eq!(paused.updated_at().expect("a time").to_string(), "2026-01-01T00:00:01Z");
    assert_eq!(set(&client, OTHER, MacieStatus::Enabled).await.0, 200);
    assert_eq!(simulation.session(account, east), Some((SessionStatus::Enabled, Frequency::OneHour)));
    assert_eq!(simulation.jobs(account, east), 0, "cancelled for good");
    let update = "macie2:UpdateMemberSession 111122223333 us-east-1";
    assert_eq!(simulation.written(), [update, update]);

    let (_, code, message) = set(&client, OTHER, "HIBERNATING".into()).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("Member must satisfy enum value set: [PAUSED, ENABLED]"), "{message}");
    assert_eq!(
        error_parts(client.update_member_session().id(OTHER).send().await).1,
        "ValidationException",
        "no status"
    );
    for nobody in [MANAGEMENT, CALLER, "121212121212", "12"] {
        assert_eq!(set(&client, nobody, MacieStatus::Paused).await.1, "ValidationException", "{nobody}");
    }
    let (_, _, message) = set(&client, MANAGEMENT, MacieStatus::Paused).await;
    assert!(message.contains("account is not associated with your account"), "{message}");
    let off = macie_of(&simulation, CALLER, "us-west-2").await;
    assert_eq!(set(&off, OTHER, MacieStatus::Paused).await.2, "Macie is not enabled");
    let member = macie(&simulation, EAST).await;
    assert_eq!(set(&member, CALLER, MacieStatus::Paused).await.1, "ValidationException", "not the other way round");
}

#[tokio::test]
async fn an_invited_member_sets_its_own_status() {
    let other = format!("administrator: '{CALLER}', membership: invitation, sessions: {{'*': {{}}}}");
    let simulation = organization(&other, "");
    let member = macie(&simulation, EAST).await;
    member.update_macie_session().status(MacieStatus::Paused).send().await.expect("it may");
    assert_eq!(simulation.session(id(OTHER), region(EAST)).map(|(status, _)| status), Some(SessionStatus::Paused));
    assert_eq!(error_parts(member.disable_macie().send().await).1, "ConflictException", "but it cannot leave");
    let client = macie_of(&simulation, CALLER, EAST).await;
    assert_eq!(set(&client, OTHER, MacieStatus::Enabled).await.0, 200, "its administrator may set it too");
}

/// What a world answers to some calls, and what is true of it afterwards.
async fn told_by_a_world() -> Vec<String> {
    let other = "sessions: {us-east-1: {}}, classification_jobs: {us-east-1: 2}";
    let interference = format!(
        "visibility: 1\nmeanwhile: [{{account: '{OTHER}', region: us-east-1, after: 2, session: {{status: PAUSED}}}}]"
    );
    let simulation = organization(other, &interference);
    let (administrator, own) = (macie_of(&simulation, CALLER, EAST).await, macie(&simulation, EAST).await);
    let mut error_parts = vec![format!("{:?}", own.list_classification_jobs().send().await.expect("jobs"))];
    error_parts.push(format!("{:?}", create(&administrator, OTHER, "payments@example.com").await.expect("a member")));
    for _ in 0..3 {
        error_parts.push(format!("{:?}", own.get_macie_session().send().await.expect("a session")));
        error_parts.push(format!("{:?}", own.get_administrator_account().send().await.expect("an answer")));
        error_parts.push(format!("{:?}", administrator.list_members().send().await.expect("members")));
    }
    set(&administrator, OTHER, MacieStatus::Enabled).await;
    error_parts.push(format!("{:?}", administrator.get_member().id(OTHER).send().await.expect("a member")));
    error_parts.extend(simulation.written());
    error_parts
}

#[tokio::test]
async fn the_same_calls_get_the_same_answers() {
    let once = told_by_a_world().await;
    assert!(once.iter().any(|answer| answer.contains("Paused")), "something happened: {once:?}");
    assert_eq!(once, told_by_a_world().await);
}

#[tokio::test]
async fn an_administrator_with_members_can_neither_pause_nor_leave() {
    let simulation = organization(&format!("administrator: '{CALLER}', sessions: {{'us-east-1': {{}}}}"), "");
    let client = macie_of(&simulation, CALLER, EAST).await;
    let pausing = error_parts(client.update_macie_session().status(MacieStatus::Paused).send().await);
    assert_eq!((pausing.0, pausing.1.as_str()), (409, "ConflictException"));
    assert!(pausing.2.contains("member accounts are associated with your account"), "{}", pausing.2);
    assert_eq!(error_parts(client.disable_macie().send().await), pausing);
    let frequency = client.update_macie_session().finding_publishing_frequency(FindingPublishingFrequency::OneHour);
    frequency.send().await.expect("the frequency is its own");
    assert_eq!(simulation.written(), ["macie2:UpdateMacieSession 999988887777 us-east-1"]);

    let elsewhere = macie_of(&simulation, CALLER, "us-east-2").await;
    elsewhere.update_macie_session().status(MacieStatus::Paused).send().await.expect("nobody is in the way there");
    elsewhere.disable_macie().send().await.expect("nor here");
}
