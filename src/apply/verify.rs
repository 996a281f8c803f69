//! Reading a target, once or until a change shows.

use std::time::Duration;

use tokio::time::Instant;

use crate::aws::AwsSession;
use crate::model::{SettingId, Target, Unread, Value};
use crate::resource::SessionState;

/// The first pause between two readings; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two readings.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether a change showed, and what was read last.
pub(super) enum Visibility {
    /// It did.
    Shown(SessionState),
    /// It did not, by the end of the time for it.
    NotShown(Result<SessionState, Unread>),
}

/// Reads until the target has all of these values, or time is up. It is read at least once.
///
/// Source: AWS CloudFormation's handlers of `AWS::Macie::Session` poll GetMacieSession: what was changed does not show at once.
pub(super) async fn wait_until_visible(
    access: &AwsSession,
    target: &Target,
    values: &[(SettingId, &Value)],
    within: Duration,
) -> Visibility {
    let (end, mut pause) = (Instant::now() + within, FIRST_PAUSE);
    loop {
        let state = access.session_state(target).await;
        match state {
            Ok(state) if state.has(values.iter().copied()) => return Visibility::Shown(state),
            state if Instant::now() >= end => return Visibility::NotShown(state),
            _ => {}
        }
        // The last reading comes when time is up, not a long pause before.
        tokio::time::sleep_until(end.min(Instant::now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
