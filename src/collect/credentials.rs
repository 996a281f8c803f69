//! The credentials of one account during a run.

use std::sync::Arc;

use crate::aws::AccountCredentials;
use crate::model::{Unread, UnreadReason};

/// The credentials of an account, and how often they were refreshed.
#[derive(Debug)]
pub(super) struct Credentials {
    state: State,
    /// Counts the refreshes: an answer to an older generation says nothing about the current one.
    generation: u32,
    /// Whether AWS has called credentials expired before their time. It is believed once per account.
    was_rejected: bool,
}

#[derive(Debug)]
enum State {
    /// None yet.
    Missing,
    /// In use.
    Current(Arc<AccountCredentials>),
    /// New ones are awaited. No call begins before they arrive.
    Refreshing(Arc<AccountCredentials>),
    /// The refresh failed for now. The old ones are used until they expire.
    Deferred(Arc<AccountCredentials>),
    /// There are no more.
    Failed(Unread),
}

/// What becomes of a request that AWS answered with "expired credentials".
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// It is repeated with newer credentials, which are in use or awaited.
    Retry,
    /// It is repeated once a refresh, which starts now, has ended.
    RefreshAndRetry,
    /// The answer stands.
    Final,
    /// The account has failed in the meantime.
    Failed(Unread),
}

impl Credentials {
    pub(super) fn missing() -> Self {
        Self { state: State::Missing, generation: 0, was_rejected: false }
    }

    /// The credentials that a call may use now.
    pub(super) fn usable(&self) -> Option<&Arc<AccountCredentials>> {
        match &self.state {
            State::Current(held) | State::Deferred(held) => Some(held),
            State::Missing | State::Refreshing(_) | State::Failed(_) => None,
        }
    }

    /// The credentials to refresh, if that is due.
    pub(super) fn to_refresh(&self) -> Option<&Arc<AccountCredentials>> {
        if let State::Refreshing(held) = &self.state { Some(held) } else { None }
    }

    fn held(&self) -> Option<&Arc<AccountCredentials>> {
        match &self.state {
            State::Current(held) | State::Refreshing(held) | State::Deferred(held) => Some(held),
            State::Missing | State::Failed(_) => None,
        }
    }

    /// The generation of the credentials in use.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Starts a refresh if the credentials are about to expire. Deferred ones are used to their end.
    pub(super) fn refresh_if_due(&mut self) -> bool {
        let (State::Current(held) | State::Deferred(held)) = &self.state else { return false };
        let is_due = held.wants_refresh() && (!matches!(self.state, State::Deferred(_)) || held.is_expired());
        if is_due {
            self.state = State::Refreshing(Arc::clone(held));
        }
        is_due
    }

    /// Credentials arrived: the first or new ones.
    pub(super) fn arrived(&mut self, credentials: Arc<AccountCredentials>) {
        self.generation += u32::from(self.held().is_some());
        self.state = State::Current(credentials);
    }

    /// No credentials arrived. Returns whether the account has failed.
    pub(super) fn unavailable(&mut self, unread: &Unread) -> bool {
        let is_transient = matches!(unread.reason, UnreadReason::Throttled | UnreadReason::Unreachable);
        let serves = self.held().filter(|held| is_transient && !held.is_expired() && !self.was_rejected);
        let has_failed = serves.is_none();
        self.state = serves.map_or_else(|| State::Failed(unread.clone()), |held| State::Deferred(Arc::clone(held)));
        has_failed
    }

    /// AWS called the credentials of a generation expired. A machine that slept for an hour must not make its targets unread, so
    /// that an account gets one refresh this way.
    pub(super) fn rejected(&mut self, generation: u32) -> Rejection {
        match &self.state {
            State::Failed(unread) => Rejection::Failed(unread.clone()),
            State::Refreshing(_) => Rejection::Retry,
            _ if generation != self.generation => Rejection::Retry,
            State::Current(held) | State::Deferred(held) if !self.was_rejected => {
                self.was_rejected = true;
                self.state = State::Refreshing(Arc::clone(held));
                Rejection::RefreshAndRetry
            }
            State::Missing | State::Current(_) | State::Deferred(_) => Rejection::Final,
        }
    }

