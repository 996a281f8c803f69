//! The states of all targets: those that the world starts with, and what has become of some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::account_id::AccountId;
use crate::macie::target_state::{BEGINNING, StateHistory, TargetState};
use crate::operation::{WriteCall, WriteLog};
use crate::region::Region;
use crate::response::ServiceError;
use crate::world::World;
use crate::world::session::{FurtherSettings, SessionAtStart};

/// The states.
#[derive(Debug, Default)]
pub(crate) struct StateStore {
    changes: Mutex<Changes>,
    log: Arc<WriteLog>,
}

#[derive(Debug, Default)]
struct Changes {
    count: i64,
    /// By Region first: neither a read nor a look at all members should copy its code.
    histories: BTreeMap<Region, BTreeMap<AccountId, StateHistory>>,
    /// The accounts that got Macie's service-linked role since the world began.
    service_roles: BTreeSet<AccountId>,
    /// The settings beyond the configuration that are no longer those of the beginning.
    settings: BTreeMap<(Region, AccountId), FurtherSettings>,
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
    pub(crate) fn new(log: Arc<WriteLog>) -> Self {
        Self { log, ..Self::default() }
    }

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

    /// The true settings of a session, beyond its configuration.
    pub(crate) fn settings(&self, world: &World, account: AccountId, region: Region) -> FurtherSettings {
        self.lock().settings(world, account, region)
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
            let (state, settings) = match session {
                Some(SessionAtStart { config, settings }) => (state.with(config, now), Some(settings)),
                None => (state.disabled(now), None),
            };
            // The next read is to see it, however late other changes show.
            changes.change(world, account, region, state, 0);
            changes.settings.extend(settings.map(|settings| ((region, account), settings)));
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
        let WriteCall { account, region, .. } = *write;
        let mut changes = self.lock();
        let state = change(&TrueState { world, changes: &changes, region }, changes.moment())?;
        changes.change(world, account, region, state, world.visibility());
        self.log.add(*write);
        Ok(())
    }

    /// Changes the settings of some accounts, unless `change` fails. They show at once.
    pub(crate) fn write_settings(
        &self,
        world: &World,
        write: &WriteCall,
        change: impl FnOnce(&TrueState<'_>, Timestamp) -> Result<Vec<(AccountId, FurtherSettings)>, ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut changes = self.lock();
        let settings = change(&TrueState { world, changes: &changes, region: write.region }, changes.moment())?;
        changes.count += 1;
        changes.settings.extend(settings.into_iter().map(|(account, settings)| ((write.region, account), settings)));
        self.log.add(*write);
        Ok(())
    }

    /// Changes the settings of an account as the consequence of another change: it is no call of its own, and takes no time.
    pub(crate) fn follow(
        &self,
        world: &World,
        (account, region): (AccountId, Region),
        change: impl FnOnce(&mut FurtherSettings, Timestamp),
    ) {
        let mut changes = self.lock();
        let (mut settings, now) = (changes.settings(world, account, region), changes.moment());
        change(&mut settings, now);
        changes.settings.insert((region, account), settings);
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

    /// The settings of an account's session, beyond its configuration.
    pub(crate) fn settings(&self, account: AccountId) -> FurtherSettings {
        self.changes.settings(self.world, account, self.region)
    }

    /// The members of an account.
    pub(crate) fn members(&self, administrator: AccountId) -> impl Iterator<Item = (AccountId, TargetState)> {
        self.changes.members(self.world, administrator, self.region)
    }

    /// Whether an account has members.
    pub(crate) fn has_members(&self, administrator: AccountId) -> bool {
        self.members(administrator).next().is_some()
    }
}

impl Changes {
    /// The time of the next change.
    fn moment(&self) -> Timestamp {
        BEGINNING.saturating_add(SignedDuration::from_secs(self.count + 1)).unwrap_or(BEGINNING)
    }

    /// The settings that a session began with, until they change: those of the world, or those of a new session.
    fn settings(&self, world: &World, account: AccountId, region: Region) -> FurtherSettings {
        if let Some(settings) = self.settings.get(&(region, account)) {
            return settings.clone();
        }
        let session = self.now(world, account, region).session;
        let is_first = session.is_some_and(|session| session.created_at == BEGINNING);
        let known = world.account(account).filter(|_| is_first);
        known.map(|account| account.settings_at_start(region)).unwrap_or_default()
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
        self.settings.remove(&(region, account));
        // An account without a session has no members.
        let left: Vec<_> = self.members(world, account, region).collect();
        for (member, state) in left {
            self.history(world, member, region).change(state.alone(now), visibility);
        }
    }
}
