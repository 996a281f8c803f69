//! From policies to a plan: what `plan` does, and `apply` before it does anything else.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::read_options::ReadOptions;
use super::read_targets::read_targets;
use super::workspace::LoadedConfig;
use crate::aws::{AccessOptions, AwsSession};
use crate::collect::{AdministratorHint, CollectLimits, inspect_memberships};
use crate::document::display_path;
use crate::drift::Comparison;
use crate::model::{Clock, Environment, Inventory};
use crate::plan::{CallerIdentity, Plan, PlanMetadata, PlanSource, plan, status_transitions};
use crate::report::{Report, RunFacts};

/// A plan, and what it took.
pub(super) struct PlanOutcome {
    pub(super) plan: Plan,
    /// What the plan rests on.
    pub(super) report: Report,
    /// The exit code of the signal that cut the run short.
    pub(super) interrupted: Option<ExitStatus>,
}

/// What a plan is made for, beside policies.
pub(super) struct PlanRequest {
    /// Where the readings come from.
    pub(super) source: Environment,
    /// The paths of the policies.
    pub(super) paths: Vec<PathBuf>,
    /// The day by which waivers are judged, where it is not that of the run.
    pub(super) as_of: Option<Date>,
    /// What is not known by then is unread.
    pub(super) deadline: Duration,
}

/// Reads, compares, and plans.
pub(super) async fn build_plan(
    common: &Common,
    inputs: LoadedConfig,
    options: AccessOptions,
    occasion: &PlanRequest,
) -> Result<(LoadedConfig, PlanOutcome), CliError> {
    let began = Instant::now();
    let started_at = Clock::System.now();
    let (inputs, read) = Box::pin(read_targets(
        common,
        inputs,
        options,
        ReadOptions { keep_credentials: true, ..ReadOptions::with_deadline(occasion.deadline) },
    ))
    .await?;
    let comparison = Comparison::new(read.resolved.desired, read.readings, inputs.today);
    let Some((access, caller)) = read.access.zip(read.caller.clone()) else {
        return Err(read.interrupted.map_or(CliError::DeadlineEarly, CliError::InterruptedEarly));
    };
    let facts = PlanMetadata {
        created_at: truncate_to_seconds(Clock::System.now()),
        source: occasion.source,
        maker: CallerIdentity { account: caller.account, arn: caller.arn.into() },
        basis: PlanSource::Policies {
            digest: inputs.policies.digest.clone(),
            files: inputs.policies.files.clone(),
            paths: occasion.paths.iter().map(|path| shown_here(path)).collect(),
        },
        as_of: occasion.as_of,
        settings_file: inputs.settings_file(),
        base: None,
    };
    let left = occasion.deadline.saturating_sub(began.elapsed());
    let (plan, interrupted) =
        plan_comparison(common, facts, &comparison, &inputs, &read.resolved.inventory, &access, left).await;
    let report = Report {
        run: RunFacts {
            command: "plan",
            started_at,
            finished_at: Clock::System.now(),
            source: occasion.source,
            policy_digest: inputs.policies.digest.clone(),
            policy_files: inputs.policies.files.clone(),
            settings_file: inputs.settings_file(),
            as_of: occasion.as_of,
            shard: None,
            carried: None,
            snapshot: None,
            management_account: read.resolved.inventory.management_account(),
            caller: read.caller,
        },
        comparison,
        accounts: read.resolved.inventory,
        requests: access.requests(),
        base: None,
    };
    Ok((inputs, PlanOutcome { plan, report, interrupted }))
}

/// Plans what removes the drift of a comparison, after asking what must be known for that.
pub(super) async fn plan_comparison(
    common: &Common,
    facts: PlanMetadata,
    comparison: &Comparison,
    inputs: &LoadedConfig,
    accounts: &Inventory,
    access: &AwsSession,
    deadline: Duration,
) -> (Plan, Option<ExitStatus>) {
    let administration = AdministratorHint { administrator: inputs.settings.aws.administrator_account, accounts };
    let concerns = status_transitions(comparison);
    let stop = common.shutdown.cancelled();
    let limits = CollectLimits { concurrency: inputs.settings.concurrency, deadline: Some(deadline), keeps_open: true };
    let learnt = inspect_memberships(access, &concerns, administration, &limits, stop).await;
    (plan(facts, comparison, &learnt, accounts), common.shutdown.received())
}

/// A path as it is shown, and as it is found again from the same folder.
fn shown_here(path: &Path) -> String {
    std::env::current_dir().map_or_else(|_| path.display().to_string(), |here| display_path(path, &here))
}

/// The fraction is cut off, so that no time lies in the future.
pub(super) fn truncate_to_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}
