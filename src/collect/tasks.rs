//! The two kinds of work that are under way during a run, each of which always ends in an event.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::account_queue::TargetIndex;
use super::scheduler::ReadTask;
use crate::aws::{AccountCredentials, AwsSession, RegionStates};
use crate::model::{AccountId, Region, Unread, UnreadReason};
use crate::resource::{Reading, SessionResponse};

/// Something has come back.
#[derive(Debug)]
pub(super) enum TaskResult {
    /// An account is open, or will not be.
    Opened { errand: usize, outcome: Result<OpenedAccount, Unread> },
    /// A question is answered, that was asked with so many-th credentials of its account.
    Answered { errand: usize, place: TargetIndex, lease: u32, answer: SessionResponse },
}

/// An account that is open.
#[derive(Debug)]
pub(super) struct OpenedAccount {
    pub(super) account: Arc<AccountCredentials>,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: Option<RegionStates>,
}

/// Opens an account and, if that matters, asks which Regions are on.
pub(super) async fn open_account(
    access: &AwsSession,
    errand: usize,
    account: AccountId,
    asks_regions: bool,
) -> TaskResult {
    let opening = async {
        let account = Arc::new(access.credentials_for(account).await?);
        // Whoever may not ask this finds out from Macie itself.
        let regions = if asks_regions { access.regions(&account).await.ok() } else { None };
        Ok(OpenedAccount { account, regions })
    };
    let outcome = AssertUnwindSafe(opening).catch_unwind().await.unwrap_or_else(|_| Err(internal_error()));
    TaskResult::Opened { errand, outcome }
}

/// Gets new credentials for an account that is open.
pub(super) async fn refresh_credentials(
    access: &AwsSession,
    errand: usize,
    open: Arc<AccountCredentials>,
) -> TaskResult {
    let renewing = async { Ok(OpenedAccount { account: Arc::new(access.refresh(&open).await?), regions: None }) };
    let outcome = AssertUnwindSafe(renewing).catch_unwind().await.unwrap_or_else(|_| Err(internal_error()));
    TaskResult::Opened { errand, outcome }
}

/// Asks Macie about one target.
pub(super) async fn read_target(access: &AwsSession, asking: ReadTask, region: &Region) -> TaskResult {
    let ReadTask { errand, place, lease, open } = asking;
    let asking = async { SessionResponse::from_result(access.macie_session(&open, region).await) };
    let answer = AssertUnwindSafe(asking).catch_unwind().await;
    TaskResult::Answered {
        errand,
        place,
        lease,
        answer: answer.unwrap_or_else(|_| SessionResponse::Reading(Reading::Unread(internal_error()))),
    }
}

/// A fault of the program in one target says nothing about the others.
pub(super) fn internal_error() -> Unread {
    Unread::local(
        UnreadReason::Unintelligible,
        "driftline failed while it handled the answer; this is a fault in driftline",
    )
}
