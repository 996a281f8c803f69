//! The classification jobs that are under way when the world begins.

use std::collections::BTreeMap;

use crate::account_id::AccountId;
use crate::region::Region;

use super::error::Contradiction;
use super::session::{SessionPlace, SessionStart, SessionStatus};
use super::spanned::{Count, Entries};

/// How many jobs are not finished, by Region.
#[derive(Debug, Default)]
pub(super) struct JobsAtStart {
    named: BTreeMap<Region, u32>,
    elsewhere: u32,
}

impl JobsAtStart {
    /// Jobs run only where Macie is enabled. A Region that is named must be so; `"*"` does not reach the others.
    pub(super) fn check(
        id: AccountId,
        written: Entries<SessionPlace, Count>,
        session_in: impl Fn(Region) -> Option<SessionStart>,
    ) -> Result<Self, Contradiction> {
        let mut jobs = Self::default();
        for (place, Count(count)) in written.0 {
            match place.value {
                SessionPlace::Everywhere => jobs.elsewhere = count,
                SessionPlace::In(region) if count > 0 && !is_enabled(session_in(region)) => {
                    let cause = format!(
                        "no job can be under way in {region}, where Macie is not enabled in account {id} at the start"
                    );
                    return Err(Contradiction { at: place.referenced, cause });
                }
                SessionPlace::In(region) => {
                    jobs.named.insert(region, count);
                }
            }
        }
        Ok(jobs)
    }

    /// The number in a Region with this session.
    pub(super) fn count(&self, region: Region, session: Option<SessionStart>) -> u32 {
        let count = self.named.get(&region).copied().unwrap_or(self.elsewhere);
        if is_enabled(session) { count } else { 0 }
    }
}

fn is_enabled(session: Option<SessionStart>) -> bool {
    session.is_some_and(|session| session.status == SessionStatus::Enabled)
}
