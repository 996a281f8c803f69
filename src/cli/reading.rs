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
use crate::inventory::{AccountsSource, list};
use crate::live::{Gathering, Limits, Question, gather};
use crate::model::{AccountId, Shard, Unread, UnreadReason};
use crate::session::Reading;

/// What was read, and with whose credentials.
pub(super) struct Outcome {
    pub(super) resolved: Resolved,
    pub(super) readings: Vec<Reading>,
    pub(super) requests: RequestCounts,
    /// The way to AWS, for whoever has more to ask; none if the run was cut short before there was one.
    pub(super) access: Option<Access>,
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
    shard: Option<Shard>,
) -> Result<(Inputs, Outcome), Failure> {
    let mut interruption = Interruption::listen()?;
    let seen = Cell::new(None);
    let began = Instant::now();
    // What is wrong with the policies is told before credentials are asked for, where the inventory allows it.
    let asks_aws = matches!(inputs.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
    let (inputs, early) = if asks_aws {
        (inputs, None)
    } else {
        let (inputs, resolved) = something(inputs.resolve(nobody)?, shard, common)?;
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
        (None, Some(access)) => {
            let mut inputs = inputs;
            if inputs.settings.accounts == AccountsSource::Organization {
                let bar = progress::listing(common);
                let seen_so_far = |count: usize| bar.set_position(count as u64);
                let listing = tokio::select! {
                    biased;
                    () = interruption.wait(&seen) => None,
                    listing = list(access, inputs.policies.needs().into(), &seen_so_far) => Some(listing?),
                    () = tokio::time::sleep(deadline.saturating_sub(began.elapsed())) => None,
                };
                bar.finish_and_clear();
                inputs.organization = Some(listing.ok_or_else(|| in_the_dark(&inputs, &seen))?.organization);
            }
            something(inputs.resolve(|| access.caller().account)?, shard, common)?
        }
        (None, None) => return Err(in_the_dark(&inputs, &seen)),
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
        return Ok((
            inputs,
            Outcome { resolved, readings, requests, access: None, caller: None, interrupted: seen.get() },
        ));
    };
    let limits =
        Limits { concurrency: inputs.settings.concurrency, deadline: Some(deadline.saturating_sub(began.elapsed())) };
    let bar = progress::bar(questions.len(), common);
    let stop = interruption.wait(&seen);
    let Gathering { readings, requests } =
        gather(&access, &questions, &inputs.table, &limits, stop, &|finished| bar.set_position(finished as u64)).await;
    bar.finish_and_clear();
    let caller = Some(access.caller().clone());
    let access = Some(access);
    Ok((inputs, Outcome { resolved, readings, requests, access, caller, interrupted: seen.get() }))
}

/// Tells the doubts, and lets pass only what there is a target in: "in sync" must never be said about nothing.
fn something(
    (inputs, mut resolved): (Inputs, Resolved),
    shard: Option<Shard>,
    common: &Common,
) -> Result<(Inputs, Resolved), Failure> {
    inputs.tell_warnings(&resolved, common);
    if resolved.desired.targets().is_empty() {
        return Err(Failure::NoTarget);
    }
    // A part of a run may have nothing in it.
    if let Some(shard) = shard {
        resolved.desired = resolved.desired.of_shard(shard);
    }
    Ok((inputs, resolved))
}

/// Why nothing is reported where it is not known which accounts this is about: a report would be made up.
fn in_the_dark(inputs: &Inputs, seen: &Cell<Option<Exit>>) -> Failure {
    let of_organization = inputs.settings.accounts == AccountsSource::Organization;
    match (seen.get(), of_organization) {
        (Some(exit), true) => Failure::InterruptedListing(exit),
        (Some(exit), false) => Failure::InterruptedEarly(exit),
        (None, true) => Failure::DeadlineListing,
        (None, false) => Failure::DeadlineEarly,
    }
}

/// Stands for the caller where the inventory does not ask for one.
fn nobody() -> AccountId {
    AccountId::NOBODY
}
