//! Rate limits, on a clock that the tests move.

use std::time::Duration;

use driftline_simulator::Simulation;

use crate::support::{CALLER, OTHER, account_as_caller, error_parts, organizations, organizations_as, start_world};

/// The caller manages an organization with [`OTHER`] as its delegated administrator.
fn start(limits: bool) -> Simulation {
    let simulation = start_world(&format!(
        "organization: {{management: '{CALLER}', delegated_administrators: ['{OTHER}'], limits: {limits}}}\n\
         accounts: {{'{CALLER}': {{}}, '{OTHER}': {{}}}}"
    ));
    simulation.stop_clock();
    simulation
}

/// How many calls of ListAccounts succeed before one is refused.
async fn lists(client: &aws_sdk_organizations::Client) -> u32 {
    for number in 0..100 {
        let result = client.list_accounts().send().await;
        if result.is_err() {
            let message = "You have sent too many requests in too short a period of time. Try again later.";
            assert_eq!(error_parts(result), (400, "TooManyRequestsException".to_owned(), message.to_owned()));
            return number;
        }
    }
    100
}

#[tokio::test]
async fn without_limits_there_is_none() {
    assert_eq!(lists(&organizations(&start(false))).await, 100);
}

#[tokio::test]
async fn a_burst_is_followed_by_the_rate() {
    let simulation = start(true);
    let client = organizations(&simulation);
    assert_eq!(lists(&client).await, 12, "the burst");
    simulation.pass_time(Duration::from_millis(124));
    assert_eq!(lists(&client).await, 0, "an eighth of a second is longer");
    simulation.pass_time(Duration::from_millis(1));
    assert_eq!(lists(&client).await, 1);
    simulation.pass_time(Duration::from_secs(1));
    assert_eq!(lists(&client).await, 8);
    simulation.pass_time(Duration::from_mins(1));
    assert_eq!(lists(&client).await, 12, "no more than a burst is saved up");
    assert_eq!(simulation.calls()["organizations:ListAccounts"], 12 + 1 + 1 + 1 + 1 + 8 + 1 + 12 + 1);
}

#[tokio::test]
async fn the_accounts_of_an_organization_share_a_limit() {
    let simulation = start(true);
    assert_eq!(lists(&organizations(&simulation)).await, 12);
    assert_eq!(lists(&organizations_as(&simulation, OTHER).await).await, 3, "15 are the burst of both");
}

#[tokio::test]
async fn each_operation_has_a_limit_of_its_own() {
    let simulation = start(true);
    let client = organizations(&simulation);
    assert_eq!(lists(&client).await, 12);
    for _ in 0..2 {
        client.list_roots().send().await.expect("within the burst");
        client.describe_organization().send().await.expect("within the burst");
    }
    assert_eq!(error_parts(client.list_roots().send().await).1, "TooManyRequestsException");
    assert_eq!(error_parts(client.describe_organization().send().await).1, "TooManyRequestsException");
    for _ in 0..15 {
        client.list_tags_for_resource().resource_id(OTHER).send().await.expect("within the burst");
    }
    let asking = client.list_tags_for_resource().resource_id(OTHER);
    assert_eq!(error_parts(asking.send().await).1, "TooManyRequestsException");
}

#[tokio::test]
async fn account_management_limits_in_its_own_words() {
    let simulation = start(true);
    let client = account_as_caller(&simulation);
    for _ in 0..5 {
        client.list_regions().account_id(OTHER).send().await.expect("within the burst");
    }
    let refused = (429, "TooManyRequestsException".to_owned(), "Too Many Requests".to_owned());
    assert_eq!(error_parts(client.list_regions().account_id(OTHER).send().await), refused);
    simulation.pass_time(Duration::from_millis(200));
    client.list_regions().send().await.expect("five a second");
}
