//! A world, read from its file and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use hyper::StatusCode;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_yaml::{Budget, Spanned};

use crate::account_id::AccountId;
use crate::region::Region;

use super::account::{Account, WrittenAccount};
use super::concurrent_changes::{Interference, Interferences, WrittenInterference};
use super::error::{Contradiction, WorldError};
use super::fault::{Fault, WrittenFault};
use super::generated;
use super::generator_spec::Recipe;
use super::member_index::Roster;
use super::membership::{self, Surroundings};
use super::organization::{Organization, WrittenOrganization};
use super::spanned::{ClockOffset, Count, Entries, Pause};

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
/// - A fault's `accounts` are those that a request is about: for AssumeRole that of the role, else that of the credentials.
/// - `fault` is one of `throttle`, `too_many_requests`, `bare_429`, `server_error`, `html_503`, `hang`, `reset`,
///   `truncated`, `foreign_body`, `empty_200`, `expired_token`, `unrecognized_client`, `unknown_status`,
///   `unknown_frequency` (both of GetMacieSession only), `answer_lost` and `answer_late` (the operation is carried out, but
///   its answer is lost like that of `reset`, or never comes like that of `hang`), or a mapping: `{wrong_identity: "123456789012"}` (of AssumeRole
///   and GetCallerIdentity only), `{latency: 2s}`, `{drip: 2s}` (the head at once, the body over that time), `{answer: {status: 403, headers: {name: value}, body: "…"}}`.
/// - `credentials_last` may make temporary credentials shorter than the request asks for, never longer. They are refused when
///   they have ended, by the clock that [`Simulation::pass_time`](super::super::Simulation::pass_time) moves.
/// - `clock` is how far this AWS is ahead of the machine (`-10m`: behind): in the header `Date`, in the `Expiration` of
///   credentials, and for requests that were signed more than 5 minutes before or after, which are refused.
#[derive(Debug)]
pub struct World {
    caller: AccountId,
    organization: Option<Organization>,
    accounts: BTreeMap<AccountId, Account>,
    roster: Roster,
    macie_administrators: BTreeSet<AccountId>,
    /// These, and those that member accounts name.
    administrators: BTreeSet<AccountId>,
    visibility: u32,
    interferences: Interferences,
    faults: Vec<Fault>,
    latency: Duration,
    credentials_last: Option<Duration>,
    clock: SignedDuration,
    not_enabled_status: StatusCode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWorld {
    version: Spanned<u64>,
    caller: Spanned<AccountId>,
    organization: Option<WrittenOrganization>,
    accounts: Entries<AccountId, WrittenAccount>,
    #[serde(default)]
    visibility: Count,
    #[serde(default)]
    meanwhile: Vec<WrittenInterference>,
    #[serde(default)]
    faults: Vec<WrittenFault>,
    latency: Option<Pause>,
    credentials_last: Option<Pause>,
    #[serde(default)]
    clock: ClockOffset,
    not_enabled_http_status: Option<Spanned<u16>>,
}

impl World {
    /// Reads a world from a text. `name` stands for the file in errors.
    pub fn parse(text: &str, name: &str) -> Result<Self, WorldError> {
        let options = serde_yaml::options! { with_snippet: false, budget: Some(budget()) };
        let written: WrittenWorld =
            serde_yaml::from_str_with_options(text, options).map_err(|error| WorldError::malformed(name, &error))?;
        written.check().map_err(|contradiction| WorldError::contradictory(name, contradiction))
    }

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
        let organization = generated::organization(recipe);
        let accounts = generated::accounts(recipe, &organization);
        let macie_administrators = membership::delegated(Some(&organization), std::iter::empty());
        Self {
            caller: organization.management,
            roster: Roster::new(&accounts),
            accounts,
            administrators: macie_administrators.clone(),
            macie_administrators,
            organization: Some(organization),
            visibility: 0,
            interferences: Interferences::default(),
            faults: Vec::new(),
            latency: recipe.latency,
            credentials_last: None,
            clock: SignedDuration::ZERO,
            not_enabled_status: StatusCode::FORBIDDEN,
        }
    }

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

    /// The accounts that are in the organization, by id, behind the first so many.
    pub(crate) fn members_behind(&self, count: usize) -> impl Iterator<Item = (AccountId, &Account)> {
        self.roster.behind(count).iter().filter_map(|id| Some((*id, self.account(*id)?)))
    }

    /// The accounts that are directly in the root or a unit, by id, behind the first so many.
    pub(crate) fn children_behind(&self, parent: &str, count: usize) -> impl Iterator<Item = (AccountId, &Account)> {
        self.roster.directly_in(parent, count).iter().filter_map(|id| Some((*id, self.account(*id)?)))
    }

    /// An account that is in the organization.
    pub(crate) fn member(&self, id: AccountId) -> Option<&Account> {
        self.account(id).filter(|account| account.parent.is_some())
    }

    /// The accounts behind one, or all of them, by id.
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

    /// How many reads of a target that was changed still show it as it was.
    pub(crate) fn visibility(&self) -> u32 {
        self.visibility
    }

    /// Whether somebody else ever changes a target.
    pub(crate) fn is_interfered_with(&self, account: AccountId, region: Region) -> bool {
        self.interferences.concern(account, region)
    }

    /// What somebody else does to a target right after it answered GetMacieSession that many times.
    pub(crate) fn interference(&self, account: AccountId, region: Region, answers: u32) -> Option<Interference> {
        self.interferences.after(account, region, answers)
    }

