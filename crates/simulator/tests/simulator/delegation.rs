//! Which account administers Macie for the organization.

use driftline_simulator::Simulation;

use crate::support::{CALLER, OTHER, error_parts, macie, macie_of, start_world};

const MANAGEMENT: &str = "000011112222";

fn organization(keys: &str, other: &str) -> Simulation {
    start_world(&format!(
        "organization: {{management: '{MANAGEMENT}'{keys}}}
accounts:
  '{MANAGEMENT}': {{}}
  '{CALLER}': {{}}
  '{OTHER}': {{{other}}}"
    ))
}

async fn administrators(simulation: &Simulation) -> Vec<String> {
    let client = macie_of(simulation, MANAGEMENT, "us-east-1").await;
    let answer = client.list_organization_admin_accounts().send().await.expect("administrators");
    assert!(answer.admin_accounts().iter().all(|it| it.status().is_some_and(|status| status.as_str() == "ENABLED")));
    answer.admin_accounts().iter().filter_map(|it| it.account_id()).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_organization_names_it_or_its_members_do() {
    assert_eq!(administrators(&organization(&format!(", macie_administrator: '{CALLER}'"), "")).await, [CALLER]);
    assert_eq!(administrators(&organization("", &format!("administrator: '{CALLER}'"))).await, [CALLER]);
    let invited = format!("administrator: '{CALLER}', membership: invitation");
    assert!(administrators(&organization("", &invited)).await.is_empty());
    assert!(administrators(&organization("", "")).await.is_empty());
}

#[tokio::test]
async fn the_management_account_alone_may_ask() {
    let simulation = organization(&format!(", macie_administrator: '{CALLER}'"), "");
    let refused = error_parts(macie(&simulation, "us-east-1").await.list_organization_admin_accounts().send().await);
    assert_eq!((refused.0, refused.1.as_str()), (403, "AccessDeniedException"));
    let alone = start_world(&format!("accounts: {{'{CALLER}': {{}}, '{OTHER}': {{}}}}"));
    let refused = error_parts(macie(&alone, "us-east-1").await.list_organization_admin_accounts().send().await);
    assert_eq!(refused.1, "AccessDeniedException");
}

#[tokio::test]
async fn pages_have_their_bounds() {
    let simulation = start_world(&format!(
        "organization: {{management: '{MANAGEMENT}'}}
accounts:
  '{MANAGEMENT}': {{}}
  '{CALLER}': {{administrator: '222233334444'}}
  '{OTHER}': {{administrator: '{CALLER}'}}
  '222233334444': {{}}"
    ));
    let client = macie_of(&simulation, MANAGEMENT, "us-east-1").await;
    let pages = client.list_organization_admin_accounts().max_results(1).into_paginator().items().send();
    let found: Vec<_> = pages.collect::<Result<Vec<_>, _>>().await.expect("administrators");
    let found: Vec<_> = found.iter().filter_map(|it| it.account_id()).collect();
    assert_eq!(found, ["222233334444", CALLER]);
    let bad = error_parts(client.list_organization_admin_accounts().max_results(26).send().await);
    assert_eq!(bad.1, "ValidationException");
    let foreign = error_parts(client.list_organization_admin_accounts().next_token("ListAccounts//1").send().await);
    assert_eq!(foreign.1, "ValidationException");
}
