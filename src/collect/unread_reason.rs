//! Why something about a target is not known, where the answer to another question than that of its session failed.

use crate::aws::{CallFailure, FailureMeaning, classify};
use crate::model::{Unread, UnreadReason};

/// What a failed question about the surroundings of a session means.
pub(super) fn unread_reason(failure: CallFailure) -> Unread {
    let reason = match classify(&failure).outcome {
        FailureMeaning::Unread(reason) => reason,
        // Who is asked has no Macie, or none any more.
        FailureMeaning::NotEnabled => UnreadReason::Unintelligible,
        FailureMeaning::TokenRefused => UnreadReason::BadCredentials,
    };
    failure.into_unread(reason)
}
