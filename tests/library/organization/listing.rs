//! Pages, places and tags.

use std::cell::RefCell;

use driftline::model::{AccountState, InventoryFields};

use super::*;

const ALL: [&str; 4] =
    ["000000000001 a ", "000000000002 b Workloads", "000000000003 c Workloads/Prod", "999988887777 management "];

#[tokio::test]
async fn names_and_states_take_two_calls_and_are_sorted() {
    let stub = organization(|_, _| None).await;
    let access = connect(&stub).await;
    let organization = list(&access, NAMES, &|_| ()).await.expect("accounts").organization;
    assert_eq!((&*organization.id, organization.management_account.to_string().as_str()), ("o-example", CALLER));
    assert_eq!(organization.knowledge, InventoryFields { names: true, units: false, tags: false });
    let ids: Vec<String> = organization.accounts.iter().map(|account| account.id.to_string()).collect();
    assert_eq!(ids, [A, B, C, CALLER]);
    assert!(organization.accounts.iter().all(|account| account.state == Some(AccountState::Active)));
    assert_eq!(organization.accounts[0].email.as_deref(), Some("a@example.com"));
    assert_eq!(operations(&stub), ["DescribeOrganization", "ListAccounts"]);
    assert_eq!(access.requests().organizations, 2);
    let asked = stub.asked("organizations");
    assert!(asked.iter().all(|ask| ask.region == "us-east-1" && ask.key == "AKIDEXAMPLE"), "{asked:?}");
}

#[tokio::test]
async fn pages_are_read_to_the_end_and_empty_ones_passed_over() {
    let stub = organization(|operation, input| {
        let page = input["NextToken"].as_str().unwrap_or("first");
        match (operation, page) {
            ("ListAccounts", "first") => answer(&json!({"Accounts": [], "NextToken": "2"})),
            ("ListAccounts", "2") => answer(&json!({"Accounts": [{"Id": B, "State": "SUSPENDED", "Status": "ACTIVE"}], "NextToken": "3"})),
            ("ListAccounts", "3") => answer(&json!({"NextToken": "4"})),
            ("ListAccounts", _) => answer(
                &json!({"Accounts": [{"Id": A, "Status": "PENDING_CLOSURE"}, {"Id": B, "State": "SUSPENDED"}, {"Id": CALLER, "State": "FROZEN"}], "NextToken": null}),
            ),
            _ => None,
        }
    })
    .await;
    let (access, counts) = (connect(&stub).await, RefCell::new(Vec::new()));
    let listing = list(&access, NAMES, &|count| counts.borrow_mut().push(count)).await;
    let organization = listing.expect("accounts").organization;
    assert_eq!(*counts.borrow(), [0, 1, 1, 4]);
    let states: Vec<_> = organization.accounts.iter().map(|account| (account.id.to_string(), account.state)).collect();
    // B stands on two pages, as an account may when others come and go meanwhile. The last word is one that nobody knows.
    let expected = [(A, Some(AccountState::PendingClosure)), (B, Some(AccountState::Suspended)), (CALLER, None)];
    assert_eq!(states, expected.map(|(id, state)| (id.to_owned(), state)));
    assert_eq!(operations(&stub).len(), 5);
}

