//! What somebody else does meanwhile.

use aws_sdk_macie2::Client;
use aws_sdk_macie2::types::{FindingPublishingFrequency, MacieStatus, RelationshipStatus};

use driftline_simulator::{Frequency, SessionStatus};

use crate::support::{CALLER, OTHER, error_parts, id, macie, macie_of, region, start, start_world};

async fn status(client: &Client) -> Option<MacieStatus> {
    client.get_macie_session().send().await.ok()?.status().cloned()
}

#[tokio::test]
async fn somebody_changes_a_session_right_after_it_was_read() {
    let simulation = start(
        "sessions: {'*': {}}, classification_jobs: {'*': 2}",
        "meanwhile:
  - {account: '111122223333', region: us-east-1, after: 1, session: {status: PAUSED, finding_publishing_frequency: SIX_HOURS}}
  - {account: '111122223333', region: us-east-1, after: 3, session: off}
  - {account: '111122223333', region: us-east-1, after: 4, session: {}}",
    );
    let (account, east) = (id(OTHER), region("us-east-1"));
    let client = macie(&simulation, "us-east-1").await;
    client.get_administrator_account().send().await.expect("an answer that does not count");
    assert_eq!(simulation.jobs(account, east), 2);
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(simulation.session(account, east), Some((SessionStatus::Paused, Frequency::SixHours)));
    assert_eq!(simulation.jobs(account, east), 0);
    let second = client.get_macie_session().send().await.expect("a session");
    assert_eq!(second.finding_publishing_frequency(), Some(&FindingPublishingFrequency::SixHours));
    assert_eq!(second.created_at().expect("a time").to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(second.updated_at().expect("a time").to_string(), "2026-01-01T00:00:01Z");
    assert_eq!(status(&client).await, Some(MacieStatus::Paused));
    assert_eq!(
        error_parts(client.get_macie_session().send().await).2,
        "Macie is not enabled",
        "which is an answer too"
    );
    assert_eq!(simulation.session(account, east), Some((SessionStatus::Enabled, Frequency::FifteenMinutes)));
    assert_eq!(simulation.jobs(account, east), 0);
    assert!(simulation.written().is_empty() && !simulation.was_written_to(), "it was somebody else");
}

#[tokio::test]
async fn answers_that_a_fault_gives_do_not_count() {
    let simulation = start(
        "sessions: {'*': {}}",
        "meanwhile: [{account: '111122223333', region: us-east-1, after: 1, session: off}]
faults: [{operations: ['macie2:GetMacieSession'], times: 1, fault: throttle}]",
    );
    let client = macie(&simulation, "us-east-1").await;
    assert_eq!(error_parts(client.get_macie_session().send().await).0, 429);
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(status(&client).await, None);
}

#[tokio::test]
async fn what_somebody_else_did_shows_at_once() {
    let simulation = start(
        "sessions: {'*': {}}",
        "visibility: 3
meanwhile: [{account: '111122223333', region: us-east-1, after: 1, session: {finding_publishing_frequency: ONE_HOUR}}]",
    );
    let client = macie(&simulation, "us-east-1").await;
    client.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled), "not yet");
    let shown = client.get_macie_session().send().await.expect("a session");
    assert_eq!(shown.status(), Some(&MacieStatus::Enabled), "again");
    assert_eq!(shown.finding_publishing_frequency(), Some(&FindingPublishingFrequency::OneHour));
}

#[tokio::test]
async fn a_member_that_is_taken_out_stands_alone() {
    let simulation = start_world(&format!(
        "accounts:
  '{CALLER}': {{sessions: {{'*': {{}}}}}}
  '{OTHER}': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}
  '222233334444': {{administrator: '{CALLER}', sessions: {{'*': {{}}}}}}
meanwhile:
  - {{account: '{OTHER}', region: us-east-1, after: 1, session: off}}
  - {{account: '{CALLER}', region: us-west-1, after: 1, session: off}}"
    ));
    let client = macie(&simulation, "us-east-1").await;
    assert_eq!(status(&client).await, Some(MacieStatus::Enabled));
    assert_eq!(simulation.administrator(id(OTHER), region("us-east-1")), None);
    client.enable_macie().send().await.expect("Macie is enabled");
    let answer = client.get_administrator_account().send().await.expect("an answer");
    assert!(answer.administrator().is_none(), "a session that comes later stands alone");
    let administrator = macie_of(&simulation, CALLER, "us-east-1").await;
    let removed = administrator.get_member().id(OTHER).send().await.expect("an account");
    assert_eq!(removed.relationship_status(), Some(&RelationshipStatus::Removed));
    let current = administrator.list_members().send().await.expect("members");
    assert_eq!(current.members().len(), 1);
    let all = administrator.list_members().only_associated("false").send().await.expect("members");
    assert_eq!(all.members().len(), 2);
    let pausing = administrator.update_member_session().id(OTHER).status(MacieStatus::Paused).send().await;
    assert_eq!(error_parts(pausing).1, "ValidationException");

    // Where the administrator goes, everybody stands alone.
    macie_of(&simulation, CALLER, "us-west-1").await.get_macie_session().send().await.expect("a session");
    for member in [OTHER, "222233334444"] {
        assert_eq!(simulation.administrator(id(member), region("us-west-1")), None);
        assert!(simulation.session(id(member), region("us-west-1")).is_some());
    }
    assert_eq!(simulation.administrator(id(OTHER), region("us-west-2")), Some(id(CALLER)), "elsewhere nothing changes");
}
