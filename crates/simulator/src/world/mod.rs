//! The world: the initial state of the simulated AWS, and the faults in it.

pub(crate) mod account;
pub(crate) mod fault;
pub(crate) mod organization;
pub(crate) mod policy;
pub(crate) mod recipe;
pub(crate) mod session;
pub(crate) mod session_manager;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use account::{Account, Administration, Membership, Profile};
use fault::Fault;
use hyper::StatusCode;
use jiff::SignedDuration;
use organization::{MemberIndex, Organization};
use recipe::{ADMINISTRATOR, Recipe, Share};
use session::{ConcurrentChange, ConcurrentChanges, Sampler, Sessions};
use session_manager::SessionManager;

use crate::account_id::AccountId;
use crate::region::Region;

/// The state that the simulated AWS starts from, and what goes wrong in it.
///
/// It is written in YAML. Every key that exists is in this example:
///
/// ```yaml
#[doc = include_str!("../example.yaml")]
/// ```
///
/// - Accounts that are not in the file do not exist: assuming a role in one is refused like a role that is missing.
/// - An account without `sessions` has Macie enabled nowhere. `"*"` stands for every Region that has Macie, is on, and is
///   not named. A session's keys, where left out, are `ENABLED` and `FIFTEEN_MINUTES`, as EnableMacie has it.
/// - Without `organization` no account is in any. With it, all are that do not say `in_organization: false`.
/// - An account is the member of its `administrator` in every Region where both have a session when the world begins. Who
///   has no session administers nobody, and is nobody's member; a session that comes later comes without an administrator.
/// - `session_manager` has values by Region, like `sessions`, in every Region of the partition. The preferences document has no
///   other name than `SSM-SessionManagerRunShell`. Its inputs keep the types that they have in the file.
/// - `visibility` is for documents the number of reads that still show a new version as `Creating` or `Updating`, and another
///   default version as it was. `active_after` is the same for a version of the world, which has its `status` for so long.
/// - `classification_jobs` run only where Macie is enabled: a Region that is named must be so, `"*"` passes by the others.
/// - `permissions` take the names of actions that are not simulated. Without `iam:CreateServiceLinkedRole`, a role that is
///   listed cannot enable Macie in an account that never had a session.
/// - `visibility` is about GetMacieSession, GetAdministratorAccount, ListMembers and GetMember. Each change shows after so
///   many of them have told of the target. What is written always meets the true state.
/// - `meanwhile` counts the answers of GetMacieSession from 1, also those that Macie is not enabled. Its changes show in the
///   next answer, whatever `visibility` says. A session's keys may be left out as elsewhere.
/// - `state` is a word of Organizations' `State`. Of two units one in the other, the path is `Outer/Inner`.
/// - `layer` is one of `identity_policy` (the default), `resource_policy`, `service_control_policy`,
///   `resource_control_policy`, `permissions_boundary`, `session_policy`, `vpc_endpoint_policy`.
/// - A fault with `after` lets so many requests that fit pass: retries count, and so do all accounts and Regions that fit.
/// - A fault's `accounts` are those that a request is about: for AssumeRole that of the role, else that of the credentials.
/// - `fault` is one of `throttle`, `too_many_requests`, `bare_429`, `server_error`, `html_503`, `hang`, `reset`,
///   `truncated`, `foreign_body`, `empty_200`, `expired_token`, `unrecognized_client`, `unknown_status`,
///   `unknown_frequency` (both of GetMacieSession only), `answer_lost` and `answer_late` (the operation is carried out, but
///   its answer is lost like that of `reset`, or never comes like that of `hang`), or a mapping: `{wrong_identity: "123456789012"}` (of AssumeRole
///   and GetCallerIdentity only), `{latency: 2s}`, `{drip: 2s}` (the head at once, the body over that time), `{error: {status: 400, code: X, message: "…"}}` (in the protocol of the service), `{answer: {status: 403, headers: {name: value}, body: "…"}}`.
/// - `credentials_last` may make temporary credentials shorter than the request asks for, never longer. They are refused when
///   they have ended, by the clock that `Simulation::pass_time` moves.
/// - `clock` is how far this AWS is ahead of the machine (`-10m`: behind): in the header `Date`, in the `Expiration` of
///   credentials, and for requests that were signed more than 5 minutes before or after, which are refused.
#[derive(Debug)]
pub struct World {
    pub(crate) caller: AccountId,
    pub(crate) organization: Option<Organization>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) members: MemberIndex,
    pub(crate) macie_administrators: BTreeSet<AccountId>,
    /// These, and those that member accounts name.
    pub(crate) administrators: BTreeSet<AccountId>,
    pub(crate) visibility: u32,
    pub(crate) concurrent_changes: ConcurrentChanges,
    pub(crate) faults: Vec<Fault>,
    pub(crate) limits: bool,
    pub(crate) latency: Duration,
    pub(crate) credentials_last: Option<Duration>,
    pub(crate) clock: SignedDuration,
    pub(crate) not_enabled_status: StatusCode,
}