#[tokio::test]
async fn a_list_that_contradicts_itself_or_lacks_the_management_account_is_none() {
    let twice = json!([{"Id": CALLER}, {"Id": B, "State": "ACTIVE"}, {"Id": B, "State": "SUSPENDED"}]);
    let moved = json!([{"Id": CALLER}, {"Id": B, "Name": "one"}, {"Id": B, "Name": "other"}]);
    for (accounts, why) in [
        (twice, "was listed twice, with differences"),
        (moved, "was listed twice, with differences"),
        (json!([{"Id": B}]), "the management account"),
    ] {
        let stub = organization(move |operation, _| match operation {
            "ListAccounts" => answer(&json!({"Accounts": accounts})),
            _ => None,
        })
        .await;
        let access = connect(&stub).await;
        let error = list(&access, NAMES, &|_| ()).await.expect_err("no list").to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn places_come_from_the_paths_where_every_account_has_one() {
    let stub = organization(|_, _| None).await;
    let organization = listed(&stub, UNITS).await.expect("accounts").organization;
    assert_eq!(places(&organization), ALL);
    assert!(organization.knowledge.units && !organization.knowledge.tags);
    let mut asked = operations(&stub);
    asked.sort();
    let walk = vec!["ListOrganizationalUnitsForParent"; 4];
    assert_eq!(asked, [vec!["DescribeOrganization", "ListAccounts"], walk, vec!["ListRoots"]].concat());
}

#[tokio::test]
async fn places_come_from_the_units_where_an_account_has_no_path() {
    let without = |operation: &str, input: &Value| match operation {
        // B tells its path, the others do not.
        "ListAccounts" => answer(&json!({"Accounts": [
            {"Id": A, "Name": "a"}, {"Id": B, "Name": "b", "Paths": [format!("o-example/r-1/ou-1-work/{B}/")]},
            {"Id": C, "Name": "c"}, {"Id": CALLER, "Name": "management"},
        ]})),
        "ListAccountsForParent" if input["ParentId"] == "r-1" && input["NextToken"].is_null() => {
            answer(&json!({"Accounts": [{"Id": CALLER}], "NextToken": "more"}))
        }
        "ListAccountsForParent" if input["ParentId"] == "r-1" => answer(&json!({"Accounts": [{"Id": A}]})),
        _ => None,
    };
    let stub = organization(without).await;
    let organization = listed(&stub, UNITS).await.expect("accounts").organization;
    assert_eq!(places(&organization), ALL);
    assert_eq!(operations(&stub).iter().filter(|asked| *asked == "ListAccountsForParent").count(), 5);
}

#[tokio::test]
async fn tags_are_asked_for_account_by_account() {
    let stub = organization(|operation, input| match (operation, input["ResourceId"].as_str()) {
        ("ListTagsForResource", Some(B)) if input["NextToken"].is_null() => {
            answer(&json!({"Tags": [{"Key": "env", "Value": "prod"}], "NextToken": "more"}))
        }
        ("ListTagsForResource", Some(C)) => answer(&json!({"Tags": []})),
        _ => None,
    })
    .await;
    let organization = listed(&stub, TAGS).await.expect("accounts").organization;
    let tags: Vec<String> = organization.accounts.iter().map(|account| format!("{:?}", account.tags)).collect();
    let of = |id: &str| format!("{{\"of\": {id:?}}}");
    assert_eq!(tags, [of(A), format!("{{\"env\": \"prod\", \"of\": {B:?}}}"), "{}".to_owned(), of(CALLER)]);
    assert_eq!(organization.knowledge, InventoryFields { names: true, units: false, tags: true });
}

#[tokio::test]
async fn a_wide_tree_is_asked_with_bounded_concurrency() {
    let stub = organization(|operation, input| {
        (operation == "ListOrganizationalUnitsForParent" && input["ParentId"] == "r-1").then(|| {
            let mut units: Vec<_> = (0..6).map(|n| json!({"Id": format!("ou-1-{n}"), "Name": n.to_string()})).collect();
            units.push(json!({"Id": "ou-1-work", "Name": "Workloads"}));
            let page = json!({ "OrganizationalUnits": units });
            Reply::json(200, page.to_string())
        })
    })
    .await;
    let organization = listed(&stub, UNITS).await.expect("accounts").organization;
    assert_eq!(places(&organization), ALL);
    assert!(stub.busiest() <= 17, "{}", stub.busiest());
}

/// What an organization that changes meanwhile earns.
async fn changed(script: impl Fn(&str, &Value) -> Option<Reply> + Send + Sync + 'static) -> String {
    let stub = organization(script).await;
    match listed(&stub, UNITS).await {
        Err(OrganizationError::Changed { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn answers_that_do_not_fit_together_are_no_inventory() {
    let gone = changed(|operation, _| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A, "Paths": [format!("o-example/r-1/ou-1-new/{A}/")]}]})),
        _ => None,
    });
    assert_eq!(gone.await, "account 000000000001 is in a unit that was not found: r-1/ou-1-new");
    let moved = changed(|operation, _| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A, "Paths": [format!("o-example/r-1/ou-1-prod/{A}/")]}]})),
        _ => None,
    });
    assert_eq!(moved.await, "account 000000000001 is in a unit that was not found: r-1/ou-1-prod");
    let nowhere = changed(|operation, _| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A}, {"Id": "000000000009"}]})),
        "ListAccountsForParent" => answer(&json!({"Accounts": []})),
        _ => None,
    });
    assert_eq!(nowhere.await, "account 000000000001 was found in no unit");
    let stranger = changed(|operation, _| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A}]})),
        _ => None,
    });
    assert_eq!(stranger.await, "account 000000000002 appeared");
    let twice = changed(|operation, input| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A}]})),
        "ListAccountsForParent" if input["ParentId"] != "ou-1-idle" => answer(&json!({"Accounts": [{"Id": A}]})),
        _ => None,
    });
    assert_eq!(twice.await, "account 000000000001 was found in two places");
}

#[tokio::test]
async fn units_deeper_than_aws_has_them_are_not_walked() {
    let depths = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let asked = std::sync::Arc::clone(&depths);
    let endless = organization(move |operation, _| match operation {
        "ListOrganizationalUnitsForParent" => {
            let depth = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            answer(&json!({"OrganizationalUnits": [{"Id": format!("ou-1-{depth}"), "Name": "below"}]}))
        }
        _ => None,
    });
    let failure = listed(&endless.await, UNITS).await.expect_err("no inventory");
    assert_eq!(
        failure.to_string(),
        "the answer to organizations:ListOrganizationalUnitsForParent cannot be understood: units are nested deeper than the five \
         levels that AWS allows"
    );
    assert_eq!(depths.load(std::sync::atomic::Ordering::Relaxed), 6, "the root, and each of five levels");
}

#[tokio::test]
async fn units_in_a_circle_come_to_an_end() {
    let circle = changed(|operation, _| match operation {
        "ListOrganizationalUnitsForParent" => {
            answer(&json!({"OrganizationalUnits": [{"Id": "ou-1-a", "Name": "again"}]}))
        }
        _ => None,
    });
    assert_eq!(circle.await, "a unit of ou-1-a was also listed elsewhere");
}
