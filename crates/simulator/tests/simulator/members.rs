//! Who is whose member: ListMembers, GetMember, GetAdministratorAccount.

use aws_sdk_macie2::types::RelationshipStatus;
use driftline_simulator::Simulation;

use crate::support::{CALLER, OTHER, error_parts, id, macie, macie_of, region, start_world};

/// A world whose administrator is the caller, with these further accounts.
fn administered(accounts: &str) -> Simulation {
    start_world(&format!("accounts:\n  '{CALLER}': {{sessions: {{'*': {{}}, us-west-2: off}}}}\n{accounts}"))
}

/// The accounts of one page, and the token for the next.
async fn page(
    client: &aws_sdk_macie2::Client,
    size: Option<i32>,
    token: Option<String>,
    only_associated: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let request = client.list_members().set_max_results(size).set_next_token(token);
    let answer = request.set_only_associated(only_associated.map(str::to_owned)).send().await.expect("members");
    let ids = answer.members().iter().filter_map(|member| member.account_id()).map(str::to_owned).collect();
    (ids, answer.next_token().map(str::to_owned))
}

#[tokio::test]
async fn an_administrator_lists_its_members_with_how_they_stand() {
    let simulation = administered(&format!(
        "  '111122223333': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}
  '222233334444': {{administrator: '{CALLER}', membership: invitation, email: Two@example.com, \
           sessions: {{'*': {{status: PAUSED}}}}}}
  '333344445555': {{administrator: '{CALLER}', sessions: {{us-east-2: {{}}}}}}
  '444455556666': {{sessions: {{'*': {{}}}}}}
  '555566667777': {{administrator: '444455556666', sessions: {{'*': {{}}}}}}"
    ));
    let client = macie_of(&simulation, CALLER, "us-east-1").await;
    let answer = client.list_members().send().await.expect("members");
    let [one, two] = answer.members() else { panic!("two members: {answer:?}") };
    assert_eq!((one.account_id(), one.relationship_status()), (Some(OTHER), Some(&RelationshipStatus::Enabled)));
    assert_eq!(one.administrator_account_id(), Some(CALLER));
    assert_eq!(one.arn(), Some("arn:aws:macie2:us-east-1:999988887777:member/111122223333"));
    assert_eq!(
        (one.email(), one.invited_at()),
        (None, None),
        "which are not error_parts of members of the organization"
    );
    assert_eq!(one.updated_at().expect("a time").to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(two.relationship_status(), Some(&RelationshipStatus::Paused));
    assert_eq!(two.email(), Some("Two@example.com"));
    assert!(two.invited_at().is_some());
    assert!(answer.next_token().is_none());

    let elsewhere = macie_of(&simulation, CALLER, "us-east-2").await;
    assert_eq!(page(&elsewhere, None, None, None).await.0, ["111122223333", "222233334444", "333344445555"]);
    let nobody = macie(&simulation, "us-east-1").await;
    assert!(page(&nobody, None, None, None).await.0.is_empty(), "a member has none");
    let one = client.get_member().id(OTHER).send().await.expect("a member");
    assert_eq!((one.account_id(), one.relationship_status()), (Some(OTHER), Some(&RelationshipStatus::Enabled)));
}

#[tokio::test]
async fn without_a_session_nobody_administers_anybody() {
    let simulation = administered(&format!("  '{OTHER}': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}"));
    let client = macie_of(&simulation, CALLER, "us-west-2").await;
    assert_eq!(error_parts(client.list_members().send().await).2, "Macie is not enabled");
    assert_eq!(error_parts(client.get_member().id(OTHER).send().await).2, "Macie is not enabled");
    let member = macie(&simulation, "us-west-2").await;
    assert!(member.get_administrator_account().send().await.expect("an answer").administrator().is_none());
    assert_eq!(simulation.administrator(id(OTHER), region("us-west-2")), None);
    assert_eq!(simulation.administrator(id(OTHER), region("us-west-1")), Some(id(CALLER)));
    member.disable_macie().send().await.expect("nobody minds");

    // The administrator that Macie is enabled for later has no members to begin with.
    client.enable_macie().send().await.expect("Macie is enabled");
    assert!(page(&client, None, None, None).await.0.is_empty());
}

#[tokio::test]
async fn an_invited_member_knows_its_invitation() {
    let simulation = administered(&format!(
        "  '{OTHER}': {{administrator: '{CALLER}', membership: invitation, sessions: {{'*': {{}}}}}}
  '222233334444': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}"
    ));
    let answer = macie(&simulation, "us-east-1").await.get_administrator_account().send().await.expect("an answer");
    let invitation = answer.administrator().expect("an administrator");
    assert_eq!(invitation.account_id(), Some(CALLER));
    assert_eq!(invitation.invitation_id().map(str::len), Some(32));
    assert_eq!(invitation.invited_at().expect("a time").to_string(), "2026-01-01T00:00:00Z");
    let client = macie_of(&simulation, "222233334444", "us-east-1").await;
    let answer = client.get_administrator_account().send().await.expect("an answer");
    let administrator = answer.administrator().expect("an administrator");
    assert_eq!((administrator.invitation_id(), administrator.invited_at()), (None, None));
}

