//! Why something about a target is not known, where the answer to another question than that of its session failed.

use crate::aws::{CallFailure, Outcome, judge};
use crate::model::{Unread, UnreadReason};

/// What a failed question about the surroundings of a session means.
pub(super) fn explained(failure: CallFailure) -> Unread {
    let reason = match judge(&failure).outcome {
        Outcome::Unread(reason) => reason,
        // Who is asked has no Macie, or none any more.
        Outcome::NotEnabled => UnreadReason::Unintelligible,
        Outcome::TokenRefused => UnreadReason::BadCredentials,
    };
    failure.into_unread(reason)
}
