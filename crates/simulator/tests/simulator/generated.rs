//! Generated worlds, as the SDK sees them.

use std::collections::BTreeSet;

use aws_sdk_macie2::types::RelationshipStatus;
use driftline_simulator::{AccountId, Frequency, Recipe, Region, SessionStatus, Simulation, World};

use crate::support::{error_parts, id, macie_of, organizations, region};

fn recipe(text: &str) -> Recipe {
    text.parse().expect("a recipe")
}

fn start(text: &str) -> Simulation {
    Simulation::start(World::generate(&recipe(text)), 0).expect("a simulation")
}

#[tokio::test]
async fn everybody_is_a_member_of_the_second_account_wherever_both_have_a_session() {
    let simulation = start("accounts=60,drift=60");
    let administrator = id("100000000001");
    let place = region("eu-west-1");
    let members: BTreeSet<AccountId> = recipe("accounts=60")
        .accounts()
        .skip(2)
        .filter(|account| simulation.session(*account, place).is_some())
        .collect();
    assert!((30..58).contains(&members.len()), "some are not enabled: {}", members.len());
    for account in recipe("accounts=60").accounts() {
        let expected = members.contains(&account).then_some(administrator);
        assert_eq!(simulation.administrator(account, place), expected, "{account}");
    }
    let client = macie_of(&simulation, "100000000001", "eu-west-1").await;
    let pages = client.list_members().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let listed = pages.expect("pages").into_iter().map(|member| {
        assert!(matches!(member.relationship_status(), Some(RelationshipStatus::Enabled | RelationshipStatus::Paused)));
        id(member.account_id().expect("an id"))
    });
    assert_eq!(listed.collect::<BTreeSet<_>>(), members);
}

#[tokio::test]
async fn the_administrator_is_enabled_in_all_regions_of_the_recipe_and_nowhere_else() {
    let simulation = start("accounts=2,regions=18,drift=100");
    let known = recipe("accounts=2,regions=18");
    for place in recipe("accounts=2").regions() {
        let session = simulation.session(id("100000000001"), *place);
        assert_eq!(session.is_some(), known.regions().contains(place), "{place}");
    }
    let on = macie_of(&simulation, "100000000001", "af-south-1").await.get_macie_session().send().await;
    on.expect("an opt-in Region of the recipe is on");
    let off = error_parts(macie_of(&simulation, "100000000001", "ap-east-1").await.get_macie_session().send().await);
    assert_eq!(off.1, "UnrecognizedClientException", "another opt-in Region is off");
}

#[tokio::test]
async fn one_account_is_an_organization_of_its_own() {
    let simulation = start("accounts=1,drift=0,latency=1ms");
    let accounts = organizations(&simulation).list_accounts().send().await.expect("a page");
    assert_eq!(accounts.accounts().len(), 1);
    let session = macie_of(&simulation, "100000000000", "us-east-1").await.get_macie_session().send().await;
    session.expect("a session of the management account");
    assert_eq!(simulation.administrator(id("100000000000"), region("us-east-1")), None);
}

#[test]
fn the_same_recipe_is_the_same_world() {
    let sessions = |text: &str| -> Vec<_> {
        let simulation = start(text);
        let targets = |account: AccountId| recipe(text).regions().iter().map(move |place| (account, *place));
        let session = |(account, place): (AccountId, Region)| simulation.session(account, place);
        recipe(text).accounts().flat_map(targets).map(session).collect()
    };
    let world = sessions("accounts=50,drift=50");
    assert_eq!(sessions("accounts=50,drift=50,seed=1"), world);
    assert_ne!(sessions("accounts=50,drift=50,seed=2"), world);
    let is_fine =
        |session: &&(SessionStatus, Frequency)| **session == (SessionStatus::Enabled, Frequency::FifteenMinutes);
    let fine = world.iter().flatten().filter(is_fine).count();
    // Nothing drifts in the administrator's 22 targets.
    assert!((500..650).contains(&fine), "{fine} of 1100");
    // Whoever changes what is drawn makes another world of every recipe: let that be seen.
    let first = world.iter().take(9).map(|session| match session {
        None => "off".to_owned(),
        Some((status, frequency)) => format!("{} {}", status.as_str(), frequency.as_str()),
    });
    insta::assert_snapshot!(first.collect::<Vec<_>>().join("\n"));
}
