//! From policies to readings: the part of a run that talks to AWS.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::progress;
use super::read_options::ReadOptions;
use super::reader::warn_list_failures;
use super::saved_readings::SavedReadings;
use super::workspace::{LoadedConfig, ResolvedPolicies};
use crate::aws::{AccessOptions, AwsSession, Caller, RequestCounts};
use crate::collect::{CollectLimits, Collector, ReadRequest};
use crate::inventory::{AccountsSource, Organization, list};
use crate::model::{AccountId, Shard, Target, Unread, UnreadReason};
use crate::report::Snapshot;
use crate::resource::Reading;

/// What was read, and with whose credentials.
pub(super) struct ReadOutcome {
    pub(super) resolved: ResolvedPolicies,
    /// What was asked.
    pub(super) questions: Vec<ReadRequest>,
    /// The answers, one for each question.
    pub(super) readings: Vec<Reading>,
    /// When each of them was made, where it was not in this run.
    pub(super) taken_over: Vec<Option<Timestamp>>,
    pub(super) requests: RequestCounts,
    /// The way to AWS, for whoever has more to ask; none if the run was cut short before there was one.
    pub(super) access: Option<AwsSession>,
    /// Whose credentials; unknown if the run was cut short before that was learnt.
    pub(super) caller: Option<Caller>,
    /// The exit code of the signal that cut the run short.
    pub(super) interrupted: Option<ExitStatus>,
}

/// Reads every target that the policies want something of.
pub(super) async fn read_targets(
    common: &Common,
    inputs: LoadedConfig,
    options: AccessOptions,
    scope: ReadOptions<'_>,
) -> Result<(LoadedConfig, ReadOutcome), CliError> {
    let ReadOptions { deadline, shard, reader, known, everything, keep_credentials: keeps_open } = scope;
    let shutdown = &common.shutdown;
    let began = Instant::now();
    // What is wrong with the policies is told before credentials are asked for, where the inventory allows it.
    let asks_aws = matches!(inputs.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
    let (inputs, early) = if asks_aws {
        (inputs, None)
    } else {
        let (inputs, resolved) = require_targets(inputs.resolve(nobody)?, shard, common)?;
        (inputs, Some(resolved))
    };
    let mut cut_short = (UnreadReason::Interrupted, "the run was interrupted before it reached AWS");
    let access = tokio::select! {
        biased;
        () = shutdown.cancelled() => None,
        access = AwsSession::connect(options) => Some(access?),
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
                let left = deadline.saturating_sub(began.elapsed());
                inputs.organization = Some(list_organization(common, access, &inputs, left).await?);
            }
            require_targets(inputs.resolve(|| access.caller().account)?, shard, common)?
        }
        (None, None) => return Err(unknown_accounts_error(&inputs, shutdown.received())),
    };
    let questions = if everything { all_of(&inputs, &resolved) } else { wanted_of(&resolved) };
    let (known, taken_over) = match known {
        Some(known) => {
            let (answers, times) = known.answers(&questions, &inputs.table);
            (Some(answers), times)
        }
        None => (None, Vec::new()),
    };
    let asked = unanswered(&questions, known.as_deref());
    let Some(access) = access else {
        let (reason, why) = cut_short;
        let unread = Unread::local(reason, why);
        let readings = merge_cached(known, vec![Reading::Unread(unread); asked.len()]);
        let requests = RequestCounts::default();
        return Ok((
            inputs,
            ReadOutcome {
                resolved,
                questions,
                readings,
                taken_over,
                requests,
                access: None,
                caller: None,
                interrupted: shutdown.received(),
            },
        ));
    };
    let left = || deadline.saturating_sub(began.elapsed());
    let through = tokio::select! {
        biased;
        () = shutdown.cancelled() => None,
        through = reader.administrator_reader(common, &access, &inputs, &resolved.inventory, &asked, left()) => through?,
    };
    let limits = CollectLimits { concurrency: inputs.settings.concurrency, deadline: Some(left()), keeps_open };
    let bar = progress::bar(asked.len(), common);
    let progress = |finished: usize| bar.set_position(finished as u64);
    let stop = shutdown.cancelled();
    let gathering = match through {
        None => Collector::new(&access, &asked, &inputs.table, limits, &progress).collect(stop).await,
        Some(through) => {
            Collector::new(&access, &asked, &inputs.table, limits, &progress)
                .collect_through_administrator(through, stop)
                .await
        }
    };
    bar.finish_and_clear();
    let caller = Some(access.caller().clone());
    let access = Some(access);
    warn_list_failures(common, &gathering, through);
    let requests = gathering.requests;
    let readings = merge_cached(known, gathering.readings);
    Ok((
        inputs,
        ReadOutcome {
            resolved,
            questions,
            readings,
            taken_over,
            requests,
            access,
            caller,
            interrupted: shutdown.received(),
        },
    ))
}

