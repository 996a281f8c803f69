//! The states of all targets: those that the world starts with, and what has become of some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::account_id::AccountId;
use crate::macie::target_state::{BEGINNING, StateHistory, TargetState};
use crate::operation::Operation;
use crate::region::Region;
use crate::response::ServiceError;
use crate::world::World;

/// The states.
#[derive(Debug, Default)]
pub(crate) struct StateStore {
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    count: i64,
    /// By Region first: neither a read nor a look at all members should copy its code.
    histories: BTreeMap<Region, BTreeMap<AccountId, StateHistory>>,
    /// The accounts that got Macie's service-linked role since the world began.
    service_roles: BTreeSet<AccountId>,
    written: Vec<String>,
}

/// A call that changes the session of an account, be it the caller's own.
pub(crate) struct WriteCall {
    pub(crate) operation: Operation,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// The true state of a Region, visible or not.
pub(crate) struct TrueState<'a> {
    world: &'a World,
    changes: &'a Changes,
    region: Region,
}

/// Some of the accounts that an administrator knows of, in order, each with its state as it shows.
pub(crate) struct Members {
    pub(crate) members: Vec<(AccountId, TargetState)>,
    /// Whether there are more behind the last.
    pub(crate) more: bool,
}

impl StateStore {
    /// The true state of a target.
    pub(crate) fn now(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        self.lock().now(world, account, region)
    }

    /// The administrator of which an account is a member in a Region.
    pub(crate) fn administrator(&self, world: &World, account: AccountId, region: Region) -> Option<AccountId> {
        self.now(world, account, region).member_of().map(|association| association.administrator)
    }

    /// Whether an account has the role that Macie acts in. The first session brings it.
    ///
    /// Source: Amazon Macie User Guide, "Using service-linked roles for Macie".
    pub(crate) fn has_service_role(&self, world: &World, account: AccountId) -> bool {
        self.lock().service_roles.contains(&account)
            || world.account(account).is_some_and(|account| account.has_session_at_start())
    }

    /// The calls that changed something, in order, each with the account and Region that it changed.
    pub(crate) fn written(&self) -> Vec<String> {
        self.lock().written.clone()
    }

    /// The visible state of a target.
    pub(crate) fn read(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        self.lock().read(world, account, region)
    }

    /// The state that GetMacieSession shows. A concurrent change may follow.
    pub(crate) fn read_session(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let mut changes = self.lock();
        if !world.has_concurrent_changes(account, region) {
            return changes.read(world, account, region);
        }
        let history = changes.history(world, account, region);
        let (shown, answers) = (history.read(), history.count_answer());
        if let Some(session) = world.concurrent_change(account, region, answers) {
            let (state, now) = (history.now(), changes.moment());
            let state = match session {
                Some(config) => state.with(config, now),
                None => state.disabled(now),
            };
            // The next read is to see it, however late other changes show.
            changes.change(world, account, region, state, 0);
        }
        shown
    }

    /// The accounts that an administrator knows of and that are `wanted`, at most `size` of those behind `after`.
    pub(crate) fn members(
        &self,
        (world, administrator, region): (&World, AccountId, Region),
        after: Option<AccountId>,
        size: usize,
        wanted: impl Fn(AccountId, &TargetState) -> bool,
    ) -> Members {
        let mut changes = self.lock();
        let is_known = |state: &TargetState| {
            state.association.is_some_and(|association| association.administrator == administrator)
        };
        let mut members = Vec::new();
        for id in world.accounts_after(after) {
            let shown = changes.shown(world, id, region);
            if is_known(&shown) && wanted(id, &shown) {
                if members.len() == size {
                    return Members { members, more: true };
                }
                members.push((id, changes.read(world, id, region)));
            } else if is_known(&changes.now(world, id, region)) {
                // Looked at in vain: it does not show yet. This too brings nearer that it will.
                changes.read(world, id, region);
            }
        }
        Members { members, more: false }
    }

    /// Changes a target, unless `change` fails. It is given what is true in the Region, and the time.
    pub(crate) fn write(
        &self,
        world: &World,
        write: &WriteCall,
        change: impl FnOnce(&TrueState<'_>, Timestamp) -> Result<TargetState, ServiceError>,
    ) -> Result<(), ServiceError> {
        let WriteCall { operation, account, region } = *write;
        let mut changes = self.lock();
        let state = change(&TrueState { world, changes: &changes, region }, changes.moment())?;
        changes.change(world, account, region, state, world.visibility());
        changes.written.push(format!("{} {account} {region}", operation.action()));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        // A change cannot fail half-way, so a panic cannot leave half of it.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TrueState<'_> {
    /// The state of an account.
    pub(crate) fn get(&self, account: AccountId) -> TargetState {
        self.changes.now(self.world, account, self.region)
    }

    /// Whether an account has members.
    pub(crate) fn has_members(&self, administrator: AccountId) -> bool {
        self.changes.members(self.world, administrator, self.region).next().is_some()
    }
}

impl Changes {
    /// The time of the next change.
    fn moment(&self) -> Timestamp {
        BEGINNING.saturating_add(SignedDuration::from_secs(self.count + 1)).unwrap_or(BEGINNING)
    }

    fn changed(&self, account: AccountId, region: Region) -> Option<&StateHistory> {
        self.histories.get(&region)?.get(&account)
    }

    fn history(&mut self, world: &World, account: AccountId, region: Region) -> &mut StateHistory {
        let histories = self.histories.entry(region).or_default();
        histories.entry(account).or_insert_with(|| StateHistory::new(TargetState::at_start(world, account, region)))
    }

    fn now(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let at_start = || TargetState::at_start(world, account, region);
        self.changed(account, region).map_or_else(at_start, |history| history.now())
    }

    fn shown(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let at_start = || TargetState::at_start(world, account, region);
        self.changed(account, region).map_or_else(at_start, |history| history.shown())
    }

    fn read(&mut self, world: &World, account: AccountId, region: Region) -> TargetState {
        match self.histories.get_mut(&region).and_then(|histories| histories.get_mut(&account)) {
            Some(history) => history.read(),
            None => TargetState::at_start(world, account, region),
        }
    }

    /// The members of an administrator.
    fn members<'a>(
        &'a self,
        world: &'a World,
        administrator: AccountId,
        region: Region,
    ) -> impl Iterator<Item = (AccountId, TargetState)> {
        // Nearly every account has none, which need not be looked for among all the others.
        let others = world.may_administer(administrator).then(|| world.accounts_after(None)).into_iter().flatten();
        let states = others.map(move |id| (id, self.now(world, id, region)));
        states.filter(move |(_, state)| {
            state.member_of().is_some_and(|association| association.administrator == administrator)
        })
    }

    fn change(&mut self, world: &World, account: AccountId, region: Region, state: TargetState, visibility: u32) {
        let now = self.moment();
        self.count += 1;
        self.history(world, account, region).change(state, visibility);
        if state.session.is_some() {
            self.service_roles.insert(account);
            return;
        }
        // An account without a session has no members.
        let left: Vec<_> = self.members(world, account, region).collect();
        for (member, state) in left {
            self.history(world, member, region).change(state.alone(now), visibility);
        }
    }
}
