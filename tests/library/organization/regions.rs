//! Asking for the Regions of other accounts.

use crate::stub::regions;
use driftline::inventory::RegionStatus;
use driftline::model::{AccountId, Region};

use super::*;

fn id(text: &str) -> AccountId {
    text.parse().expect("an id")
}

fn region(text: &str) -> Region {
    text.parse().expect("a Region")
}

fn denied(message: &str) -> Reply {
    Reply::error(
        403,
        "AccessDeniedException",
        &format!("User: x is not authorized to perform: account:ListRegions{message}"),
    )
}

/// Answers only if an account is named: then as the management account may ask, and without a name as a member's role may not.
fn only_with_a_name(operation: &str, input: &Value) -> Option<Reply> {
    (operation == "ListRegions").then(|| match input["AccountId"].as_str() {
        Some(_) => regions(&[("af-south-1", "ENABLED"), ("eu-south-1", "DISABLED")]),
        None => denied(""),
    })
}

/// The accounts that account:ListRegions was asked about by name, and "self" where it was not.
fn asked_about(stub: &Stub) -> Vec<(String, String)> {
    let who = |ask: Ask| {
        let input: Value = serde_json::from_str(&ask.body).expect("JSON");
        (ask.account, input["AccountId"].as_str().unwrap_or("self").to_owned())
    };
    stub.asked("account").into_iter().map(who).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(who, whom)| ((*who).to_owned(), (*whom).to_owned())).collect()
}

#[tokio::test]
async fn where_an_account_may_not_ask_for_itself_whoever_listed_the_organization_asks() {
    let stub = organization(only_with_a_name).await;
    let access = connect(&stub).await;
    let a = access.credentials_for(id(A)).await.expect("the role");
    assert!(access.regions(&a).await.is_err(), "nothing is known of an organization");
    list(&access, NAMES, &|_| ()).await.expect("accounts");
    let found = access.regions(&a).await.expect("the Regions");
    assert_eq!(found.get(&region("eu-south-1")), Some(driftline::aws::RegionState::Off));
    assert_eq!(asked_about(&stub), pairs(&[(A, "self"), (A, "self"), (CALLER, A)]));
    assert_eq!(access.requests().account, 3);
    // The caller's own account has been asked in that way already.
    let own = access.credentials_for(id(CALLER)).await.expect("credentials");
    assert!(access.regions(&own).await.is_err());
    assert_eq!(asked_about(&stub).len(), 4);
}

#[tokio::test]
async fn nobody_asks_about_the_management_account_and_a_denial_is_not_asked_for_twice() {
    let stub = organization(|operation, _| match operation {
        "DescribeOrganization" => answer(&json!({"Organization": {"Id": "o-example", "MasterAccountId": C}})),
        "ListRegions" => Some(denied("")),
        _ => None,
    })
    .await;
    let access = connect(&stub).await;
    list(&access, NAMES, &|_| ()).await.expect("accounts");
    for account in [C, A, B] {
        let account = access.credentials_for(id(account)).await.expect("the role");
        assert!(access.regions(&account).await.is_err());
    }
    assert_eq!(asked_about(&stub), pairs(&[(C, "self"), (A, "self"), (CALLER, A), (B, "self")]));
}

#[tokio::test]
async fn other_failures_are_not_asked_around() {
    let stub = organization(|operation, _| (operation == "ListRegions").then_some(Reply::Close)).await;
    let access = connect(&stub).await;
    list(&access, NAMES, &|_| ()).await.expect("accounts");
    let a = access.credentials_for(id(A)).await.expect("the role");
    assert!(access.regions(&a).await.is_err());
    assert_eq!(asked_about(&stub), pairs(&[(A, "self")]));
}

#[tokio::test]
async fn the_regions_of_all_accounts_in_use_can_be_listed() {
    let stub = organization(|operation, input| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [
            {"Id": A, "State": "SUSPENDED"}, {"Id": B, "State": "ACTIVE"}, {"Id": C}, {"Id": CALLER, "State": "PENDING_CLOSURE"},
        ]})),
        "ListRegions" if input["NextToken"].is_null() => {
            answer(&json!({"Regions": [{"RegionName": "af-south-1", "RegionOptStatus": "ENABLING"}], "NextToken": "2"}))
        }
        "ListRegions" => Some(regions(&[("eu-west-1", "ENABLED_BY_DEFAULT"), ("eu-south-1", "DISABLED"), ("xx", "?")])),
        _ => None,
    })
    .await;
    let listing = listed(&stub, REGIONS).await.expect("accounts");
    let found = &listing.organization.regions;
    assert_eq!(found.keys().map(ToString::to_string).collect::<Vec<_>>(), [B, C, CALLER]);
    for regions in found.values() {
        let expected = [
            ("af-south-1", RegionStatus::Changing),
            ("eu-south-1", RegionStatus::Off),
            ("eu-west-1", RegionStatus::On),
        ];
        assert!(regions.iter().map(|(region, presence)| (region.as_str(), *presence)).eq(expected), "{regions:?}");
    }
    let mut asked = asked_about(&stub);
    asked.sort();
    asked.dedup();
    // The management account must not name itself.
    assert_eq!(asked, pairs(&[(CALLER, B), (CALLER, C), (CALLER, "self")]));
    assert!(listing.regions_denied.is_none());
}

#[tokio::test]
async fn a_denial_leaves_the_regions_of_all_accounts_unknown() {
    let stub = organization(|operation, input| match (operation, input["AccountId"].as_str()) {
        ("ListRegions", Some(_)) => {
            Some(denied(" (Your organization must first enable trusted access with AWS Account Management.)"))
        }
        ("ListRegions", None) => Some(regions(&[("eu-west-1", "ENABLED_BY_DEFAULT")])),
        _ => None,
    })
    .await;
    let listing = listed(&stub, REGIONS).await.expect("accounts");
    assert!(listing.organization.regions.is_empty());
    let message = listing.regions_denied.expect("a denial").message.expect("a reason");
    assert!(message.contains("trusted access"), "{message}");
    let broken = organization(|operation, _| (operation == "ListRegions").then_some(Reply::Close)).await;
    let error = listed(&broken, REGIONS).await.expect_err("the Regions were asked for");
    assert!(matches!(error, OrganizationError::Unreachable { action: "account:ListRegions", .. }), "{error:?}");
}
