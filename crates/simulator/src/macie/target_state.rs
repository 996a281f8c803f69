//! The state of a target: its session, its administrator, its classification jobs, and how much of that is visible.

use jiff::Timestamp;

use crate::account_id::AccountId;
use crate::region::Region;
use crate::world::World;
use crate::world::account::{Administration, Membership};
use crate::world::session::{SessionConfig, SessionStatus};

/// When the world begins: 2026-01-01T00:00:00Z. Each change happens a second after the one before, whatever the clock
/// shows, so that the same calls always get the same answers.
pub(crate) const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// The state of a target.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TargetState {
    pub(crate) session: Option<Session>,
    pub(crate) association: Option<Association>,
    pub(crate) jobs: Jobs,
}

/// A session that exists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    pub(crate) config: SessionConfig,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The present or past association of a target with an administrator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Association {
    pub(crate) administrator: AccountId,
    pub(crate) membership: Membership,
    /// When it began, ended, or the member's status last changed.
    pub(crate) updated_at: Timestamp,
    pub(crate) is_over: bool,
}

/// The classification jobs. No operation creates any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Jobs {
    pub(crate) count: u32,
    /// Pausing Macie cancels all jobs for good.
    pub(crate) are_cancelled: bool,
}

impl TargetState {
    /// A member has a session, and so has its administrator in the same Region. (An account where the Region is off has
    /// no session there; its administrator knows of it all the same.)
    pub(crate) fn at_start(world: &World, id: AccountId, region: Region) -> Self {
        let Some(account) = world.account(id) else { return Self::default() };
        let start = account.session_at_start(region);
        let session = start.map(|config| Session { config, created_at: BEGINNING, updated_at: BEGINNING });
        let has_session = |id| world.account(id).is_some_and(|account| account.session_at_start(region).is_some());
        let administration = account
            .administration
            .filter(|_| session.is_some() || !account.is_on(region))
            .filter(|Administration { administrator, .. }| has_session(*administrator));
        let association = administration.map(|Administration { administrator, membership }| Association {
            administrator,
            membership,
            updated_at: BEGINNING,
            is_over: false,
        });
        Self { session, association, jobs: Jobs { count: account.jobs_at_start(region, start), are_cancelled: false } }
    }

    /// The association of a member to its administrator.
    pub(crate) fn member_of(&self) -> Option<Association> {
        self.association.filter(|association| !association.is_over && self.session.is_some())
    }

    /// How many jobs are not finished.
    pub(crate) fn unfinished_jobs(&self) -> u32 {
        if self.jobs.are_cancelled { 0 } else { self.jobs.count }
    }

    /// The state with a session of this configuration, whether or not there was one.
    ///
    /// Source: Amazon Macie User Guide, "Suspending Macie": it cancels all classification jobs for good.
    pub(crate) fn with(self, config: SessionConfig, now: Timestamp) -> Self {
        let is_other = self.session.is_none_or(|session| session.config.status != config.status);
        let created_at = self.session.map_or(now, |session| session.created_at);
        let association = self.association.map(|association| Association {
            updated_at: if is_other && !association.is_over { now } else { association.updated_at },
            ..association
        });
        let are_cancelled = self.jobs.are_cancelled || config.status == SessionStatus::Paused;
        Self {
            session: Some(Session { config, created_at, updated_at: now }),
            association,
            jobs: Jobs { are_cancelled, ..self.jobs },
        }
    }

    /// Without a session, and so without anything that Macie held.
    ///
    /// Source: Amazon Macie User Guide, "Disabling Macie".
    pub(crate) fn disabled(self, now: Timestamp) -> Self {
        Self { session: None, jobs: Jobs::default(), ..self.alone(now) }
    }

    /// Without an administrator, which keeps the account in mind as one that was removed.
    pub(crate) fn alone(self, now: Timestamp) -> Self {
        let over = |association: Association| Association { is_over: true, updated_at: now, ..association };
        let association =
            self.association.map(|association| if association.is_over { association } else { over(association) });
        Self { association, ..self }
    }
}

/// The states of a target since its first change. Changes may become visible late.
#[derive(Debug)]
pub(crate) struct StateHistory {
    /// Oldest first. States older than the visible one are dropped.
    past: Vec<Version>,
    now: Version,
    /// The number of reads.
    reads: u64,
    /// The number of answers to GetMacieSession.
    answers: u32,
}

#[derive(Debug, Clone, Copy)]
struct Version {
    state: TargetState,
    /// The number of reads before it becomes visible.
    visible_after: u64,
}

impl StateHistory {
    pub(crate) fn new(state: TargetState) -> Self {
        Self { past: Vec::new(), now: Version { state, visible_after: 0 }, reads: 0, answers: 0 }
    }

    /// The true state.
    pub(crate) fn now(&self) -> TargetState {
        self.now.state
    }

    /// The visible state.
    pub(crate) fn shown(&self) -> TargetState {
        let turns = || self.past.iter().chain([&self.now]);
        let visible = turns().rev().find(|turn| turn.visible_after <= self.reads);
        visible.or(turns().next()).unwrap_or(&self.now).state
    }

    /// Reads the visible state.
    pub(crate) fn read(&mut self) -> TargetState {
        let shown = self.shown();
        self.reads += 1;
        shown
    }

    /// Counts an answer to GetMacieSession.
    pub(crate) fn count_answer(&mut self) -> u32 {
        self.answers = self.answers.saturating_add(1);
        self.answers
    }

    /// Changes the state. The change becomes visible after `visibility` reads.
    pub(crate) fn change(&mut self, state: TargetState, visibility: u32) {
        self.past.push(self.now);
        self.now = Version { state, visible_after: self.reads + u64::from(visibility) };
        let last_visible = self.past.iter().rposition(|turn| turn.visible_after <= self.reads);
        self.past.drain(..last_visible.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::macie::target_state::Jobs;

    /// A state with a number.
    fn number(count: u32) -> TargetState {
        TargetState { jobs: Jobs { count, are_cancelled: false }, ..TargetState::default() }
    }

    fn read(history: &mut StateHistory) -> u32 {
        history.read().jobs.count
    }

    #[test]
    fn each_change_visible_after_its_own_number_of_reads() {
        let mut history = StateHistory::new(number(0));
        assert_eq!(read(&mut history), 0);
        history.change(number(1), 2);
        assert_eq!(read(&mut history), 0);
        history.change(number(2), 2);
        assert_eq!(history.now().jobs.count, 2);
        assert_eq!([read(&mut history), read(&mut history), read(&mut history)], [0, 1, 2]);
    }

    #[test]
    fn a_change_that_shows_at_once_hides_what_was_still_to_show() {
        let mut history = StateHistory::new(number(0));
        history.change(number(1), 1);
        history.change(number(2), 0);
        assert_eq!([read(&mut history), read(&mut history)], [2, 2]);
        assert!(history.past.len() < 3);
    }
}
