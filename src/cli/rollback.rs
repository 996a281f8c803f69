//! `driftline rollback`: return to the state before an apply.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::build_plan::{PlanBasis, metadata, plan_comparison};
use super::endpoint::{Deadline, DeadlineArgs, Endpoint, EndpointArgs, connect_within};
use super::error::CliError;
use super::execute_plan::{ExecuteArgs, Execution};
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::plan::plan_exit;
use super::reserved_paths::ReservedPath;
use super::run_context::RunContext;
use super::workspace::{LoadedConfig, PolicyContextArgs, Workspace};
use super::write_reports::{validate_destinations, write_each};
use crate::apply::{CurrentPolicies, History, Journal, RollbackGoal, load_journal, rollback_goal};
use crate::aws::AwsSession;
use crate::collect::{CollectLimits, Collector, ReadRequest};
use crate::document::display_path;
use crate::drift::Comparison;
use crate::model::{Clock, DesiredState, DesiredTarget, Inventory, Target};
use crate::plan::{BlockedChange, DesiredChange, Plan, PlanDocument, PlanMetadata, PlanSource};
use crate::report::{Format, ReportRequest, write_plan_text};
use crate::resource::{BlockReason, Change, Reading, SessionState};

/// Restore the state before an apply; with the same guards
///
/// Targets that someone else has changed since are left alone. What a pause or a disable has deleted does not come back; the
/// plan says so.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline rollback driftline-apply-20270331T060000Z.jsonl\n  \
    driftline rollback driftline-apply-20270331T060000Z.jsonl --out back.json\n  \
    driftline apply back.json                            after a review")]
pub(super) struct RollbackArgs {
    /// Journal of the apply
    #[arg(value_name = "JOURNAL")]
    apply_journal: PathBuf,
    /// Only save the rollback plan to this file, for `driftline apply`, and change nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "auto_approve", "journal"], help_heading = OUTPUT)]
    out: Option<PathBuf>,
    #[command(flatten, next_help_heading = "What to restore")]
    endpoint: EndpointArgs,
    #[command(flatten)]
    execution: ExecuteArgs,
    #[command(flatten)]
    deadline: DeadlineArgs,
}

pub(super) fn run(context: &RunContext, args: &RollbackArgs) -> Result<ExitStatus, CliError> {
    let started_at = Clock::System.now();
    let saved_plan = args.out.as_deref().map(ReportRequest::json_to);
    let reports = validate_destinations(args.execution.reports.iter().cloned().chain(saved_plan).collect())?;
    // The lock lasts until the end of this run: an apply that still runs cannot be rolled back, nor can one by two runs at once.
    let only_plans = args.out.is_some() || args.execution.dry_run;
    let lock = if only_plans { Journal::hold(&args.apply_journal)? } else { Journal::hold_alone(&args.apply_journal)? };
    if !lock.is_held() {
        context.note_no_locks(&args.apply_journal);
    }
    let (history, _) = load_journal(&args.apply_journal)?;
    let workspace = Workspace::find(context.config()?, &PolicyContextArgs::default())?;
    let file = display_path(&workspace.here.join(&args.apply_journal), &workspace.here);
    let config = workspace.load_found(&[])?;
    let reserved = args.endpoint.reserved().into_iter().chain([ReservedPath::input(&args.apply_journal)]);
    config.ensure_not_overwritten(&reports, reserved)?;
    let endpoint = args.endpoint.resolve(&config.settings)?;
    let limit = args.deadline.limit(&config.settings)?;
    let job = RollbackJob { context, config: &config, endpoint: &endpoint, history: &history, file, limit };
    let runtime = context.runtime()?;
    if args.out.is_some() {
        let plan = runtime.block_on(Box::pin(job.read_and_plan()))?;
        let document = PlanDocument::from_plan(&plan).to_bytes();
        write_each(&reports, &[Format::Json], &|format, stream, out| match format {
            Format::Json => out.write_all(&document),
            _ => write_plan_text(&plan, context.text_options(stream), out),
        })?;
        return Ok(plan_exit(&plan));
    }
    let journal = args.execution.journal_path("rollback", started_at)?;
    config.ensure_not_overwritten(&reports, [ReservedPath::journal(&journal)])?;
    let plan = runtime.block_on_first(Box::pin(job.read_and_plan()))?;
    let execution = Execution {
        context,
        command: "rollback",
        started_at,
        args: &args.execution,
        reports: &reports,
        settings: &config.settings,
        plan,
        altered: (!history.untouched).then(|| "the plan in the journal was changed after it was made".to_owned()),
        policies: CurrentPolicies::Unknown("the plan comes from a journal".to_owned()),
        partial_policies: Vec::new(),
        environment: endpoint.environment,
        endpoint: endpoint.write_options(&config.settings),
        limit,
        journal,
        resumed: None,
    };
    runtime.block_on(Box::pin(execution.run()))
}

