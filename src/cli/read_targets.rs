//! From policies to readings: the part of a run that calls AWS, or takes a snapshot in its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::administrator::{ReadRun, Reader, note_list_failures};
use super::endpoint::Deadline;
use super::error::CliError;
use super::exit::ExitStatus;
use super::run_context::RunContext;
use super::saved_readings::SavedReadings;
use super::selection::{RunScope, find_places, is_selected, select};
use super::workspace::{LoadedConfig, ResolvedPolicies};
use crate::aws::{AccessOptions, AwsSession, Caller, RequestCounts};
use crate::collect::{CollectLimits, Collected, Collector, ReadRequest};
use crate::inventory::{AccountsSource, Organization, list};
use crate::model::{AccountId, DesiredSettings, Region, Resource, Target, TargetSelection, Unread, UnreadReason};
use crate::report::Snapshot;
use crate::resource::Reading;

/// What a run reads, and how.
pub(super) struct ReadOptions<'a> {
    /// Targets that are not read by then are unread.
    pub(super) deadline: Deadline,
    pub(super) scope: RunScope<'a>,
    pub(super) reader: Reader,
    /// Saved readings, whose targets are not read again.
    pub(super) saved: Option<&'a SavedReadings>,
    /// Whether to read every target of the inventory, and not only the declared ones.
    pub(super) whole_inventory: bool,
    /// Whether to keep credentials for calls after the reading.
    pub(super) keep_credentials: bool,
}

impl ReadOptions<'_> {
    /// Reads the declared targets, account by account, until a deadline.
    pub(super) fn with_deadline(limit: Duration) -> Self {
        Self {
            deadline: Deadline::after(limit),
            scope: RunScope::default(),
            reader: Reader::Direct,
            saved: None,
            whole_inventory: false,
            keep_credentials: false,
        }
    }
}

/// Readings of a run.
pub(super) struct ReadOutcome {
    pub(super) resolved: ResolvedPolicies,
    pub(super) requests: Vec<ReadRequest>,
    /// The number of requests before a selection.
    pub(super) requests_total: usize,
    /// One reading per request.
    pub(super) readings: Vec<Reading>,
    /// Start of the earlier run that made a reading, for each reused one.
    pub(super) reused_from: Vec<Option<Timestamp>>,
    pub(super) request_counts: RequestCounts,
    /// Connection for further calls; `None` if the run was cut short before there was one.
    pub(super) access: Option<AwsSession>,
    /// Identity of the credentials; `None` if the run was cut short before it was known.
    pub(super) caller: Option<Caller>,
    /// Exit status of the signal that cut the run short.
    pub(super) interrupted: Option<ExitStatus>,
}

