//! One step, from reading the target again to seeing the change.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use super::journal::{Entry, IntentEntry, Journal, ResultEntry};
use super::verify::{Visibility, wait_until_visible};
use super::{StepHistory, StepOutcome, StepResult};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, FailureKind};
use crate::model::{Clock, Evidence, SettingId, Unread, Value};
use crate::plan::Step;
use crate::resource::macie_session::{SessionWriter, WriteEffect, describe, unread_reason, write_effect};
use crate::resource::{Operation, SessionState};

/// How often a change is asked for at most, where there is no answer.
const CALLS: usize = 3;

/// How long to look for a change whose call was not answered, before it is asked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// What all steps of a run share.
pub(super) struct StepExecutor<'a> {
    pub(super) access: &'a AwsSession,
    /// None in a dry run.
    pub(super) journal: Option<RefCell<&'a mut Journal>>,
    /// Why the journal cannot be written, once that is so: from then on nothing is called.
    pub(super) journal_failure: RefCell<Option<String>>,
    /// How long a change may take to show.
    pub(super) visible_within: Duration,
    /// Whether the run has been asked to end: what is under way ends, and nothing is called again.
    pub(super) is_stopping: Cell<bool>,
}

/// What came of the calls of a step.
struct Called {
    /// The answer to the last one.
    answer: Result<(), CallFailure>,
    /// Whether there was one before without an answer, so that the change may be made whatever the last answer says.
    is_repeated: bool,
}

