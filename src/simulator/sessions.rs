//! The Macie sessions as they are now.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::model::{AccountId, Frequency, Region, Target};

use super::answer::Failure;
use super::world::{SessionStart, SessionStatus, World};

/// When the world begins: 2026-01-01T00:00:00Z. Each change happens a second after the one before, whatever the clock
/// says, so that the same calls always get the same answers.
const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A session that exists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    pub(super) status: SessionStatus,
    pub(super) frequency: Frequency,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// The sessions: those that the world starts with, and what has become of some.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    count: i64,
    now: HashMap<Target, Option<Session>>,
}

impl Sessions {
    /// The session of a target.
    pub(super) fn read(&self, world: &World, account: AccountId, region: &Region) -> Option<Session> {
        self.lock().read(world, &Target { account, region: region.clone() })
    }

    /// Replaces the session of a target, unless `change` fails. It is given the session and the time.
    pub(super) fn change(
        &self,
        world: &World,
        account: AccountId,
        region: &Region,
        change: impl FnOnce(Option<Session>, Timestamp) -> Result<Option<Session>, Failure>,
    ) -> Result<(), Failure> {
        let target = Target { account, region: region.clone() };
        let mut changes = self.lock();
        let moment = BEGINNING.saturating_add(SignedDuration::from_secs(changes.count + 1)).unwrap_or(BEGINNING);
        let new = change(changes.read(world, &target), moment)?;
        changes.count += 1;
        changes.now.insert(target, new);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        // A change is one insertion: there is no half of it to be afraid of.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    fn read(&self, world: &World, target: &Target) -> Option<Session> {
        if let Some(session) = self.now.get(target) {
            return *session;
        }
        let SessionStart { status, frequency } = world.account(target.account)?.session_at_start(&target.region)?;
        Some(Session { status, frequency, created_at: BEGINNING, updated_at: BEGINNING })
    }
}