/// A run of `rollback`, up to its plan.
struct RollbackJob<'a> {
    context: &'a RunContext,
    config: &'a LoadedConfig,
    endpoint: &'a Endpoint,
    history: &'a History,
    /// The journal as displayed.
    file: String,
    limit: Duration,
}

impl RollbackJob<'_> {
    /// Reads the targets that the apply may have changed, and plans the return to their state before it.
    async fn read_and_plan(&self) -> Result<Plan, CliError> {
        let deadline = Deadline::after(self.limit);
        let shutdown = &self.context.shutdown;
        let access = tokio::select! {
            biased;
            () = shutdown.cancelled() => return Err(self.interrupted()),
            access = connect_within(self.limit, self.endpoint.options.clone()) => access?,
        };
        let goal = rollback_goal(self.history, &self.file);
        let readings = self.read(&access, &goal, deadline).await?;
        let targets = goal.desired.targets();
        let changed: Vec<(DesiredTarget, SessionState)> =
            goal.changed_since(&readings).map(|(target, live)| (target.clone(), live)).collect();
        let left_alone: BTreeSet<Target> = changed.iter().map(|(target, _)| target.target()).collect();
        let (ours, readings): (Vec<_>, Vec<_>) =
            targets.iter().cloned().zip(readings).filter(|(target, _)| !left_alone.contains(&target.target())).unzip();
        let comparison = Comparison::new(DesiredState::new(ours), readings, self.config.today);
        let accounts = Inventory::from_ids(targets.iter().map(|target| target.account), Vec::new());
        let source = PlanSource::Journal { file: self.file.clone() };
        let facts = PlanMetadata {
            settings_file: self.config.settings_file(),
            ..metadata(self.endpoint.environment, &access, source)
        };
        let basis = PlanBasis { comparison: &comparison, accounts: &accounts, access: &access, deadline };
        let mut plan = plan_comparison(self.context, &self.config.settings, facts, basis).await;
        if shutdown.received().is_some() {
            return Err(self.interrupted());
        }
        describe_return(&mut plan, &goal);
        plan.blocked.extend(changed.iter().flat_map(|(target, live)| blocked_changes(&goal, target, live)));
        Ok(plan)
    }

    async fn read(
        &self,
        access: &AwsSession,
        goal: &RollbackGoal,
        deadline: Deadline,
    ) -> Result<Vec<Reading>, CliError> {
        let request = |target: &DesiredTarget| ReadRequest { region_named: true, ..ReadRequest::for_target(target) };
        let requests: Vec<ReadRequest> = goal.desired.targets().iter().map(request).collect();
        let limits = CollectLimits {
            concurrency: self.config.settings.concurrency,
            deadline: Some(deadline.remaining()),
            keeps_open: true,
        };
        let bar = self.context.reading_bar(requests.len());
        let stop = self.context.shutdown.cancelled();
        let progress = |finished: usize| bar.set_position(finished as u64);
        let collector = Collector::new(access, &requests, &self.config.table, limits, &progress);
        let collected = collector.collect(stop).await;
        bar.finish_and_clear();
        match self.context.shutdown.received() {
            Some(_) => Err(self.interrupted()),
            None => Ok(collected.readings),
        }
    }

    fn interrupted(&self) -> CliError {
        CliError::InterruptedPlanning(self.context.shutdown.received().unwrap_or(ExitStatus::Interrupted))
    }
}

/// Adds to each step what does not return, and removes severities: no declaration asks for the state before the apply.
fn describe_return(plan: &mut Plan, goal: &RollbackGoal) {
    for step in &mut plan.steps {
        if let Some(lost) = goal.lost(&step.target) {
            step.consequence = format!("{} {lost}", step.consequence);
        }
    }
    plan.steps.iter_mut().flat_map(|step| &mut step.changes).for_each(|change| change.severity = None);
    plan.blocked.iter_mut().for_each(|item| item.change.severity = None);
    plan.declared = goal.desired.targets().len();
    plan.declared_total = plan.declared;
}

/// Blocked changes of a target that has changed since the apply.
fn blocked_changes(goal: &RollbackGoal, target: &DesiredTarget, live: &SessionState) -> Vec<BlockedChange> {
    let place = target.target();
    let left = goal.left(&place).map_or_else(String::new, |state| state.to_string());
    let blocked = |desired: &std::sync::Arc<crate::model::DesiredSetting>| {
        Some(BlockedChange {
            target: place.clone(),
            account_name: None,
            change: DesiredChange::from(Change {
                setting: desired.setting,
                before: live.get(desired.setting).cloned(),
                after: desired.decided.accepted.value_to_set()?,
                severity: None,
                origin: Some((*desired.decided.origin).clone()),
            }),
            block_reason: BlockReason::ChangedSince,
            reason: format!("the apply left it {left}, and it is {live} now: someone else has changed it since"),
            remediation: "declare the desired value in a policy, and plan that".to_owned(),
        })
    };
    target.declared.settings.iter().filter_map(blocked).collect()
}