/// Reads the declared targets, or the whole inventory.
pub(super) async fn read_targets(
    context: &RunContext,
    config: &mut LoadedConfig,
    endpoint: AccessOptions,
    options: ReadOptions<'_>,
) -> Result<ReadOutcome, CliError> {
    let needs_aws = matches!(config.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
    // Where the inventory allows it, policy errors come before credentials.
    let early =
        if needs_aws { None } else { Some(resolve_targets(context, config, AccountId::UnknownCaller, options.scope)?) };
    let connection = connect(context, endpoint, options.deadline).await?;
    let resolved = match (early, &connection) {
        (Some(resolved), _) => resolved,
        (None, Ok(access)) => {
            if config.settings.accounts == AccountsSource::Organization {
                config.organization = Some(list_organization(context, config, access, options.deadline).await?);
            }
            resolve_targets(context, config, access.caller().account, options.scope)?
        }
        (None, Err(_)) => return Err(unknown_accounts_error(config, context.shutdown.received())),
    };
    let mut requests =
        if options.whole_inventory { all_requests(config, &resolved) } else { declared_requests(&resolved) };
    let requests_total = requests.len();
    if let Some(matcher) = options.scope.selection.map(TargetSelection::matcher) {
        requests.retain(|request| is_selected(&matcher, &request.target, &resolved.inventory));
    }
    let (saved, reused_from) = match options.saved.map(|saved| saved.answers(&requests, &config.table)) {
        Some((saved, reused_from)) => (Some(saved), reused_from),
        None => (None, Vec::new()),
    };
    let open = open_requests(&requests, saved.as_deref());
    let (readings, request_counts) = match &connection {
        Ok(access) => {
            let (inventory, deadline) = (&resolved.inventory, options.deadline);
            let reading = ReadRun { context, config, access, inventory, requests: &open, deadline };
            let collected = collect_open(&reading, &options).await?;
            (collected.readings, collected.requests)
        }
        Err(unread) => (vec![Reading::Unread(unread.clone()); open.len()], RequestCounts::default()),
    };
    let readings = merge_saved(saved, readings);
    let access = connection.ok();
    let caller = access.as_ref().map(|access| access.caller().clone());
    let interrupted = context.shutdown.received();
    Ok(ReadOutcome {
        resolved,
        requests,
        requests_total,
        readings,
        reused_from,
        request_counts,
        access,
        caller,
        interrupted,
    })
}

/// Reads the declared targets from a snapshot, without AWS.
pub(super) fn read_snapshot(
    context: &RunContext,
    config: &mut LoadedConfig,
    (saved, snapshot): (&SavedReadings, &Snapshot),
    scope: RunScope<'_>,
) -> Result<ReadOutcome, CliError> {
    let caller = snapshot.caller.as_ref().map(|caller| caller.account);
    if caller.is_none() && config.settings.accounts == AccountsSource::Caller {
        let reason = "the inventory is the caller's account, and the snapshot does not record the caller".to_owned();
        return Err(CliError::Snapshot { file: saved.name.clone(), reason });
    }
    let resolved = resolve_targets(context, config, caller.unwrap_or(AccountId::UnknownCaller), scope)?;
    let requests = declared_requests(&resolved);
    let (readings, reused_from) = saved.answers(&requests, &config.table);
    let missing = |request| saved.missing_reading(request, &config.table);
    let readings = readings.into_iter().zip(&requests);
    let readings = readings.map(|(reading, request)| reading.unwrap_or_else(|| missing(request))).collect();
    Ok(ReadOutcome {
        requests_total: requests.len(),
        resolved,
        requests,
        readings,
        reused_from,
        request_counts: RequestCounts::default(),
        access: None,
        caller: snapshot.caller.clone(),
        interrupted: None,
    })
}

/// Connects to AWS. A run that is cut short before that gets the reason why its targets are unread.
pub(super) async fn connect(
    context: &RunContext,
    endpoint: AccessOptions,
    deadline: Deadline,
) -> Result<Result<AwsSession, Unread>, CliError> {
    let cut_short = |reason, why: &str| Ok(Err(Unread::local(reason, why)));
    tokio::select! {
        biased;
        () = context.shutdown.cancelled() => {
            cut_short(UnreadReason::Interrupted, "the run was interrupted before it reached AWS")
        }
        access = AwsSession::connect(endpoint) => Ok(Ok(access?)),
        () = tokio::time::sleep(deadline.remaining()) => {
            cut_short(UnreadReason::Deadline, "the deadline passed before the run reached AWS")
        }
    }
}

/// Lists the accounts of the organization in the remaining time.
pub(super) async fn list_organization(
    context: &RunContext,
    config: &LoadedConfig,
    access: &AwsSession,
    deadline: Deadline,
) -> Result<Organization, CliError> {
    let bar = context.listing_bar();
    let progress = |count: usize| bar.set_position(count as u64);
    let listing = tokio::select! {
        biased;
        () = context.shutdown.cancelled() => None,
        listing = list(access, config.policies.needs().into(), &progress) => Some(listing?),
        () = tokio::time::sleep(deadline.remaining()) => None,
    };
    bar.finish_and_clear();
    listing
        .map(|listing| listing.organization)
        .ok_or_else(|| unknown_accounts_error(config, context.shutdown.received()))
}

/// Reads the requests that no saved reading answers.
async fn collect_open(reading: &ReadRun<'_>, options: &ReadOptions<'_>) -> Result<Collected, CliError> {
    let ReadRun { context, config, access, requests, deadline, .. } = *reading;
    let through = tokio::select! {
        biased;
        () = context.shutdown.cancelled() => None,
        through = options.reader.administrator_reader(reading) => through?,
    };
    let limits = CollectLimits {
        concurrency: config.settings.concurrency,
        deadline: Some(deadline.remaining()),
        keeps_open: options.keep_credentials,
    };
    let bar = context.reading_bar(requests.len());
    let progress = |finished: usize| bar.set_position(finished as u64);
    let stop = context.shutdown.cancelled();
    let collector = Collector::new(access, requests, &config.table, limits, &progress);
    let collected = match through {
        None => collector.collect(stop).await,
        Some(through) => collector.collect_through_administrator(through, stop).await,
    };
    bar.finish_and_clear();
    note_list_failures(context, &collected, through);
    Ok(collected)
}

/// Requests for the declared targets.
fn declared_requests(resolved: &ResolvedPolicies) -> Vec<ReadRequest> {
    resolved.desired.targets().iter().map(ReadRequest::for_target).collect()
}

/// Requests for every Macie session of the inventory, for the declared targets, and for every setting of some resources.
fn all_requests(config: &LoadedConfig, resolved: &ResolvedPolicies) -> Vec<ReadRequest> {
    let sessions = targets_of(config, resolved, Resource::MacieSession).map(|target| ReadRequest {
        target,
        region_named: false,
        member_list_suffices: false,
        declared: None,
    });
    let declared =
        declared_requests(resolved).into_iter().map(|request| ReadRequest { member_list_suffices: false, ..request });
    let mut by_target: BTreeMap<Target, ReadRequest> =
        sessions.chain(declared).map(|request| (request.target.clone(), request)).collect();
    let everything = Arc::new(DesiredSettings { reads_everything: true, ..DesiredSettings::default() });
    for target in config.in_full.iter().flat_map(|resource| targets_of(config, resolved, *resource)) {
        let request = by_target.entry(target.clone()).or_insert_with(|| ReadRequest {
            target,
            region_named: false,
            member_list_suffices: false,
            declared: None,
        });
        request.declared = Some(Arc::clone(&everything));
    }
    by_target.into_values().collect()
}

/// The targets of a resource in every account and Region of the inventory.
fn targets_of(
    config: &LoadedConfig,
    ResolvedPolicies { inventory, .. }: &ResolvedPolicies,
    resource: Resource,
) -> impl Iterator<Item = Target> {
    let is_here =
        move |region: &&Region| config.table.hosts(resource, region) && !inventory.is_by_name_only(resource, region);
    let regions = move || inventory.regions().iter().filter(is_here);
    let accounts = inventory.accounts().iter();
    accounts.flat_map(move |account| regions().map(move |region| Target::new(resource, account.id, region.clone())))
}

/// Requests without a saved reading.
fn open_requests<'a>(requests: &'a [ReadRequest], saved: Option<&[Option<Reading>]>) -> Cow<'a, [ReadRequest]> {
    let Some(saved) = saved else { return Cow::Borrowed(requests) };
    let open = requests.iter().zip(saved).filter(|(_, saved)| saved.is_none());
    open.map(|(request, _)| request.clone()).collect()
}

