//! The tasks of a run. Each ends in a [`TaskResult`], even if it panics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::request::{ReadRequest, TargetIndex};
use super::scheduler::ReadTask;
use crate::aws::{AccountCredentials, AwsSession, RegionStates};
use crate::model::{AccountId, Unread, UnreadReason};
use crate::resource::{Reading, Response, TargetRequest};

/// The end of a task.
#[derive(Debug)]
pub(super) enum TaskResult {
    /// The credentials of an account, or why there are none.
    Opened { index: usize, outcome: Result<OpenedAccount, Unread> },
    /// The answer about a target, and the generation of the credentials that it was asked with.
    Answered { index: usize, target: TargetIndex, generation: u32, answer: Response },
}

/// An account with its credentials.
#[derive(Debug)]
pub(super) struct OpenedAccount {
    pub(super) credentials: Arc<AccountCredentials>,
    /// Which Regions are on, if that was asked and answered.
    pub(super) regions: Option<RegionStates>,
}

/// Gets an account's credentials and, if that matters, asks which Regions are on.
pub(super) async fn open_account(aws: &AwsSession, index: usize, account: AccountId, asks_regions: bool) -> TaskResult {
    let opening = async {
        let credentials = Arc::new(aws.credentials_for(account).await?);
        // Where this is denied, Macie itself refuses the tokens of Regions that are off.
        let regions = if asks_regions { aws.regions(&credentials).await.ok() } else { None };
        Ok(OpenedAccount { credentials, regions })
    };
    let outcome = AssertUnwindSafe(opening).catch_unwind().await.unwrap_or_else(|_| Err(internal_error()));
    TaskResult::Opened { index, outcome }
}

/// Gets new credentials for an account that is open.
pub(super) async fn refresh_credentials(
    aws: &AwsSession,
    index: usize,
    current: Arc<AccountCredentials>,
) -> TaskResult {
    let refreshing = async { Ok(OpenedAccount { credentials: Arc::new(aws.refresh(&current).await?), regions: None }) };
    let outcome = AssertUnwindSafe(refreshing).catch_unwind().await.unwrap_or_else(|_| Err(internal_error()));
    TaskResult::Opened { index, outcome }
}

/// Reads one target.
pub(super) async fn read_target(aws: &AwsSession, task: ReadTask, requests: &[ReadRequest]) -> TaskResult {
    let ReadTask { index, target, generation, credentials } = task;
    let reading = async {
        let Some(request) = requests.get(target) else {
            return Response::Reading(Reading::Unread(internal_error()));
        };
        let (target, declared) = (&request.target, request.declared.as_deref());
        TargetRequest { aws, credentials: &credentials, target, declared }.read().await
    };
    let answer = AssertUnwindSafe(reading).catch_unwind().await;
    let failed = |_| Response::Reading(Reading::Unread(internal_error()));
    TaskResult::Answered { index, target, generation, answer: answer.unwrap_or_else(failed) }
}

/// A fault of the program in one target says nothing about the others.
pub(super) fn internal_error() -> Unread {
    Unread::local(
        UnreadReason::Unintelligible,
        "driftline failed while it handled the answer; this is a fault in driftline",
    )
}
