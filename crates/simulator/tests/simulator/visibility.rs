//! Changes that show late.

use aws_sdk_macie2::Client;
use aws_sdk_macie2::types::{AccountDetail, FindingPublishingFrequency, MacieStatus, RelationshipStatus};

use driftline_simulator::{Frequency, SessionStatus};

use crate::support::{CALLER, OTHER, error_parts, id, macie, macie_of, region, start, start_world};

async fn status(client: &Client) -> Option<MacieStatus> {
    client.get_macie_session().send().await.ok()?.status().cloned()
}

#[tokio::test]
async fn a_change_shows_after_so_many_reads() {
    let simulation = start("sessions: {'*': {}}", "visibility: 2");
    let client = macie(&simulation, "us-east-1").await;
    client.get_macie_session().send().await.expect("a session");
    client.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(
        simulation.session(id(OTHER), region("us-east-1")).map(|(it, _)| it),
        Some(SessionStatus::Paused),
        "it is true"
    );
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(status(&client).await, Some(MacieStatus::Paused));
    assert_eq!(status(&client).await, Some(MacieStatus::Paused), "and stays");
}

#[tokio::test]
async fn writes_see_the_truth() {
    let simulation = start("", "visibility: 1");
    let client = macie(&simulation, "us-east-1").await;
    client.enable_macie().send().await.expect("Macie is enabled");
    assert_eq!(error_parts(client.enable_macie().send().await).1, "ConflictException");
    let update = client.update_macie_session().finding_publishing_frequency(FindingPublishingFrequency::SixHours);
    update.send().await.expect("there is a session to change");
    assert_eq!(error_parts(client.get_macie_session().send().await).2, "Macie is not enabled", "not yet");
    let shown = client.get_macie_session().send().await.expect("a session");
    assert_eq!(shown.finding_publishing_frequency(), Some(&FindingPublishingFrequency::SixHours));
    let now = simulation.session(id(OTHER), region("us-east-1"));
    assert_eq!(now, Some((SessionStatus::Enabled, Frequency::SixHours)));
    client.disable_macie().send().await.expect("Macie is disabled");
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(error_parts(client.get_macie_session().send().await).2, "Macie is not enabled");
}

#[tokio::test]
async fn each_change_shows_in_its_turn() {
    let simulation = start("sessions: {'*': {}}", "visibility: 1");
    let client = macie(&simulation, "us-east-1").await;
    client.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    client.update_macie_session().status(MacieStatus::Enabled).send().await.expect("an update");
    assert_eq!(status(&client).await, Some(MacieStatus::Paused), "that of before the change");
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
}

#[tokio::test]
async fn a_new_member_shows_late_on_both_sides() {
    let simulation = start_world(&format!(
        "organization: {{management: '000011112222', macie_administrator: '{CALLER}'}}
accounts:
  '000011112222': {{}}
  '{CALLER}': {{sessions: {{'*': {{}}}}}}
  '{OTHER}': {{email: o@example.com}}
visibility: 1"
    ));
    let client = macie_of(&simulation, CALLER, "us-east-1").await;
    let detail = AccountDetail::builder().account_id(OTHER).email("o@example.com").build();
    let list = async || client.list_members().send().await.expect("members").members().len();
    client.create_member().account(detail).send().await.expect("a member");
    assert_eq!(list().await, 0);
    assert_eq!(list().await, 1, "the look in vain was the read that it took");

    client.update_member_session().id(OTHER).status(MacieStatus::Paused).send().await.expect("an update");
    let shown = client.get_member().id(OTHER).send().await.expect("a member");
    assert_eq!(shown.relationship_status(), Some(&RelationshipStatus::Enabled));
    let own = macie(&simulation, "us-east-1").await;
    let answer = own.get_administrator_account().send().await.expect("an answer");
    let relation = answer.administrator().expect("an administrator").relationship_status().cloned();
    assert_eq!(relation, Some(RelationshipStatus::Paused));
}

#[tokio::test]
async fn reads_of_other_targets_do_not_count() {
    let simulation = start("sessions: {'*': {}}", "visibility: 1");
    let (east, west) = (macie(&simulation, "us-east-1").await, macie(&simulation, "us-west-1").await);
    east.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    assert_eq!(status(&west).await, Some(MacieStatus::Enabled));
    assert_eq!(status(&west).await, Some(MacieStatus::Enabled));
    assert_eq!(status(&east).await, Some(MacieStatus::Enabled));
    assert_eq!(status(&east).await, Some(MacieStatus::Paused));
}
