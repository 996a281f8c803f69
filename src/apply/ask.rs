//! Reading a target, once or until a change shows.

use std::time::Duration;

use tokio::time::Instant;

use crate::aws::Access;
use crate::model::{SettingValue, Target, Unread, UnreadReason};
use crate::session::{Answer, Reading, SessionState, read};

/// The first pause between two readings; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two readings.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether a change showed, and what was read last.
pub(super) enum Seen {
    /// It did.
    Shown(SessionState),
    /// It did not, by the end of the time for it.
    NotShown(Result<SessionState, Unread>),
}

/// What a target is set to, with the newest credentials of its account.
pub(super) async fn ask(access: &Access, target: &Target) -> Result<SessionState, Unread> {
    let account = access.open(target.account).await?;
    let answer = access.refreshing(&account, async |account| access.macie_session(account, &target.region).await);
    let reading = match read(answer.await) {
        Answer::Reading(reading) => reading,
        Answer::TokenRefused(failure) => Reading::Unread(failure.into_unread(UnreadReason::BadCredentials)),
    };
    match (SessionState::of(&reading), reading) {
        (Some(state), _) => Ok(state),
        (None, Reading::Unread(unread)) => Err(unread),
        (None, _) => {
            Err(Unread::without_answer(UnreadReason::Unintelligible, "the answer says nothing of the session"))
        }
    }
}

/// Reads until the target has all of these values, or time is up. It is read at least once.
///
/// Source: AWS CloudFormation's handlers of `AWS::Macie::Session` poll GetMacieSession: what was changed does not show at once.
pub(super) async fn until_shown(access: &Access, target: &Target, values: &[SettingValue], within: Duration) -> Seen {
    let (end, mut pause) = (Instant::now() + within, FIRST_PAUSE);
    loop {
        let state = ask(access, target).await;
        match state {
            Ok(state) if state.has(values.iter().copied()) => return Seen::Shown(state),
            state if Instant::now() >= end => return Seen::NotShown(state),
            _ => {}
        }
        // The last reading comes when time is up, not a long pause before.
        tokio::time::sleep_until(end.min(Instant::now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
