//! How a target stands with Macie: its session, its administrator, its classification jobs.

use jiff::Timestamp;

use crate::account_id::AccountId;
use crate::region::Region;
use crate::world::Frequency;
use crate::world::{Administration, Membership, SessionStart, SessionStatus, World};

/// When the world begins: 2026-01-01T00:00:00Z. Each change happens a second after the one before, whatever the clock
/// says, so that the same calls always get the same answers.
pub(super) const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A target's standing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TargetState {
    pub(crate) session: Option<Session>,
    pub(super) relation: Option<Association>,
    pub(super) jobs: Jobs,
}

/// A session that exists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    pub(crate) status: SessionStatus,
    pub(crate) frequency: Frequency,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// What a target is, or was, to an administrator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Association {
    pub(super) administrator: AccountId,
    pub(super) membership: Membership,
    /// When it began, ended, or the member's status last changed.
    pub(super) updated_at: Timestamp,
    pub(super) is_over: bool,
}

/// The classification jobs, which nobody can create here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Jobs {
    pub(super) count: u32,
    /// Jobs are cancelled all together, and for good.
    pub(super) are_cancelled: bool,
}

impl TargetState {
    /// A member has a session, and so has its administrator in the same Region. (An account where the Region is off has
    /// no session there; its administrator knows of it all the same.)
    pub(super) fn at_start(world: &World, id: AccountId, region: Region) -> Self {
        let Some(account) = world.account(id) else { return Self::default() };
        let start = account.session_at_start(region);
        let session = start.map(|SessionStart { status, frequency }| Session {
            status,
            frequency,
            created_at: BEGINNING,
            updated_at: BEGINNING,
        });
        let has_session = |id| world.account(id).is_some_and(|account| account.session_at_start(region).is_some());
        let administration = account
            .administration
            .filter(|_| session.is_some() || !account.is_on(region))
            .filter(|Administration { administrator, .. }| has_session(*administrator));
        let relation = administration.map(|Administration { administrator, membership }| Association {
            administrator,
            membership,
            updated_at: BEGINNING,
            is_over: false,
        });
        Self { session, relation, jobs: Jobs { count: account.jobs_at_start(region, start), are_cancelled: false } }
    }

    /// The relation of a member to its administrator.
    pub(super) fn member_of(&self) -> Option<Association> {
        self.relation.filter(|relation| !relation.is_over && self.session.is_some())
    }

    /// How many jobs are not finished.
    pub(crate) fn unfinished_jobs(&self) -> u32 {
        if self.jobs.are_cancelled { 0 } else { self.jobs.count }
    }

    /// With a session that has these settings, whether or not there was one.
    ///
    /// Source: Amazon Macie User Guide, "Suspending Macie": it cancels all classification jobs for good.
    pub(super) fn with(self, status: SessionStatus, frequency: Frequency, now: Timestamp) -> Self {
        let is_other = self.session.is_none_or(|session| session.status != status);
        let created_at = self.session.map_or(now, |session| session.created_at);
        let relation = self.relation.map(|relation| Association {
            updated_at: if is_other && !relation.is_over { now } else { relation.updated_at },
            ..relation
        });
        let are_cancelled = self.jobs.are_cancelled || status == SessionStatus::Paused;
        Self {
            session: Some(Session { status, frequency, created_at, updated_at: now }),
            relation,
            jobs: Jobs { are_cancelled, ..self.jobs },
        }
    }

    /// Without a session, and so without anything that Macie held.
    ///
    /// Source: Amazon Macie User Guide, "Disabling Macie".
    pub(super) fn disabled(self, now: Timestamp) -> Self {
        Self { session: None, jobs: Jobs::default(), ..self.alone(now) }
    }

    /// Without an administrator, which keeps the account in mind as one that was removed.
    pub(super) fn alone(self, now: Timestamp) -> Self {
        let over = |relation: Association| Association { is_over: true, updated_at: now, ..relation };
        let relation = self.relation.map(|relation| if relation.is_over { relation } else { over(relation) });
        Self { relation, ..self }
    }
}
