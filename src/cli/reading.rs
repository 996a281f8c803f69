//! From policies to readings: the part of a run that talks to AWS.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::arguments::Common;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{Inputs, Resolved};
use super::interruption::Interruption;
use super::progress;
use crate::aws::{Access, AccessOptions, Caller, RequestCounts};
use crate::inventory::AccountsSource;
use crate::live::{Gathering, Limits, Question, gather};
use crate::model::{AccountId, Unread, UnreadReason};
use crate::session::Reading;

/// What was read, and with whose credentials.
pub(super) struct Outcome {
    pub(super) resolved: Resolved,
    pub(super) readings: Vec<Reading>,
    pub(super) requests: RequestCounts,
    /// Whose credentials; unknown if the run was cut short before that was learnt.
    pub(super) caller: Option<Caller>,
    /// The exit code of the signal that cut the run short.
    pub(super) interrupted: Option<Exit>,
}

/// Reads every target that the policies want something of.
pub(super) async fn read(
    common: &Common,
    inputs: Inputs,
    options: AccessOptions,
    deadline: Duration,
) -> Result<(Inputs, Outcome), Failure> {
    let mut interruption = Interruption::listen()?;
    let seen = Cell::new(None);
    let began = Instant::now();
    // What is wrong with the policies is told before credentials are asked for, where the inventory allows it.
    let (inputs, early) = if inputs.settings.accounts == AccountsSource::Caller {
        (inputs, None)
    } else {
        let (inputs, resolved) = something(inputs.resolve(nobody)?, common)?;
        (inputs, Some(resolved))
    };
    let mut cut_short = (UnreadReason::Interrupted, "the run was interrupted before it reached AWS");
    let access = tokio::select! {
        biased;
        () = interruption.wait(&seen) => None,
        access = Access::connect(options) => Some(access?),
        () = tokio::time::sleep(deadline) => {
            cut_short = (UnreadReason::Deadline, "the run's deadline came before it reached AWS");
            None
        }
    };
    let (inputs, resolved) = match (early, &access) {
        (Some(resolved), _) => (inputs, resolved),
        (None, Some(access)) => something(inputs.resolve(|| access.caller().account)?, common)?,
        // A report about an account that nobody knows would be made up.
        (None, None) => return Err(seen.get().map_or(Failure::DeadlineEarly, Failure::InterruptedEarly)),
    };
    let questions: Vec<Question> = resolved
        .desired
        .targets()
        .iter()
        .map(|target| Question { target: target.target(), region_named: target.wish.region_named })
        .collect();
    let Some(access) = access else {
        let (reason, why) = cut_short;
        let unread = Unread::without_answer(reason, why);
        let readings = vec![Reading::Unread(unread); questions.len()];
        let requests = RequestCounts::default();
        return Ok((inputs, Outcome { resolved, readings, requests, caller: None, interrupted: seen.get() }));
    };
    let limits =
        Limits { concurrency: inputs.settings.concurrency, deadline: Some(deadline.saturating_sub(began.elapsed())) };
    let bar = progress::bar(questions.len(), common);
    let stop = interruption.wait(&seen);
    let Gathering { readings, requests } =
        gather(&access, &questions, &inputs.table, &limits, stop, &|finished| bar.set_position(finished as u64)).await;
    bar.finish_and_clear();
    let caller = Some(access.caller().clone());
    Ok((inputs, Outcome { resolved, readings, requests, caller, interrupted: seen.get() }))
}

/// Tells the doubts, and lets pass only what there is a target in: "in sync" must never be said about nothing.
fn something((inputs, resolved): (Inputs, Resolved), common: &Common) -> Result<(Inputs, Resolved), Failure> {
    inputs.tell_warnings(&resolved, common);
    if resolved.desired.targets().is_empty() { Err(Failure::NoTarget) } else { Ok((inputs, resolved)) }
}

/// Stands for the caller where the inventory does not ask for one.
fn nobody() -> AccountId {
    AccountId::NOBODY
}