    /// Lets go of the credentials once the account is finished.
    pub(super) fn release(&mut self) {
        if !matches!(self.state, State::Failed(_)) {
            self.state = State::Missing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: (bool, bool) = (false, false);
    const DUE: (bool, bool) = (true, false);
    const EXPIRED: (bool, bool) = (true, true);

    fn held((wants_refresh, is_expired): (bool, bool)) -> Arc<AccountCredentials> {
        Arc::new(AccountCredentials::for_tests(wants_refresh, is_expired))
    }

    fn unread(reason: UnreadReason) -> Unread {
        Unread::local(reason, "no")
    }

    fn name(credentials: &Credentials) -> &'static str {
        match &credentials.state {
            State::Missing => "missing",
            State::Current(_) => "current",
            State::Refreshing(_) => "refreshing",
            State::Deferred(_) => "deferred",
            State::Failed(_) => "failed",
        }
    }

    fn states(age: (bool, bool), was_rejected: bool) -> [Credentials; 5] {
        let failed = unread(UnreadReason::Denied);
        let states = [
            State::Missing,
            State::Current(held(age)),
            State::Refreshing(held(age)),
            State::Deferred(held(age)),
            State::Failed(failed),
        ];
        states.map(|state| Credentials { state, generation: 1, was_rejected })
    }

    /// The state after an event, for each state before it, in the order of [`State`].
    fn after(age: (bool, bool), was_rejected: bool, event: impl Fn(&mut Credentials)) -> [&'static str; 5] {
        states(age, was_rejected).map(|mut credentials| {
            event(&mut credentials);
            name(&credentials)
        })
    }

    #[test]
    fn every_state_after_every_event() {
        let due = |credentials: &mut Credentials| _ = credentials.refresh_if_due();
        let arrived = |credentials: &mut Credentials| credentials.arrived(held(FRESH));
        let throttled = |credentials: &mut Credentials| _ = credentials.unavailable(&unread(UnreadReason::Throttled));
        let denied = |credentials: &mut Credentials| _ = credentials.unavailable(&unread(UnreadReason::Denied));
        let rejected = |credentials: &mut Credentials| _ = credentials.rejected(1);
        let rejected_before = |credentials: &mut Credentials| _ = credentials.rejected(0);
        let same = ["missing", "current", "refreshing", "deferred", "failed"];
        let refreshed = ["missing", "refreshing", "refreshing", "refreshing", "failed"];
        let deferred = ["failed", "deferred", "deferred", "deferred", "failed"];
        assert_eq!(after(FRESH, false, due), same);
        assert_eq!(after(DUE, false, due), ["missing", "refreshing", "refreshing", "deferred", "failed"]);
        assert_eq!(after(EXPIRED, false, due), refreshed);
        assert_eq!(after(FRESH, false, arrived), ["current"; 5]);
        assert_eq!(after(DUE, false, throttled), deferred);
        assert_eq!(after(DUE, true, throttled), ["failed"; 5], "AWS does not take the old ones");
        assert_eq!(after(EXPIRED, false, throttled), ["failed"; 5]);
        assert_eq!(after(DUE, false, denied), ["failed"; 5]);
        assert_eq!(after(FRESH, false, rejected), refreshed);
        assert_eq!(after(FRESH, true, rejected), same, "once per account");
        assert_eq!(after(FRESH, false, rejected_before), same, "newer ones are in use");
        assert_eq!(after(FRESH, false, Credentials::release), ["missing", "missing", "missing", "missing", "failed"]);
    }

    #[test]
    fn a_rejected_request_is_repeated_only_with_newer_credentials() {
        use Rejection::{Failed, Final, RefreshAndRetry, Retry};
        let failed = || Failed(unread(UnreadReason::Denied));
        let outcomes = |was_rejected, generation| {
            states(FRESH, was_rejected).map(|mut credentials| credentials.rejected(generation))
        };
        assert_eq!(outcomes(false, 1), [Final, RefreshAndRetry, Retry, RefreshAndRetry, failed()]);
        assert_eq!(outcomes(true, 1), [Final, Final, Retry, Final, failed()]);
        assert_eq!(outcomes(true, 0), [Retry, Retry, Retry, Retry, failed()]);
    }

    #[test]
    fn only_a_refresh_makes_a_new_generation() {
        let mut credentials = Credentials::missing();
        credentials.arrived(held(DUE));
        assert_eq!(credentials.generation(), 0);
        assert!(credentials.usable().is_some() && credentials.refresh_if_due());
        assert!(credentials.usable().is_none() && credentials.to_refresh().is_some());
        credentials.arrived(held(FRESH));
        assert_eq!(credentials.generation(), 1);
    }
}
