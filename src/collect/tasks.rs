//! The tasks of a run. Each ends in a [`TaskResult`], even if it panics.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::request::{ReadRequest, TargetIndex};
use super::scheduler::ReadTask;
use crate::aws::{AccountCredentials, AwsSession, RegionStates};
use crate::model::{AccountId, Unread, UnreadReason};
use crate::resource::macie_session::AdministratorAnswer;
use crate::resource::{LiveSession, Reading, Response, TargetRequest, further_settings};

/// What the tasks of a run share.
pub(super) struct TaskContext<'a> {
    pub(super) aws: &'a AwsSession,
    pub(super) requests: &'a [ReadRequest],
    /// What Macie's administrator said of the accounts of targets, where it was asked.
    pub(super) answers: BTreeMap<TargetIndex, AdministratorAnswer>,
    /// Sessions of which some settings are still to be read. What is known of them stays, even if the run ends.
    pub(super) partial: PartialSessions,
}

/// Sessions of which some settings are still to be read.
#[derive(Debug, Default)]
pub(super) struct PartialSessions(RefCell<BTreeMap<TargetIndex, LiveSession>>);

impl PartialSessions {
    fn keep(&self, target: TargetIndex, session: &LiveSession) {
        self.0.borrow_mut().insert(target, session.clone());
    }

    fn forget(&self, target: TargetIndex) {
        self.0.borrow_mut().remove(&target);
    }

    /// The session of a target. The settings that have not been read are unread.
    pub(super) fn take(&self, target: TargetIndex, requests: &[ReadRequest], why: &Unread) -> Option<LiveSession> {
        let mut session = self.0.borrow_mut().remove(&target)?;
        if let Some(declared) = requests.get(target).and_then(|request| request.declared.as_deref()) {
            session.end_reading(further_settings(declared), why);
        }
        Some(session)
    }

    /// The targets that have one.
    pub(super) fn targets(&self) -> Vec<TargetIndex> {
        self.0.borrow().keys().copied().collect()
    }
}

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
pub(super) async fn read_target(context: &TaskContext<'_>, task: ReadTask) -> TaskResult {
    let ReadTask { index, target, generation, credentials } = task;
    let reading = async {
        let Some(request) = context.requests.get(target) else {
            return Response::Reading(Reading::Unread(internal_error()));
        };
        let request = TargetRequest {
            aws: context.aws,
            credentials: &credentials,
            target: &request.target,
            declared: request.declared.as_deref(),
            administrator_answer: context.answers.get(&target),
            on_part: &|session| context.partial.keep(target, session),
        };
        let response = request.read().await;
        context.partial.forget(target);
        response
    };
    let answer = AssertUnwindSafe(reading).catch_unwind().await;
    let failed = |_| {
        let known = context.partial.take(target, context.requests, &internal_error());
        Response::Reading(known.map_or_else(|| Reading::Unread(internal_error()), Reading::On))
    };
    TaskResult::Answered { index, target, generation, answer: answer.unwrap_or_else(failed) }
}

/// A fault of the program in one target says nothing about the others.
pub(super) fn internal_error() -> Unread {
    Unread::local(
        UnreadReason::Unintelligible,
        "driftline failed while it handled the answer; this is a fault in driftline",
    )
}