impl World {
    /// The account of the credentials that the simulation hands out.
    pub fn caller(&self) -> AccountId {
        self.caller
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    pub(crate) fn organization(&self) -> Option<&Organization> {
        self.organization.as_ref()
    }

    /// The accounts of the organization by id, after the first `count`.
    pub(crate) fn members_behind(&self, count: usize) -> impl Iterator<Item = (AccountId, &Account)> {
        self.members.behind(count).iter().filter_map(|id| Some((*id, self.account(*id)?)))
    }

    /// The accounts directly in the root or a unit by id, after the first `count`.
    pub(crate) fn children_behind(&self, parent: &str, count: usize) -> impl Iterator<Item = (AccountId, &Account)> {
        self.members.directly_in(parent, count).iter().filter_map(|id| Some((*id, self.account(*id)?)))
    }

    /// An account that is in the organization.
    pub(crate) fn member(&self, id: AccountId) -> Option<&Account> {
        self.account(id).filter(|account| account.parent.is_some())
    }

    /// The accounts by id, after the given one.
    pub(crate) fn accounts_after(&self, id: Option<AccountId>) -> impl Iterator<Item = AccountId> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.accounts.range((start, Bound::Unbounded)).map(|(id, _)| *id)
    }

    /// The delegated administrators of Macie in the organization. AWS has one at most.
    pub(crate) fn macie_administrators(&self) -> &BTreeSet<AccountId> {
        &self.macie_administrators
    }

    /// Whether an account can have members: nobody becomes an administrator later.
    pub(crate) fn may_administer(&self, account: AccountId) -> bool {
        self.administrators.contains(&account)
    }

    /// The number of reads after a change that still show the old state.
    pub(crate) fn visibility(&self) -> u32 {
        self.visibility
    }

    /// Whether others change a target at any time.
    pub(crate) fn has_concurrent_changes(&self, account: AccountId, region: Region) -> bool {
        self.concurrent_changes.has_any(account, region)
    }

    /// The change of a target right after its answer with this number to GetMacieSession.
    pub(crate) fn concurrent_change(
        &self,
        account: AccountId,
        region: Region,
        answers: u32,
    ) -> Option<ConcurrentChange> {
        self.concurrent_changes.after(account, region, answers)
    }

    /// The delay of every answer.
    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    /// The maximum lifetime of temporary credentials.
    pub(crate) fn credentials_last(&self) -> Option<Duration> {
        self.credentials_last
    }

    /// The offset of the simulated clock from that of the machine.
    pub(crate) fn clock(&self) -> SignedDuration {
        self.clock
    }

    /// The HTTP status of "Macie is not enabled".
    pub(crate) fn not_enabled_status(&self) -> StatusCode {
        self.not_enabled_status
    }

    /// The faults, which the simulation counts down.
    pub(crate) fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }
}

/// The delegated Macie administrators of an organization: the one that it names, else those of its members.
pub(crate) fn delegated_administrators<'a>(
    organization: Option<&Organization>,
    members: impl Iterator<Item = &'a Administration>,
) -> BTreeSet<AccountId> {
    match organization {
        None => BTreeSet::new(),
        Some(Organization { macie_administrator: Some(named), .. }) => BTreeSet::from([*named]),
        Some(_) => members
            .filter(|administration| administration.membership == Membership::Organization)
            .map(|administration| administration.administrator)
            .collect(),
    }
}

/// The number of the management account.
const MANAGEMENT: u32 = 0;

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
        let id = recipe::account(number);
        let is_member = administrator.is_some_and(|administrator| administrator != id) && id != management();
        let (unit, env) = place(number);
        // Whom the others are members of must have a session wherever they have one.
        let drift = if administrator == Some(id) { Share::NOTHING } else { recipe.drift };
        let profile = Profile::new(id, BTreeMap::from([("env".to_owned(), env.to_owned())]));
        let draw = Sampler::new(recipe.seed, number, recipe.regions, drift);
        let mut account = Account::new(profile, regions_on.clone(), Sessions::Sampled(draw));
        account.session_manager = SessionManager::Sampled { sampler: draw, sessions: recipe.sessions };
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
    recipe::account(MANAGEMENT)
}

fn administrator(recipe: &Recipe) -> Option<AccountId> {
    (recipe.accounts > ADMINISTRATOR).then(|| recipe::account(ADMINISTRATOR))
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
    /// 1 to 3, else in `Workloads/Prod`, and the tag `env` says `sandbox`, `test` or `prod`. Other settings, preferences of
    /// Session Manager and its sessions drift with the same share, each by itself.
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
            limits: false,
            latency: recipe.latency,
            credentials_last: None,
            clock: SignedDuration::ZERO,
            not_enabled_status: StatusCode::FORBIDDEN,
        }
    }
}
