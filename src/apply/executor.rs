//! Execution of one step, from the precondition to the verification.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::journal::{Entry, IntentEntry, Journal, ResultEntry};
use super::{StepHistory, StepOutcome, StepResult};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, FailureKind};
use crate::model::{Clock, Evidence, SettingId, Target, Unread, Value};
use crate::plan::Step;
use crate::resource::macie_session::{SessionWriter, WriteEffect, describe, unread_reason, write_effect};
use crate::resource::{Operation, SessionState};

/// How often a call is made at most, where there is no answer.
const CALLS: usize = 3;

/// How long to wait for the change of an unanswered call before the call is repeated.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// The first pause between two readings. Each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two readings.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What all steps of a run share.
pub(super) struct StepExecutor<'a> {
    pub(super) aws: &'a AwsSession,
    /// None in a dry run.
    pub(super) journal: Option<RefCell<&'a mut Journal>>,
    /// Why the journal cannot be written, once that is so. From then on nothing is called.
    pub(super) journal_failure: RefCell<Option<String>>,
    /// How long a change may take to become visible.
    pub(super) visible_within: Duration,
    /// Whether the run is stopping: calls in flight end, and none is repeated.
    pub(super) is_stopping: Cell<bool>,
}

/// Whether a change is visible, and the last reading.
enum Visibility {
    /// It is.
    Visible(SessionState),
    /// It is not, after the time allowed.
    NotVisible(Result<SessionState, Unread>),
}

/// The outcome of the calls of a step.
struct Called {
    /// The answer to the last call.
    answer: Result<(), CallFailure>,
    /// Whether an earlier call had no answer, so that the change may be made whatever the last answer says.
    is_repeated: bool,
}

