//! The world: the initial state of the simulated AWS, and the faults in it.

pub(crate) mod account;
pub(crate) mod fault;
mod generate;
pub(crate) mod organization;
pub(crate) mod policy;
pub(crate) mod recipe;
pub(crate) mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use account::{Account, Administration, Membership};
use fault::Fault;
use hyper::StatusCode;
use jiff::SignedDuration;
use organization::{MemberIndex, Organization};
use session::{ConcurrentChange, ConcurrentChanges};

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