    /// How long each answer is held back.
    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    /// How long temporary credentials last at most, if the world says so.
    pub(crate) fn credentials_last(&self) -> Option<Duration> {
        self.credentials_last
    }

    /// How far the clock is ahead of that of this machine.
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

/// Room for worlds of ten thousand accounts, each with a session in every Region.
fn budget() -> Budget {
    let mut budget = Budget::default();
    budget.max_events = 20_000_000;
    budget.max_nodes = 10_000_000;
    budget
}

impl WrittenWorld {
    fn check(self) -> Result<World, Contradiction> {
        if self.version.value != 1 {
            let cause = format!("version {} of the world file is not known; this one is 1", self.version.value);
            return Err(Contradiction { at: self.version.referenced, cause });
        }
        let organization = self.organization.map(|written| written.check(&self.accounts)).transpose()?;
        let known = self.accounts.0.iter().map(|(id, account)| (id.value, account.is_in_organization())).collect();
        let surroundings = Surroundings { organization: organization.as_ref(), accounts: &known };
        let mut accounts = BTreeMap::new();
        for (id, account) in self.accounts.0 {
            // The parser takes a number and the same in quotes for two keys.
            if accounts.insert(id.value, account.check(id.value, &surroundings)?).is_some() {
                let cause = format!("account {} is in the file twice", id.value);
                return Err(Contradiction { at: id.referenced, cause });
            }
        }
        if !accounts.contains_key(&self.caller.value) {
            let cause = format!("the caller's account {} is not among the accounts", self.caller.value);
            return Err(Contradiction { at: self.caller.referenced, cause });
        }
        let not_enabled_status = match self.not_enabled_http_status {
            None => StatusCode::FORBIDDEN,
            Some(status) if status.value == 403 => StatusCode::FORBIDDEN,
            Some(status) if status.value == 401 => StatusCode::UNAUTHORIZED,
            Some(status) => {
                let cause = format!("not_enabled_http_status is 403 or 401, not {}", status.value);
                return Err(Contradiction { at: status.referenced, cause });
            }
        };
        let in_organization = accounts.values().filter(|account| account.parent.is_some());
        let administrations = in_organization.filter_map(|account| account.administration.as_ref());
        let macie_administrators = membership::delegated(organization.as_ref(), administrations);
        let named = accounts.values().filter_map(|account| Some(account.administration?.administrator));
        Ok(World {
            caller: self.caller.value,
            roster: Roster::new(&accounts),
            administrators: named.chain(macie_administrators.iter().copied()).collect(),
            macie_administrators,
            organization,
            visibility: self.visibility.0,
            interferences: Interferences::check(self.meanwhile, &accounts)?,
            accounts,
            faults: self.faults.into_iter().map(WrittenFault::check).collect::<Result<_, _>>()?,
            latency: self.latency.map_or(Duration::ZERO, |Pause(length)| length),
            credentials_last: self.credentials_last.map(|Pause(length)| length),
            clock: self.clock.0,
            not_enabled_status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{SessionStart, SessionStatus};

    #[test]
    fn the_example_of_the_documentation_is_a_world() {
        let world = World::parse(include_str!("../example.yaml"), "example.yaml").expect("a valid world");
        assert_eq!(world.caller().to_string(), "999988887777");
        let account = world.account("111122223333".parse().expect("an id")).expect("the account");
        let region = |code: &str| code.parse().expect("a Region");
        let status = |code: &str| account.session_at_start(region(code)).map(|session: SessionStart| session.status);
        assert_eq!(status("eu-west-1"), Some(SessionStatus::Paused));
        assert_eq!(status("eu-west-2"), Some(SessionStatus::Enabled));
        assert_eq!(status("us-west-2"), None);
        assert!(account.is_on(region("me-south-1")) && !account.is_on(region("af-south-1")));
        assert!(account.trusts("audit/DriftlineApply", Some("migration-7")));
        assert!(!account.trusts("DriftlineApply", Some("migration-7")), "a path is part of the role");
        assert!(!account.trusts("DriftlineRead", None));
        assert_eq!(
            ["eu-central-1", "eu-west-2", "us-west-2"].map(|code| {
                let region = region(code);
                account.jobs_at_start(region, account.session_at_start(region))
            }),
            [3, 1, 0]
        );
        assert!(account.permissions.allow("DriftlineRead", "account:ListRegions"));
        assert!(!account.permissions.allow("DriftlineRead", "macie2:EnableMacie"));
        assert!(account.permissions.allow("audit/DriftlineApply", "macie2:EnableMacie"), "it is not listed");
        assert_eq!(world.macie_administrators().iter().map(ToString::to_string).collect::<Vec<_>>(), ["999988887777"]);
    }

    #[test]
    fn an_account_id_without_quotes_keeps_its_leading_zero() {
        let world = World::parse("version: 1\ncaller: 012345678901\naccounts: {012345678901: {}}", "w.yaml");
        assert_eq!(world.expect("a valid world").caller().to_string(), "012345678901");
    }

    #[test]
    fn ten_thousand_accounts_fit_in() {
        let roles = ["Reader"; 25].join(", ");
        let accounts = (0..10_000_u64).map(|number| format!("'{}': {{roles: [{roles}]}}", 100_000_000_000 + number));
        let accounts = accounts.collect::<Vec<_>>().join(", ");
        let text = format!("{{version: 1, caller: '100000000000', accounts: {{{accounts}}}}}");
        let world = World::parse(&text, "w.yaml").expect("more nodes than the parser allows by default");
        assert_eq!(world.accounts.len(), 10_000);
    }
}
