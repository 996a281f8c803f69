//! The standings of all targets: those that the world starts with, and what has become of some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::account_id::AccountId;
use crate::answer::Failure;
use crate::operation::Operation;
use crate::region::Region;
use crate::world::{SessionStart, World};

use super::target_state::{BEGINNING, TargetState};
use super::visibility::Track;

/// The standings.
#[derive(Debug, Default)]
pub(crate) struct StateStore {
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    count: i64,
    /// By Region first: neither a read nor a look at all members should copy its code.
    tracks: BTreeMap<Region, BTreeMap<AccountId, Track>>,
    /// The accounts that got Macie's service-linked role since the world began.
    service_roles: BTreeSet<AccountId>,
    written: Vec<String>,
}

/// A call that changes the session of an account, be it the caller's own.
pub(super) struct WriteCall {
    pub(super) operation: Operation,
    pub(super) account: AccountId,
    pub(super) region: Region,
}

/// What is true in a Region, whether or not it shows.
pub(super) struct TrueState<'a> {
    world: &'a World,
    changes: &'a Changes,
    region: Region,
}

/// Some of the accounts that an administrator knows of, in order, each with its standing as it shows.
pub(super) struct Members {
    pub(super) members: Vec<(AccountId, TargetState)>,
    /// Whether there are more behind the last.
    pub(super) more: bool,
}

impl StateStore {
    /// What is true of a target.
    pub(crate) fn now(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        self.lock().now(world, account, region)
    }

    /// The administrator of which an account is a member in a Region.
    pub(crate) fn administrator(&self, world: &World, account: AccountId, region: Region) -> Option<AccountId> {
        self.now(world, account, region).member_of().map(|relation| relation.administrator)
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

    /// What a target shows of itself.
    pub(super) fn read(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        self.lock().read(world, account, region)
    }

    /// What GetMacieSession shows of a target. Right after, somebody else may change it.
    pub(super) fn read_session(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let mut changes = self.lock();
        if !world.is_interfered_with(account, region) {
            return changes.read(world, account, region);
        }
        let track = changes.track(world, account, region);
        let (shown, answers) = (track.read(), track.answer());
        if let Some(interference) = world.interference(account, region, answers) {
            let (standing, now) = (track.now(), changes.moment());
            let standing = match interference.session {
                Some(SessionStart { status, frequency }) => standing.with(status, frequency, now),
                None => standing.disabled(now),
            };
            // The next read is to see it, however late other changes show.
            changes.change(world, account, region, standing, 0);
        }
        shown
    }

    /// The accounts that an administrator knows of and that are `wanted`, at most `size` of those behind `after`.
    pub(super) fn members(
        &self,
        (world, administrator, region): (&World, AccountId, Region),
        after: Option<AccountId>,
        size: usize,
        wanted: impl Fn(AccountId, &TargetState) -> bool,
    ) -> Members {
        let mut changes = self.lock();
        let is_known =
            |standing: &TargetState| standing.relation.is_some_and(|relation| relation.administrator == administrator);
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
    pub(super) fn write(
        &self,
        world: &World,
        write: &WriteCall,
        change: impl FnOnce(&TrueState<'_>, Timestamp) -> Result<TargetState, Failure>,
    ) -> Result<(), Failure> {
        let WriteCall { operation, account, region } = *write;
        let mut changes = self.lock();
        let standing = change(&TrueState { world, changes: &changes, region }, changes.moment())?;
        changes.change(world, account, region, standing, world.visibility());
        changes.written.push(format!("{} {account} {region}", operation.action()));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        // Nothing in a change can fail half-way: there is no half of it to be afraid of.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TrueState<'_> {
    /// The standing of an account.
    pub(super) fn get(&self, account: AccountId) -> TargetState {
        self.changes.now(self.world, account, self.region)
    }

    /// Whether an account has members.
    pub(super) fn has_members(&self, administrator: AccountId) -> bool {
        self.changes.members(self.world, administrator, self.region).next().is_some()
    }
}

impl Changes {
    /// The time of the next change.
    fn moment(&self) -> Timestamp {
        BEGINNING.saturating_add(SignedDuration::from_secs(self.count + 1)).unwrap_or(BEGINNING)
    }

    fn tracked(&self, account: AccountId, region: Region) -> Option<&Track> {
        self.tracks.get(&region)?.get(&account)
    }

    fn track(&mut self, world: &World, account: AccountId, region: Region) -> &mut Track {
        let tracks = self.tracks.entry(region).or_default();
        tracks.entry(account).or_insert_with(|| Track::new(TargetState::at_start(world, account, region)))
    }

    fn now(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let at_start = || TargetState::at_start(world, account, region);
        self.tracked(account, region).map_or_else(at_start, |track| track.now())
    }

    fn shown(&self, world: &World, account: AccountId, region: Region) -> TargetState {
        let at_start = || TargetState::at_start(world, account, region);
        self.tracked(account, region).map_or_else(at_start, |track| track.shown())
    }

    fn read(&mut self, world: &World, account: AccountId, region: Region) -> TargetState {
        match self.tracks.get_mut(&region).and_then(|tracks| tracks.get_mut(&account)) {
            Some(track) => track.read(),
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
        let standings = others.map(move |id| (id, self.now(world, id, region)));
        standings.filter(move |(_, standing)| {
            standing.member_of().is_some_and(|relation| relation.administrator == administrator)
        })
    }

    fn change(&mut self, world: &World, account: AccountId, region: Region, standing: TargetState, visibility: u32) {
        let now = self.moment();
        self.count += 1;
        self.track(world, account, region).change(standing, visibility);
        if standing.session.is_some() {
            self.service_roles.insert(account);
            return;
        }
        // Who has no session administers nobody.
        let left: Vec<_> = self.members(world, account, region).collect();
        for (member, standing) in left {
            self.track(world, member, region).change(standing.alone(now), visibility);
        }
    }
}