impl StepExecutor<'_> {
    /// Executes a step. `history` is what an earlier run knows about it, `predecessor` the state that the step before it left.
    pub(super) async fn execute(
        &self,
        step: &Step,
        history: Option<&StepHistory>,
        predecessor: Option<SessionState>,
    ) -> StepResult {
        let result = self.attempt(step, history, predecessor).await;
        let evidence = result.cause.as_ref().map(|unread| &unread.evidence);
        self.journal(&Entry::Result(ResultEntry {
            step: step.number,
            at: Clock::System.now(),
            outcome: result.outcome,
            message: result.message.clone(),
            code: evidence.and_then(|evidence| evidence.code.as_deref()).map(str::to_owned),
            request_id: evidence.and_then(|evidence| evidence.request_id.as_deref()).map(str::to_owned),
            live: result.live.clone(),
        }));
        result
    }

    async fn attempt(
        &self,
        step: &Step,
        history: Option<&StepHistory>,
        predecessor: Option<SessionState>,
    ) -> StepResult {
        if let Err(unread) = self.aws.credentials_for(step.target.account).await {
            return unreadable(unread);
        }
        let after: Vec<(SettingId, &Value)> = step.values_after().collect();
        if let Some(result) = self.settle_earlier(step, history, &after).await {
            return result;
        }
        let found = match self.aws.session_state(&step.target).await {
            Ok(found) => found,
            Err(unread) => return unreadable(unread),
        };
        // The state that the step before left takes precedence: the plan did not know values that AWS chose.
        let expected = predecessor.unwrap_or_else(|| step.expected.clone());
        if found != expected {
            let message = if found.has(after.iter().copied()) {
                format!(
                    "the plan saw {expected}, and it is {found} already: somebody else has done it, or an earlier apply"
                )
            } else {
                format!("the plan saw {expected}, and it is {found} now: someone else has changed it")
            };
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::Stale, message) };
        }
        if found.has(after.iter().copied()) {
            let message = format!("it is {found} already; nothing was called");
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::Verified, message) };
        }
        if let Err(unread) = self.aws.credentials_for(step.calling_account).await {
            let message = format!("account {}, which has to call, cannot be entered", step.calling_account);
            let failed = StepResult::new(StepOutcome::Failed, message);
            return StepResult { cause: Some(unread), live: Some(found), ..failed };
        }
        if self.journal.is_none() {
            let message = format!("dry run: {} would be called", step.operation.name());
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::NotTried, message) };
        }
        if !self.journal(&intent(step, &found)) {
            let message = "what is about to be done could not be written to the journal";
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::NotTried, message) };
        }
        let called = match self.call_until_answered(step, &found, &after).await {
            Ok(called) => called,
            Err(result) => return result,
        };
        self.verify(step, called, &found, &after).await
    }

    /// Makes the call, and repeats it where there was no answer and the target is still as it was found. The target is always read
    /// before a repetition. The intent of the first call is in the journal already.
    async fn call_until_answered(
        &self,
        step: &Step,
        found: &SessionState,
        after: &[(SettingId, &Value)],
    ) -> Result<Called, StepResult> {
        let mut called = Called { answer: self.call(step).await, is_repeated: false };
        for _ in 1..CALLS {
            let Err(failure) = &called.answer else { break };
            if write_effect(&step.operation, failure) != WriteEffect::NoAnswer || self.is_stopping.get() {
                break;
            }
            match wait_until_visible(self.aws, &step.target, after, LOOK_AGAIN.min(self.visible_within)).await {
                Visibility::Visible(live) => return Err(verified_despite(&step.operation, failure, live)),
                Visibility::NotVisible(Ok(state)) if state == *found => {}
                Visibility::NotVisible(_) => break,
            }
            if self.is_stopping.get() || !self.journal(&intent(step, found)) {
                break;
            }
            called = Called { answer: self.call(step).await, is_repeated: true };
        }
        Ok(called)
    }

    /// Settles what an earlier run left open: a call that may have been made, or whose change was not visible yet.
    async fn settle_earlier(
        &self,
        step: &Step,
        history: Option<&StepHistory>,
        after: &[(SettingId, &Value)],
    ) -> Option<StepResult> {
        let history = history?;
        let accepted = matches!(history.outcome, Some((StepOutcome::Applied, _)));
        if !history.is_open && !accepted {
            return None;
        }
        match wait_until_visible(self.aws, &step.target, after, self.visible_within).await {
            Visibility::Visible(live) => {
                let message = format!("it is {live}: the earlier run has done it; nothing was called");
                Some(StepResult { live: Some(live), ..StepResult::new(StepOutcome::Verified, message) })
            }
            Visibility::NotVisible(state) if accepted && !history.is_open => {
                let message = "AWS accepted the call of the earlier run, and the change still does not show";
                Some(StepResult { live: state.ok(), ..StepResult::new(StepOutcome::Applied, message) })
            }
            // The call was not made. It is made now if the target is as planned.
            Visibility::NotVisible(_) => None,
        }
    }

    async fn call(&self, step: &Step) -> Result<(), CallFailure> {
        let opened = self.aws.credentials_for(step.calling_account).await;
        let calling: &AccountCredentials = &opened.map_err(no_credentials)?;
        let writer = SessionWriter::new(self.aws);
        writer.perform(&step.operation, calling, &step.target, step.state_after()).await
    }

    /// Verifies a call by the state that shows, not by the answer.
    async fn verify(
        &self,
        step: &Step,
        called: Called,
        found: &SessionState,
        after: &[(SettingId, &Value)],
    ) -> StepResult {
        let operation = &step.operation;
        let Called { answer, is_repeated } = called;
        if let Err(failure) = &answer
            && write_effect(operation, failure) == WriteEffect::NotApplied
            && !is_repeated
        {
            let failed = StepResult::new(StepOutcome::Failed, describe(operation, failure));
            return StepResult { cause: Some(unread_reason(failure.clone())), ..failed };
        }
        let seen = wait_until_visible(self.aws, &step.target, after, self.visible_within).await;
        let within = format!("{:#}", jiff::SignedDuration::try_from(self.visible_within).unwrap_or_default());
        match (answer, seen) {
            (Ok(()), Visibility::Visible(live)) => StepResult {
                live: Some(live.clone()),
                ..StepResult::new(StepOutcome::Verified, format!("it is {live}"))
            },
            (Err(failure), Visibility::Visible(live)) => verified_despite(operation, &failure, live),
            (Ok(()), Visibility::NotVisible(Ok(live))) => {
                let now = if live == *found {
                    format!("it still is {live}")
                } else {
                    format!("it is {live}: neither as it was nor as it is to be")
                };
                let message = format!("AWS accepted {}, and {within} later {now}", operation.name());
                StepResult { live: Some(live), ..StepResult::new(StepOutcome::Applied, message) }
            }
            (Ok(()), Visibility::NotVisible(Err(unread))) => {
                let message = format!("AWS accepted {}, and the target cannot be read any more", operation.name());
                StepResult { cause: Some(unread), ..StepResult::new(StepOutcome::Applied, message) }
            }
            (Err(failure), Visibility::NotVisible(state)) => {
                let still = match &state {
                    Err(_) => "the target cannot be read any more".to_owned(),
                    Ok(live) if live == found => format!("{within} later it is {live}"),
                    Ok(live) => format!("{within} later it is {live}: neither as it was nor as it is to be"),
                };
                let message = format!("{}, and {still}", describe(operation, &failure));
                let failed = StepResult::new(StepOutcome::Failed, message);
                StepResult { cause: Some(unread_reason(failure)), live: state.ok(), ..failed }
            }
        }
    }

    /// Appends to the journal. Returns false if that failed, now or before.
    fn journal(&self, entry: &Entry) -> bool {
        let Some(journal) = &self.journal else { return true };
        if self.journal_failure.borrow().is_some() {
            return false;
        }
        let Err(cause) = journal.borrow_mut().append(entry) else { return true };
        self.journal_failure.replace(Some(cause.to_string()));
        false
    }
}

