//! Reading through Macie's administrator: what it is told of its members spares calls, and the traces that they leave.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;

use tokio::time::Instant;

use super::collector::{Collector, StopReason, sleep_until};
use super::conflicts::recheck_conflicts;
use super::list_members::list_members;
use super::member_listing::MemberListing;
use super::{CollectLimits, Collected, ReadRequest};
use crate::aws::AwsSession;
use crate::model::{AccountId, RegionTable};
use crate::resource::Reading;

/// How Macie's administrator takes part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdministratorReader {
    /// The administrator.
    pub administrator: AccountId,
    /// Who else is asked.
    pub fallback: Fallback,
}

/// Who is asked beside the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The accounts themselves, wherever the administrator's list does not answer.
    Accounts,
    /// Nobody: what the list does not answer is unread.
    None,
}

/// Until when the administrator is listened to, where the accounts can be asked as well: a quarter of the time that there is.
fn patience(through: AdministratorReader, limits: &CollectLimits) -> Option<Instant> {
    let quarter = limits.deadline.map(|deadline| Instant::now() + deadline / 4);
    quarter.filter(|_| through.fallback == Fallback::Accounts)
}

/// Reads every target that is asked about, as [`collect`](super::collect()) does, after asking Macie's administrator for its
/// members.
///
/// Where the list answers all that is wanted of a target, the account is not asked. Where both are asked and contradict each
/// other, the administrator is asked once more about that one member; if they still do, the target is unread: to take one of
/// them for right would be a guess.
pub async fn collect_through_administrator(
    access: &AwsSession,
    questions: &[ReadRequest],
    table: &RegionTable,
    through: AdministratorReader,
    limits: &CollectLimits,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> Collected {
    let mut stop = pin!(stop);
    let run = Collector::new(limits, access, questions, table, progress);
    let heard = RefCell::new(MemberListing::new(through.administrator, questions.len()));
    let cut = tokio::select! {
        biased;
        () = stop.as_mut() => Some(StopReason::Interrupted),
        () = sleep_until(run.ends) => Some(StopReason::Deadline),
        // Accounts must have time left to answer for themselves: what the list has not told by then, it does not tell.
        () = sleep_until(patience(through, limits)) => None,
        () = list_members(&run, through, &heard) => None,
    };
    let heard = heard.into_inner();
    let readings = match (cut, through.fallback) {
        (Some(cut), _) => heard.readings(&run, |_| Reading::Unread(cut.unread())),
        (None, Fallback::None) => heard.readings(&run, |question| Reading::Unread(heard.missing_reason(question))),
        (None, Fallback::Accounts) => {
            let known = questions.iter().enumerate().map(|(place, question)| heard.reading(place, question));
            let (mut readings, cut) = run.run(known.collect(), stop.as_mut()).await;
            let cut = async {
                // What has been cut short asks nobody any more.
                if cut.is_none() {
                    tokio::select! { () = stop => (), () = sleep_until(run.ends) => () }
                }
            };
            recheck_conflicts(&run, &heard, &mut readings, cut).await;
            readings
        }
    };
    Collected { readings, requests: access.requests(), list_failures: heard.failures }
}
