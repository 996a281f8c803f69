//! From policies to a plan: what `plan` does, and `apply` without a saved plan.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::endpoint::{Deadline, Endpoint};
use super::error::CliError;
use super::exit::ExitStatus;
use super::read_targets::{ReadOptions, read_targets};
use super::run_context::RunContext;
use super::selection::{NamedPlace, RunScope, find_places, run_selection};
use super::workspace::LoadedConfig;
use crate::aws::AwsSession;
use crate::collect::{AdministratorHint, CollectLimits, inspect_memberships};
use crate::config::Settings;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Sources};
use crate::document::display_path;
use crate::drift::{Comparison, TargetFinding};
use crate::model::{AccountId, Clock, Environment, Inventory, Origin, Region, TargetSelection};
use crate::plan::{CallerIdentity, Plan, PlanMetadata, PlanScope, PlanSource, Unmatched, plan, status_transitions};
use crate::report::{Report, RunFacts};

/// A plan, and the readings behind it.
pub(super) struct PlanOutcome {
    pub(super) plan: Plan,
    pub(super) report: Report,
    /// Exit status of the signal that cut the run short.
    pub(super) interrupted: Option<ExitStatus>,
}

/// Input of a plan, apart from the policies.
pub(super) struct PlanRequest {
    /// Paths of the policies.
    pub(super) paths: Vec<PathBuf>,
    /// The day by which waivers expire, if it is not that of the run.
    pub(super) as_of: Option<Date>,
    /// Time limit for reading.
    pub(super) limit: Duration,
    /// The selected targets; every declared one without it.
    pub(super) selection: Option<TargetSelection>,
    /// The accounts and Regions to keep of the plan; all without any.
    pub(super) only: Vec<NamedPlace>,
    /// Configured policy files that the paths leave out.
    pub(super) partial_policies: Vec<String>,
}

/// Drift to plan for, and what is needed for it.
pub(super) struct PlanBasis<'a> {
    pub(super) comparison: &'a Comparison,
    pub(super) accounts: &'a Inventory,
    pub(super) access: &'a AwsSession,
    pub(super) deadline: Deadline,
}

/// Reads, compares and plans.
pub(super) async fn build_plan(
    context: &RunContext,
    config: &mut LoadedConfig,
    endpoint: &Endpoint,
    request: &PlanRequest,
) -> Result<PlanOutcome, CliError> {
    let started_at = Clock::System.now();
    let scope = RunScope { selection: request.selection.as_ref(), only: &request.only, shard: None };
    let options = ReadOptions { keep_credentials: true, scope, ..ReadOptions::with_deadline(request.limit) };
    let deadline = options.deadline;
    let read = Box::pin(read_targets(context, config, endpoint.options.clone(), options)).await?;
    let places = find_places(&request.only, &read.resolved.desired, &read.resolved.inventory)?;
    let comparison = Comparison::new(read.resolved.desired, read.readings, config.today);
    let Some((access, caller)) = read.access.zip(read.caller) else {
        return Err(read.interrupted.map_or(CliError::DeadlineEarly, CliError::InterruptedEarly));
    };
    let accounts = read.resolved.inventory;
    let source = PlanSource::Policies {
        digest: config.policies.digest.clone(),
        files: config.policies.files.clone(),
        paths: request.paths.iter().map(|path| shown_from_here(path)).collect(),
    };
    let facts = PlanMetadata {
        scope: request.selection.clone().map_or(PlanScope::Whole, PlanScope::Selection),
        as_of: request.as_of,
        settings_file: config.settings_file(),
        partial_policies: request.partial_policies.clone(),
        unmatched: unmatched(&read.resolved.warnings, config.sources()),
        ..metadata(endpoint.environment, &access, source)
    };
    let basis = PlanBasis { comparison: &comparison, accounts: &accounts, access: &access, deadline };
    let plan = plan_comparison(context, &config.settings, facts, basis).await;
    let plan = if places.is_empty() { plan } else { keep_places(plan, &comparison, places) };
    context.warn_of_unnamed_administrator(&plan);
    let interrupted = context.shutdown.received();
    let report = Report {
        run: RunFacts {
            command: "plan".into(),
            started_at,
            finished_at: Clock::System.now(),
            source: endpoint.environment,
            policy_digest: config.policies.digest.clone(),
            policy_files: config.policies.files.clone(),
            settings_file: config.settings_file(),
            as_of: request.as_of,
            selection: run_selection(request.selection.as_ref(), comparison.desired()),
            shard: None,
            carried: None,
            snapshot: None,
            management_account: accounts.management_account(),
            caller: Some(caller),
        },
        comparison,
        accounts,
        requests: access.requests(),
        base: None,
    };
    Ok(PlanOutcome { plan, report, interrupted })
}

/// The part of a plan for the places of `--only`.
fn keep_places(plan: Plan, comparison: &Comparison, places: Vec<(AccountId, Region)>) -> Plan {
    let is_kept = |finding: &TargetFinding<'_>| {
        places.iter().any(|place| (place.0, &place.1) == (finding.desired.account, &finding.desired.region))
    };
    let declared = comparison.targets().filter(is_kept).count();
    plan.only(places, declared)
}

/// Metadata of a plan that is made now.
pub(super) fn metadata(environment: Environment, access: &AwsSession, source: PlanSource) -> PlanMetadata {
    let caller = access.caller();
    PlanMetadata {
        created_at: truncate_to_seconds(Clock::System.now()),
        source: environment,
        maker: CallerIdentity { account: caller.account, arn: caller.arn.to_string() },
        basis: source,
        scope: PlanScope::Whole,
        as_of: None,
        settings_file: None,
        base: None,
        partial_policies: Vec::new(),
        unmatched: Vec::new(),
        unnamed_administrator: None,
    }
}

/// Items of the policies that select no declared target.
fn unmatched(warnings: &Diagnostics, sources: &Sources) -> Vec<Unmatched> {
    let item = |found: &Diagnostic| {
        let Place { file, line, column } = found.place(sources)?;
        let origin = Origin { file, line, column, declaration: None };
        Some(Unmatched { message: found.message.clone(), origin, remediation: found.help.clone().unwrap_or_default() })
    };
    let of_kind = |found: &&Diagnostic| found.code == Code::MatchesNothing && !found.selects_target;
    warnings.sorted(sources).into_iter().filter(of_kind).filter_map(item).collect()
}

/// Plans the removal of drift, after reading the memberships that the plan depends on.
pub(super) async fn plan_comparison(
    context: &RunContext,
    settings: &Settings,
    facts: PlanMetadata,
    basis: PlanBasis<'_>,
) -> Plan {
    let PlanBasis { comparison, accounts, access, deadline } = basis;
    let hint = AdministratorHint {
        administrator: settings.aws.administrator_account,
        accounts,
        desired: comparison.desired(),
    };
    let transitions = status_transitions(comparison);
    let stop = context.shutdown.cancelled();
    let limits =
        CollectLimits { concurrency: settings.concurrency, deadline: Some(deadline.remaining()), keeps_open: true };
    let memberships = inspect_memberships(access, &transitions, hint, &limits, stop).await;
    plan(facts, comparison, &memberships, accounts)
}

/// Displayed path, which leads to the file from the working directory.
fn shown_from_here(path: &Path) -> String {
    std::env::current_dir().map_or_else(|_| path.display().to_string(), |here| display_path(path, &here))
}

/// Drops the fraction, so that the time is not in the future.
fn truncate_to_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