/// The change is visible, although the call did not succeed.
fn verified_despite(operation: &Operation, failure: &CallFailure, live: SessionState) -> StepResult {
    let said = failure.code.as_deref().unwrap_or("no answer");
    let message = format!("it is {live}, although {} was answered with: {said}", operation.name());
    StepResult { live: Some(live), ..StepResult::new(StepOutcome::Verified, message) }
}

/// Reads until the target has all of these values, or time is up. The target is read at least once.
///
/// Source: AWS CloudFormation's handlers of `AWS::Macie::Session` poll GetMacieSession, because changes do not show at once.
async fn wait_until_visible(
    aws: &AwsSession,
    target: &Target,
    values: &[(SettingId, &Value)],
    within: Duration,
) -> Visibility {
    let (end, mut pause) = (Instant::now() + within, FIRST_PAUSE);
    loop {
        let state = aws.session_state(target).await;
        match state {
            Ok(state) if state.has(values.iter().copied()) => return Visibility::Visible(state),
            state if Instant::now() >= end => return Visibility::NotVisible(state),
            _ => {}
        }
        // The last reading comes when time is up, not a long pause earlier.
        tokio::time::sleep_until(end.min(Instant::now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The failure of a call that was not made for want of credentials.
fn no_credentials(unread: Unread) -> CallFailure {
    let Evidence { code, message, request_id } = unread.evidence;
    let owned = |text: Option<Arc<str>>| text.as_deref().map(Into::into);
    let (code, message, request_id) = (owned(code), owned(message), owned(request_id));
    CallFailure { kind: FailureKind::NoCredentials, code, message, request_id, http_status: None }
}

fn intent(step: &Step, found: &SessionState) -> Entry {
    Entry::Intent(IntentEntry {
        step: step.number,
        at: Clock::System.now(),
        account: step.target.account,
        region: step.target.region.clone(),
        operation: step.operation.name().to_owned(),
        calling_account: step.calling_account,
        found: found.clone(),
        wanted: step.state_after(),
    })
}

/// The result of an unread target, which is never written.
fn unreadable(unread: Unread) -> StepResult {
    let message = format!("unread: {}; what cannot be read is not changed", unread.reason.as_str());
    StepResult { cause: Some(unread), ..StepResult::new(StepOutcome::Refused, message) }
}
