//! Readings of Regions without Macie, Regions that are off, and Regions that refuse a token.

use crate::aws::{CallFailure, RegionState};
use crate::model::{Unread, UnreadReason};
use crate::resource::{NotApplicable, NotEnabledEvidence, Reading};

/// The reading of a refused token, or `None` if it depends on the account's other answers.
pub(super) fn classify_refused_token(
    state: Option<RegionState>,
    opt_in: bool,
    failure: &CallFailure,
) -> Option<Reading> {
    let reason = match state {
        None if opt_in => return None,
        // A Region that is being turned on or off does not know the token yet, or no longer.
        Some(RegionState::Changing | RegionState::Off) => UnreadReason::RegionOff,
        None | Some(RegionState::On) => UnreadReason::BadCredentials,
    };
    Some(Reading::Unread(failure.clone().into_unread(reason)))
}

/// The reading of a token that an opt-in Region refused, once it is known whether AWS `accepted` the same credentials in another
/// Region.
pub(super) fn settle_refused_token(accepted: bool, named: bool, failure: CallFailure) -> Reading {
    match (accepted, named) {
        (true, false) => Reading::NotApplicable(NotApplicable::RegionOffInferred),
        (true, true) => Reading::Unread(failure.into_unread(UnreadReason::RegionOff)),
        (false, _) => Reading::Unread(failure.into_unread(UnreadReason::BadCredentials)),
    }
}

/// Whether an answer is a denial that names the principal, which only a service that knows the credentials can name.
fn names_the_principal(unread: &Unread) -> bool {
    unread.reason == UnreadReason::Denied && unread.denial.as_ref().is_some_and(|denial| denial.principal.is_some())
}

/// Whether a reading proves that AWS accepted the credentials in the Region.
pub(super) fn proves_credentials(reading: &Reading) -> bool {
    match reading {
        Reading::On(_)
        | Reading::NotEnabled(NotEnabledEvidence::Answer(_))
        | Reading::Preferences(_)
        | Reading::Sessions(_) => true,
        Reading::Unread(unread) => names_the_principal(unread),
        Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) => false,
    }
}