/// Saved readings, with the gaps filled by the read ones, in order.
fn merge_saved(saved: Option<Vec<Option<Reading>>>, read: Vec<Reading>) -> Vec<Reading> {
    let Some(saved) = saved else { return read };
    let mut read = read.into_iter();
    saved.into_iter().map(|saved| saved.or_else(|| read.next()).unwrap_or_else(Reading::missing)).collect()
}

/// Resolves the policies, prints the warnings, and requires a target: "in sync" must never be said about nothing.
fn resolve_targets(
    context: &RunContext,
    config: &mut LoadedConfig,
    caller: AccountId,
    scope: RunScope<'_>,
) -> Result<ResolvedPolicies, CliError> {
    let mut resolved = config.resolve(caller)?;
    config.print_warnings(&resolved, context);
    config.print_stand_in(context);
    if resolved.desired.targets().is_empty() {
        return Err(CliError::NoTarget);
    }
    find_places(scope.only, &resolved.desired, &resolved.inventory)?;
    if let Some(selection) = scope.selection {
        resolved.desired = select(resolved.desired, selection, &resolved.inventory)?;
    }
    // A shard may be empty.
    if let Some(shard) = scope.shard {
        resolved.desired = resolved.desired.for_shard(shard);
    }
    Ok(resolved)
}

/// Error when the account list is unknown, so no report can be produced.
fn unknown_accounts_error(config: &LoadedConfig, interrupted: Option<ExitStatus>) -> CliError {
    let is_organization = config.settings.accounts == AccountsSource::Organization;
    match (interrupted, is_organization) {
        (Some(exit), true) => CliError::InterruptedListing(exit),
        (Some(exit), false) => CliError::InterruptedEarly(exit),
        (None, true) => CliError::DeadlineListing,
        (None, false) => CliError::DeadlineEarly,
    }
}