#[tokio::test]
async fn all_accounts_are_more_than_the_current_members() {
    let simulation = administered(&format!(
        "  '111122223333': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}
  '222233334444': {{administrator: '{CALLER}', state: SUSPENDED, sessions: {{'*': {{}}}}}}
  '333344445555': {{administrator: '{CALLER}'}}
  '444455556666': {{administrator: '{CALLER}', regions_on: [af-south-1], sessions: {{'*': {{}}}}}}"
    ));
    let east = macie_of(&simulation, CALLER, "us-east-1").await;
    assert_eq!(page(&east, None, None, None).await.0, ["111122223333", "444455556666"]);
    assert_eq!(page(&east, None, None, Some("true")).await.0, ["111122223333", "444455556666"]);
    assert_eq!(page(&east, None, None, Some("false")).await.0, ["111122223333", "222233334444", "444455556666"]);
    let member = east.get_member().id("222233334444").send().await.expect("a member");
    assert_eq!(member.relationship_status(), Some(&RelationshipStatus::AccountSuspended));
    assert_eq!(
        error_parts(east.get_member().id("333344445555").send().await).1,
        "ValidationException",
        "it has no session"
    );
    assert_eq!(error_parts(east.list_members().only_associated("maybe").send().await).1, "ValidationException");
}

#[tokio::test]
async fn a_member_whose_region_is_off_is_known_as_such() {
    let simulation = start_world(&format!(
        "accounts:
  '{CALLER}': {{regions_on: [af-south-1], sessions: {{'*': {{}}}}}}
  '{OTHER}': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}"
    ));
    let south = macie_of(&simulation, CALLER, "af-south-1").await;
    assert!(page(&south, None, None, None).await.0.is_empty());
    let member = south.get_member().id(OTHER).send().await.expect("an account");
    assert_eq!(member.relationship_status(), Some(&RelationshipStatus::RegionDisabled));
    assert_eq!(simulation.administrator(id(OTHER), region("af-south-1")), None);
    assert_eq!(simulation.session(id(OTHER), region("af-south-1")), None, "\"*\" does not reach where it is off");
}

#[tokio::test]
async fn members_come_page_by_page() {
    let member = |number: u64| format!("  '{number}': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}");
    let members: Vec<_> = (100_000_000_000..100_000_000_030).map(member).collect();
    let simulation = administered(&members.join("\n"));
    let client = macie_of(&simulation, CALLER, "us-east-1").await;
    let (first, token) = page(&client, None, None, None).await;
    assert_eq!(first.len(), 25, "as many as go in a page");
    let (second, end) = page(&client, None, token.clone(), None).await;
    assert_eq!((second.len(), end), (5, None));
    assert_eq!((first[24].as_str(), second[0].as_str()), ("100000000024", "100000000025"));

    let (whole, end) = page(&client, Some(15), Some("ListMembers/associated/100000000014".to_owned()), None).await;
    assert_eq!((whole.len(), end), (15, None), "nothing follows a page that takes the rest");
    for bad in [0, 26, -1] {
        assert_eq!(error_parts(client.list_members().max_results(bad).send().await).1, "ValidationException", "{bad}");
    }
    for foreign in ["", "25", "ListMembers/associated/12", "ListAccounts//100000000014"] {
        assert_eq!(
            error_parts(client.list_members().next_token(foreign).send().await).1,
            "ValidationException",
            "{foreign}"
        );
    }
    let token = token.expect("a token");
    let other_list = client.list_members().only_associated("false").next_token(token).send().await;
    assert_eq!(error_parts(other_list).1, "ValidationException", "a token of one list is foreign to the other");
}

#[tokio::test]
async fn who_is_no_member_is_told_apart_from_who_is_nobody() {
    let simulation = administered("  '444455556666': {sessions: {'*': {}}}");
    let client = macie_of(&simulation, CALLER, "us-east-1").await;
    let (status, code, message) = error_parts(client.get_member().id("444455556666").send().await);
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(message.contains("account is not associated with your account"), "{message}");
    let nobody = error_parts(client.get_member().id("121212121212").send().await);
    assert_eq!((nobody.0, nobody.1.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(error_parts(client.get_member().id("12").send().await).1, "ValidationException");
}
