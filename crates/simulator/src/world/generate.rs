//! The accounts and the organization of a generated world.

use std::collections::{BTreeMap, BTreeSet};

use hyper::StatusCode;
use jiff::SignedDuration;

use crate::account_id::AccountId;
use crate::region::Region;
use crate::world::account::{Account, Administration, Membership, Profile};
use crate::world::organization::{MemberIndex, Organization};
use crate::world::recipe::{Recipe, Share, account};
use crate::world::session::{ConcurrentChanges, Sampler, Sessions};
use crate::world::{World, delegated_administrators};

/// The number of the management account, and of the delegated administrator.
const MANAGEMENT: u32 = 0;
const ADMINISTRATOR: u32 = 1;

/// The units; each follows the unit that contains it.
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
fn organization(recipe: &Recipe) -> Organization {
    Organization::generated(management(), administrator(recipe), &UNITS)
}

/// The accounts of the organization.
fn accounts(recipe: &Recipe, organization: &Organization) -> BTreeMap<AccountId, Account> {
    let administrator = administrator(recipe);
    let regions_on: BTreeSet<Region> = recipe.regions().iter().filter(|region| region.is_opt_in()).copied().collect();
    let account = |number: u32| {
        let id = account(number);
        let is_member = administrator.is_some_and(|administrator| administrator != id) && id != management();
        let (unit, env) = place(number);
        // Whom the others are members of must have a session wherever they have one.
        let drift = if administrator == Some(id) { Share::NOTHING } else { recipe.drift };
        let profile = Profile::new(id, BTreeMap::from([("env".to_owned(), env.to_owned())]));
        let draw = Sampler::new(recipe.seed, number, recipe.regions, drift);
        let mut account = Account::new(profile, regions_on.clone(), Sessions::Sampled(draw));
        let units = &organization.units;
        account.parent = Some(units.find(unit).map_or_else(|| units.root().to_owned(), |unit| unit.id.clone()));
        account.administration = administrator
            .filter(|_| is_member)
            .map(|administrator| Administration { administrator, membership: Membership::Organization });
        (id, account)
    };
    (0..recipe.accounts).map(account).collect()
}

fn management() -> AccountId {
    account(MANAGEMENT)
}

fn administrator(recipe: &Recipe) -> Option<AccountId> {
    (recipe.accounts > ADMINISTRATOR).then(|| account(ADMINISTRATOR))
}

impl World {
    /// Generates a world: an organization of accounts, all of one make, where some sessions are not as they should be.
    ///
    /// ```
    /// use driftline_simulator::{Recipe, Simulation, World};
    ///
    /// let recipe: Recipe = "accounts=10000,drift=0.5".parse().expect("a recipe");
    /// let simulation = Simulation::start(World::generate(&recipe), 0).expect("a free port");
    /// ```
    ///
    /// The first account is the management account and the caller. The second, where there is one, is the delegated Macie
    /// administrator: all its sessions are as they should be, and every account behind it is its member wherever it has a
    /// session. It is in the unit `Security`, the others are in `Sandbox` if their id ends with 0, in `Workloads/Test` if with
    /// 1 to 3, else in `Workloads/Prod`, and the tag `env` says `sandbox`, `test` or `prod`.
    pub fn generate(recipe: &Recipe) -> Self {
        let organization = organization(recipe);
        let accounts = accounts(recipe, &organization);
        let macie_administrators = delegated_administrators(Some(&organization), std::iter::empty());
        Self {
            caller: organization.management,
            members: MemberIndex::new(&accounts),
            accounts,
            administrators: macie_administrators.clone(),
            macie_administrators,
            organization: Some(organization),
            visibility: 0,
            concurrent_changes: ConcurrentChanges::default(),
            faults: Vec::new(),
            latency: recipe.latency,
            credentials_last: None,
            clock: SignedDuration::ZERO,
            not_enabled_status: StatusCode::FORBIDDEN,
        }
    }
}
