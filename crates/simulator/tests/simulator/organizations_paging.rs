//! Organizations page by page.

use std::collections::BTreeSet;

use driftline_simulator::Simulation;

use crate::support::{CALLER, error_parts, organizations, start_world};

/// The caller manages an organization of 45 accounts, 44 of them in the unit `A`.
fn start(organization: &str) -> Simulation {
    let member = |number| format!("'{}': {{unit: A, tags: {{n: x}}}}", 100_000_000_000_u64 + number);
    let members = (0..44).map(member).collect::<Vec<_>>().join(", ");
    start_world(&format!(
        "organization: {{management: '{CALLER}', units: {{A: {{id: ou-exam-aaaaaaaa}}, B: {{id: ou-exam-bbbbbbbb}}}}, \
         {organization}}}\naccounts: {{'{CALLER}': {{}}, {members}}}"
    ))
}

/// The lengths of the pages of ListAccounts, and how many different accounts there were.
async fn pages(simulation: &Simulation, most: Option<i32>) -> (Vec<usize>, usize) {
    let mut pages = organizations(simulation).list_accounts().set_max_results(most).into_paginator().send();
    let (mut lengths, mut ids) = (Vec::new(), BTreeSet::new());
    while let Some(page) = pages.next().await {
        let page = page.expect("a page");
        lengths.push(page.accounts().len());
        ids.extend(page.accounts().iter().filter_map(|account| account.id().map(str::to_owned)));
    }
    (lengths, ids.len())
}

#[tokio::test]
async fn every_account_comes_once() {
    let cases = [
        ("", None, vec![20, 20, 5]),
        ("", Some(15), vec![15, 15, 15]),
        ("page_size: 18", None, vec![18, 18, 9]),
        ("page_size: 18", Some(20), vec![18, 18, 9]),
        ("page_size: 18", Some(16), vec![16, 16, 13]),
        ("empty_pages: true", None, vec![0, 20, 0, 20, 0, 5]),
        ("empty_pages: true, page_size: 15", None, vec![0, 15, 0, 15, 0, 15]),
    ];
    for (organization, most, expected) in cases {
        let simulation = start(organization);
        let calls = expected.len() as u64;
        assert_eq!(pages(&simulation, most).await, (expected, 45), "{organization} {most:?}");
        assert_eq!(simulation.calls()["organizations:ListAccounts"], calls);
    }
}

#[tokio::test]
async fn every_list_has_pages() {
    let simulation = start("empty_pages: true");
    let client = organizations(&simulation);
    let mut pages = client.list_accounts_for_parent().parent_id("ou-exam-aaaaaaaa").into_paginator().send();
    let mut lengths = Vec::new();
    while let Some(page) = pages.next().await {
        lengths.push(page.expect("a page").accounts().len());
    }
    assert_eq!(lengths, [0, 20, 0, 20, 0, 4]);

    let first = client.list_roots().send().await.expect("a page");
    assert!(first.roots().is_empty() && first.next_token().is_some());
    let first = client.list_parents().child_id("ou-exam-aaaaaaaa").send().await.expect("a page");
    assert!(first.parents().is_empty() && first.next_token().is_some());
    let first = client.list_tags_for_resource().resource_id("100000000000").send().await.expect("a page");
    assert!(first.tags().is_empty() && first.next_token().is_some());
    let first = client.list_delegated_administrators().send().await.expect("a page");
    assert!(first.delegated_administrators().is_empty() && first.next_token().is_some());
    let units = client.list_organizational_units_for_parent().parent_id("r-exam").max_results(1);
    let units = units.into_paginator().send().collect::<Result<Vec<_>, _>>().await.expect("pages");
    assert_eq!(units.iter().map(|page| page.organizational_units().len()).collect::<Vec<_>>(), [0, 1, 0, 1]);
}

#[tokio::test]
async fn a_token_serves_the_list_that_gave_it() {
    let simulation = start("");
    let client = organizations(&simulation);
    let in_a = || client.list_accounts_for_parent().parent_id("ou-exam-aaaaaaaa").max_results(3);
    let token = in_a().send().await.expect("a page").next_token().expect("more").to_owned();
    assert_eq!(in_a().next_token(&token).send().await.expect("a page").accounts().len(), 3);

    let message = "Get the NextToken parameter from the response to a previous call of the operation.";
    let refused = (400, "InvalidInputException".to_owned(), message.to_owned());
    for token in ["", "bogus", "20", &token.replace("/3", "/x"), &format!("{token} ")] {
        assert_eq!(error_parts(in_a().next_token(token).send().await), refused, "{token:?}");
    }
    let elsewhere = client.list_accounts_for_parent().parent_id("ou-exam-bbbbbbbb").next_token(&token);
    assert_eq!(error_parts(elsewhere.send().await), refused, "a token of another unit");
    let units = client.list_organizational_units_for_parent().parent_id("ou-exam-aaaaaaaa").next_token(&token);
    assert_eq!(error_parts(units.send().await), refused, "a token of another operation");
}

#[tokio::test]
async fn a_page_has_bounds() {
    let simulation = start("");
    let client = organizations(&simulation);
    let refused = |message: &str| (400, "InvalidInputException".to_owned(), message.to_owned());
    let larger = refused("You provided a numeric parameter that has a larger value than the maximum.");
    let smaller = refused("You provided a numeric parameter that has a smaller value than the minimum.");
    assert_eq!(error_parts(client.list_accounts().max_results(21).send().await), larger);
    assert_eq!(error_parts(client.list_accounts().max_results(0).send().await), smaller);
    assert_eq!(error_parts(client.list_roots().max_results(-1).send().await), smaller);
    let largest = client.list_accounts().max_results(20).send().await.expect("the largest page");
    assert_eq!(largest.accounts().len(), 20);
}