impl StepExecutor<'_> {
    /// Carries out a step. `past` is what an earlier run knows of it, `predecessor` what the step before it left of the target.
    pub(super) async fn execute(
        &self,
        step: &Step,
        past: Option<&StepHistory>,
        predecessor: Option<SessionState>,
    ) -> StepResult {
        let result = self.attempt(step, past, predecessor).await;
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

    async fn attempt(&self, step: &Step, past: Option<&StepHistory>, predecessor: Option<SessionState>) -> StepResult {
        if let Err(unread) = self.access.credentials_for(step.target.account).await {
            return unreadable(unread);
        }
        let wanted: Vec<(SettingId, &Value)> = step.values_after().collect();
        if let Some(result) = self.finish_earlier(step, past, &wanted).await {
            return result;
        }
        let found = match self.access.session_state(&step.target).await {
            Ok(found) => found,
            Err(unread) => return unreadable(unread),
        };
        // What the step before left counts, as it was then seen; a value that AWS has chosen was unknown to the plan.
        let expected = predecessor.unwrap_or_else(|| step.expected.clone());
        if found != expected {
            let message = if found.has(wanted.iter().copied()) {
                format!(
                    "the plan saw {expected}, and it is {found} already: somebody else has done it, or an earlier apply"
                )
            } else {
                format!("the plan saw {expected}, and it is {found} now: somebody else has changed it")
            };
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::Stale, message) };
        }
        if found.has(wanted.iter().copied()) {
            let message = format!("it is {found} already; nothing was called");
            return StepResult { live: Some(found), ..StepResult::new(StepOutcome::Verified, message) };
        }
        if let Err(unread) = self.access.credentials_for(step.calling_account).await {
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
        let called = match self.until_answered(step, &found, &wanted).await {
            Ok(called) => called,
            Err(result) => return result,
        };
        self.verify(step, called, &found, &wanted).await
    }

    /// Calls, and calls again where there was no answer and the target still is as it was found: nothing is ever repeated
    /// before the target has been read again. The intent of the first call is in the journal already.
    async fn until_answered(
        &self,
        step: &Step,
        found: &SessionState,
        wanted: &[(SettingId, &Value)],
    ) -> Result<Called, StepResult> {
        let mut called = Called { answer: self.call(step).await, is_repeated: false };
        for _ in 1..CALLS {
            let Err(failure) = &called.answer else { break };
            if write_effect(&step.operation, failure) != WriteEffect::NoAnswer || self.is_stopping.get() {
                break;
            }
            match wait_until_visible(self.access, &step.target, wanted, LOOK_AGAIN.min(self.visible_within)).await {
                Visibility::Shown(live) => return Err(shown_all_the_same(&step.operation, failure, live)),
                Visibility::NotShown(Ok(state)) if state == *found => {}
                Visibility::NotShown(_) => break,
            }
            if self.is_stopping.get() || !self.journal(&intent(step, found)) {
                break;
            }
            called = Called { answer: self.call(step).await, is_repeated: true };
        }
        Ok(called)
    }

    /// What an earlier run has left open: a call of which nobody knows whether it was made, or whose change had not shown yet.
    async fn finish_earlier(
        &self,
        step: &Step,
        past: Option<&StepHistory>,
        wanted: &[(SettingId, &Value)],
    ) -> Option<StepResult> {
        let past = past?;
        let accepted = matches!(past.outcome, Some((StepOutcome::Applied, _)));
        if !past.is_open && !accepted {
            return None;
        }
        match wait_until_visible(self.access, &step.target, wanted, self.visible_within).await {
            Visibility::Shown(live) => {
                let message = format!("it is {live}: the earlier run has done it; nothing was called");
                Some(StepResult { live: Some(live), ..StepResult::new(StepOutcome::Verified, message) })
            }
            Visibility::NotShown(state) if accepted && !past.is_open => {
                let message = "AWS accepted the call of the earlier run, and the change still does not show";
                Some(StepResult { live: state.ok(), ..StepResult::new(StepOutcome::Applied, message) })
            }
            // The call has not been made: it is made now, if the target is as planned.
            Visibility::NotShown(_) => None,
        }
    }

    async fn call(&self, step: &Step) -> Result<(), CallFailure> {
        let opened = self.access.credentials_for(step.calling_account).await;
        let calling: &AccountCredentials = &opened.map_err(no_credentials)?;
        let writer = SessionWriter::new(self.access);
        writer
            .perform(
                &step.operation,
                calling,
                &step.target,
                step.values_after().map(|(setting, value)| (setting, value.clone())).collect(),
            )
            .await
    }

    /// What came of a call: what shows counts, and not what was answered.
    async fn verify(
        &self,
        step: &Step,
        called: Called,
        found: &SessionState,
        wanted: &[(SettingId, &Value)],
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
        let seen = wait_until_visible(self.access, &step.target, wanted, self.visible_within).await;
        let within = format!("{:#}", jiff::SignedDuration::try_from(self.visible_within).unwrap_or_default());
        match (answer, seen) {
            (Ok(()), Visibility::Shown(live)) => StepResult {
                live: Some(live.clone()),
                ..StepResult::new(StepOutcome::Verified, format!("it is {live}"))
            },
            (Err(failure), Visibility::Shown(live)) => shown_all_the_same(operation, &failure, live),
            (Ok(()), Visibility::NotShown(Ok(live))) => {
                let now = if live == *found {
                    format!("it still is {live}")
                } else {
                    format!("it is {live}: neither as it was nor as it is to be")
                };
                let message = format!("AWS accepted {}, and {within} later {now}", operation.name());
                StepResult { live: Some(live), ..StepResult::new(StepOutcome::Applied, message) }
            }
            (Ok(()), Visibility::NotShown(Err(unread))) => {
                let message = format!("AWS accepted {}, and the target cannot be read any more", operation.name());
                StepResult { cause: Some(unread), ..StepResult::new(StepOutcome::Applied, message) }
            }
            (Err(failure), Visibility::NotShown(state)) => {
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

    /// Writes a line of the journal; false if it could not be, now or before.
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

/// The change shows, although the call for it was not answered with success.
fn shown_all_the_same(operation: &Operation, failure: &CallFailure, live: SessionState) -> StepResult {
    let said = failure.code.as_deref().unwrap_or("no answer");
    let message = format!("it is {live}, although {} was answered with: {said}", operation.name());
    StepResult { live: Some(live), ..StepResult::new(StepOutcome::Verified, message) }
}

/// There are no credentials for a call any more: it was not made.
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
        wanted: step.values_after().map(|(setting, value)| (setting, value.clone())).collect(),
    })
}

/// A target that cannot be read is never written.
fn unreadable(unread: Unread) -> StepResult {
    let message = format!("unread: {}; what cannot be read is not changed", unread.reason.as_str());
    StepResult { cause: Some(unread), ..StepResult::new(StepOutcome::Refused, message) }
}
