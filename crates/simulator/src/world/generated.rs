//! The accounts and the organization of a generated world.

use std::collections::{BTreeMap, BTreeSet};

use crate::account_id::AccountId;
use crate::region::Region;

use super::account::Account;
use super::generator_spec::{Recipe, Share, account};
use super::membership::{Administration, Membership};
use super::organization::Organization;
use super::profile::Profile;
use super::sampler::Draw;
use super::sessions::Sessions;

/// The number of the management account, and of the delegated administrator.
const MANAGEMENT: u32 = 0;
const ADMINISTRATOR: u32 = 1;

/// The units, with those around them first.
const UNITS: [&str; 5] = ["Sandbox", SECURITY, "Workloads", "Workloads/Prod", "Workloads/Test"];
const SECURITY: &str = "Security";
/// Not a unit.
const ROOT: &str = "";

/// The unit of an account, and the value of its tag `env`: one in ten is a sandbox, three in ten are for tests.
fn place(number: u32) -> (&'static str, &'static str) {
    match number % 10 {
        _ if number == MANAGEMENT => (ROOT, "prod"),
        _ if number == ADMINISTRATOR => (SECURITY, "prod"),
        0 => ("Sandbox", "sandbox"),
        1..=3 => ("Workloads/Test", "test"),
        _ => ("Workloads/Prod", "prod"),
    }
}

/// The organization. Macie's administrator is also the one account beside the management's that may ask about the others.
pub(super) fn organization(recipe: &Recipe) -> Organization {
    Organization::generated(management(), administrator(recipe), &UNITS)
}

/// All accounts, of which the organization is told.
pub(super) fn accounts(recipe: &Recipe, organization: &Organization) -> BTreeMap<AccountId, Account> {
    let administrator = administrator(recipe);
    let regions_on: BTreeSet<Region> = recipe.regions().iter().filter(|region| region.is_opt_in()).cloned().collect();
    let account = |number: u32| {
        let id = account(number);
        let is_member = administrator.is_some_and(|administrator| administrator != id) && id != management();
        let (unit, env) = place(number);
        // Whom the others are members of must have a session wherever they have one.
        let drift = if administrator == Some(id) { Share::NOTHING } else { recipe.drift };
        let profile = Profile::new(id, BTreeMap::from([("env".to_owned(), env.to_owned())]));
        let draw = Draw::new(recipe.seed, number, recipe.regions, drift);
        let mut account = Account::new(profile, regions_on.clone(), Sessions::Drawn(draw));
        let units = &organization.units;
        account.parent = Some(units.find(unit).map_or_else(|| units.root().to_owned(), |unit| unit.id.clone()));
        account.administration = administrator
            .filter(|_| is_member)
            .map(|administrator| Administration { administrator, membership: Membership::Organization });
        (id, account)
    };
    (0..recipe.accounts).map(account).collect()
}

pub(super) fn management() -> AccountId {
    account(MANAGEMENT)
}

fn administrator(recipe: &Recipe) -> Option<AccountId> {
    (recipe.accounts > ADMINISTRATOR).then(|| account(ADMINISTRATOR))
}