/// The accounts of the organization, within the time that is left.
async fn list_organization(
    common: &Common,
    access: &AwsSession,
    inputs: &LoadedConfig,
    left: Duration,
) -> Result<Organization, CliError> {
    let bar = progress::listing(common);
    let seen_so_far = |count: usize| bar.set_position(count as u64);
    let listing = tokio::select! {
        biased;
        () = common.shutdown.cancelled() => None,
        listing = list(access, inputs.policies.needs().into(), &seen_so_far) => Some(listing?),
        () = tokio::time::sleep(left) => None,
    };
    bar.finish_and_clear();
    listing
        .map(|listing| listing.organization)
        .ok_or_else(|| unknown_accounts_error(inputs, common.shutdown.received()))
}

/// The same from a snapshot, without AWS.
pub(super) fn read_snapshot(
    common: &Common,
    inputs: LoadedConfig,
    known: &SavedReadings,
    snapshot: &Snapshot,
    shard: Option<Shard>,
) -> Result<(LoadedConfig, ReadOutcome), CliError> {
    let caller = snapshot.caller.as_ref().map(|caller| caller.account);
    if caller.is_none() && inputs.settings.accounts == AccountsSource::Caller {
        let reason = "the inventory is the caller's account, and it does not say whose credentials read it".to_owned();
        return Err(CliError::Snapshot { file: known.name.clone(), reason });
    }
    let (inputs, resolved) = require_targets(inputs.resolve(|| caller.unwrap_or(AccountId::NOBODY))?, shard, common)?;
    let questions = wanted_of(&resolved);
    let (answers, taken_over) = known.answers(&questions, &inputs.table);
    let silence = |question: &ReadRequest| known.missing_reading(question, &inputs.table);
    let readings = answers.into_iter().zip(&questions);
    let readings = readings.map(|(answer, question)| answer.unwrap_or_else(|| silence(question))).collect();
    let (requests, caller) = (RequestCounts::default(), snapshot.caller.clone());
    Ok((
        inputs,
        ReadOutcome { resolved, questions, readings, taken_over, requests, access: None, caller, interrupted: None },
    ))
}

/// The questions about all of which something is wanted.
pub(super) fn wanted_of(resolved: &ResolvedPolicies) -> Vec<ReadRequest> {
    resolved.desired.targets().iter().map(ReadRequest::for_target).collect()
}

/// The questions about every account and Region of the inventory, and about all of which something is wanted.
fn all_of(inputs: &LoadedConfig, resolved: &ResolvedPolicies) -> Vec<ReadRequest> {
    let inventory = &resolved.inventory;
    let regions = || inventory.regions().iter().filter(|region| inputs.table.has_macie(region));
    let everywhere = inventory.accounts().iter().flat_map(|account| {
        regions().map(|region| ReadRequest {
            target: Target::macie_session(account.id, region.clone()),
            region_named: false,
            member_list_suffices: false,
        })
    });
    let wanted =
        wanted_of(resolved).into_iter().map(|question| ReadRequest { member_list_suffices: false, ..question });
    let by_target: BTreeMap<Target, ReadRequest> =
        everywhere.chain(wanted).map(|question| (question.target.clone(), question)).collect();
    by_target.into_values().collect()
}

/// The questions to which there is no answer yet.
fn unanswered<'a>(questions: &'a [ReadRequest], known: Option<&[Option<Reading>]>) -> Cow<'a, [ReadRequest]> {
    let Some(known) = known else { return Cow::Borrowed(questions) };
    let open = questions.iter().zip(known).filter(|(_, known)| known.is_none());
    open.map(|(question, _)| question.clone()).collect()
}

/// What was known, the rest of it filled with what was read, in order.
fn merge_cached(known: Option<Vec<Option<Reading>>>, read: Vec<Reading>) -> Vec<Reading> {
    let Some(known) = known else { return read };
    let mut read = read.into_iter();
    known.into_iter().map(|known| known.or_else(|| read.next()).unwrap_or_else(Reading::missing)).collect()
}

/// Tells the doubts, and lets pass only what there is a target in: "in sync" must never be said about nothing.
fn require_targets(
    (inputs, mut resolved): (LoadedConfig, ResolvedPolicies),
    shard: Option<Shard>,
    common: &Common,
) -> Result<(LoadedConfig, ResolvedPolicies), CliError> {
    inputs.tell_warnings(&resolved, common);
    if resolved.desired.targets().is_empty() {
        return Err(CliError::NoTarget);
    }
    // A part of a run may have nothing in it.
    if let Some(shard) = shard {
        resolved.desired = resolved.desired.for_shard(shard);
    }
    Ok((inputs, resolved))
}

/// Why nothing is reported where it is not known which accounts this is about: a report would be made up.
fn unknown_accounts_error(inputs: &LoadedConfig, interrupted: Option<ExitStatus>) -> CliError {
    let of_organization = inputs.settings.accounts == AccountsSource::Organization;
    match (interrupted, of_organization) {
        (Some(exit), true) => CliError::InterruptedListing(exit),
        (Some(exit), false) => CliError::InterruptedEarly(exit),
        (None, true) => CliError::DeadlineListing,
        (None, false) => CliError::DeadlineEarly,
    }
}

/// Stands for the caller where the inventory does not ask for one.
fn nobody() -> AccountId {
    AccountId::NOBODY
}
