//! `driftline rollback`: back to what an apply had found.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::arguments::Common;
use super::build_plan::{plan_comparison, truncate_to_seconds};
use super::collision::ReservedPath;
use super::deadline::{DeadlineArgument, connect_within};
use super::endpoint::{Endpoint, EndpointArgs};
use super::error::CliError;
use super::execute_plan::{ExecuteArgs, ExecutionRequest, execute_plan};
use super::exit::ExitStatus;
use super::plan::exit_of;
use super::policy_context::PolicyContextArgs;
use super::previous_run::tell_no_locks;
use super::progress;
use super::reports::{text_options, validate_destinations, write_each};
use super::runtime::runtime;
use super::shutdown::ShutdownSignal;
use super::workspace::{LoadedConfig, Workspace};
use crate::apply::{CurrentPolicies, History, Journal, RollbackGoal, load_journal, rollback_goal};
use crate::collect::{CollectLimits, Collector, ReadRequest};
use crate::document::display_path;
use crate::drift::Comparison;
use crate::model::{Clock, DesiredState, DesiredTarget, Inventory, Target};
use crate::plan::{BlockedChange, CallerIdentity, Plan, PlanDocument, PlanMetadata, PlanSource};
use crate::report::{Format, ReportRequest, write_plan_text};
use crate::resource::{BlockReason, Change, SessionState};

/// Plan back to what an apply had found, and carry that out; guarded as an apply is
///
/// What somebody else has changed since is left alone. What a pause or a disable has lost does not come back; the plan says so.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline rollback driftline-apply-20270331T060000Z.jsonl\n  \
    driftline rollback driftline-apply-20270331T060000Z.jsonl --out back.json    then review it, and: driftline apply back.json")]
pub(super) struct RollbackArguments {
    /// The journal of the apply
    #[arg(value_name = "JOURNAL")]
    apply_journal: PathBuf,
    /// Only save the plan back to this file, for `driftline apply`, and change nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "auto_approve", "journal"])]
    out: Option<PathBuf>,
    #[command(flatten)]
    carry: ExecuteArgs,
    #[command(flatten)]
    deadline: DeadlineArgument,
    #[command(flatten)]
    which: EndpointArgs,
}

pub(super) fn run(common: &Common, arguments: &RollbackArguments) -> Result<ExitStatus, CliError> {
    let started_at = Clock::System.now();
    let mut wanted = arguments.carry.reports.clone();
    let saved = arguments.out.as_deref().map(ReportRequest::json_to);
    wanted.extend(saved);
    let wanted = validate_destinations(wanted)?;
    // Until the end of this run: what an apply is still doing cannot be led back, nor by two at once.
    let only_plans = arguments.out.is_some() || arguments.carry.dry_run;
    let held = if only_plans {
        Journal::hold(&arguments.apply_journal)?
    } else {
        Journal::hold_alone(&arguments.apply_journal)?
    };
    if !held.is_held() {
        tell_no_locks(&arguments.apply_journal, common);
    }
    let (history, _) = load_journal(&arguments.apply_journal)?;
    let ground = Workspace::find(common.config.as_deref(), &PolicyContextArgs::default())?;
    let shown = display_path(&ground.here.join(&arguments.apply_journal), &ground.here);
    let inputs = ground.load_found(&[])?;
    let kept: Vec<ReservedPath> =
        arguments.which.kept().into_iter().chain([ReservedPath::input(&arguments.apply_journal)]).collect();
    inputs.keep(&wanted, &kept)?;
    let way: Endpoint = arguments.which.resolve(&inputs)?;
    let deadline = arguments.deadline.or_of(&inputs.settings);
    let runtime = runtime(common)?;
    if arguments.out.is_some() {
        let plan = runtime.block_on(Box::pin(back(common, &inputs, &way, &history, &shown, deadline)))?;
        let document = PlanDocument::from_plan(&plan).to_bytes();
        write_each(&wanted, &[Format::Json], &|format, stream, out| match format {
            Format::Json => out.write_all(&document),
            _ => write_plan_text(&plan, text_options(stream, common), out),
        })?;
        return Ok(exit_of(&plan));
    }
    let journal = arguments.carry.journal_path("rollback", started_at)?;
    inputs.keep(&wanted, &[ReservedPath::journal(&journal)])?;
    let plan = runtime.first(Box::pin(back(common, &inputs, &way, &history, &shown, deadline)))?;
    let errand = ExecutionRequest {
        command: "rollback",
        started_at,
        plan,
        altered: (!history.untouched).then(|| "the plan in the journal is not as it was made".to_owned()),
        policies: CurrentPolicies::Unknown("the plan leads back to a journal".to_owned()),
        source: way.source,
        options: way.write_options(inputs.settings.aws.apply_role.as_ref()),
        deadline,
        earlier: None,
    };
    runtime.block_on(Box::pin(execute_plan(common, &arguments.carry, &wanted, &inputs.settings, &journal, errand)))
}

/// Reads the targets that the apply may have changed, and plans back to what it had found.
async fn back(
    common: &Common,
    inputs: &LoadedConfig,
    way: &Endpoint,
    history: &History,
    journal: &str,
    deadline: Duration,
) -> Result<Plan, CliError> {
    let began = Instant::now();
    let shutdown = &common.shutdown;
    let access = tokio::select! {
        biased;
        () = shutdown.cancelled() => return Err(interrupted(shutdown)),
        access = connect_within(deadline, way.options.clone()) => access?,
    };
    let back = rollback_goal(history, journal);
    let targets = back.desired.targets();
    let left = || deadline.saturating_sub(began.elapsed());
    let question = |target: &DesiredTarget| ReadRequest { region_named: true, ..ReadRequest::for_target(target) };
    let questions: Vec<ReadRequest> = targets.iter().map(question).collect();
    let limits = CollectLimits { concurrency: inputs.settings.concurrency, deadline: Some(left()), keeps_open: true };
    let bar = progress::bar(questions.len(), common);
    let stop = shutdown.cancelled();
    let counted = |finished: usize| bar.set_position(finished as u64);
    let gathering = Collector::new(&access, &questions, &inputs.table, limits, &counted).collect(stop).await;
    bar.finish_and_clear();
    if shutdown.received().is_some() {
        return Err(interrupted(shutdown));
    }
    let changed: Vec<(DesiredTarget, SessionState)> =
        back.changed_since(&gathering.readings).map(|(target, live)| (target.clone(), live)).collect();
    let theirs: BTreeSet<Target> = changed.iter().map(|(target, _)| target.target()).collect();
    let is_left_alone = |target: &DesiredTarget| theirs.contains(&target.target());
    let (ours, readings): (Vec<_>, Vec<_>) =
        targets.iter().cloned().zip(gathering.readings.clone()).filter(|(target, _)| !is_left_alone(target)).unzip();
    let comparison = Comparison::new(DesiredState::new(ours), readings, inputs.today);
    let accounts = Inventory::from_ids(targets.iter().map(|target| target.account), Vec::new());
    let caller = access.caller();
    let facts = PlanMetadata {
        created_at: truncate_to_seconds(Clock::System.now()),
        source: way.source,
        maker: CallerIdentity { account: caller.account, arn: caller.arn.to_string() },
        basis: PlanSource::Journal { file: journal.to_owned() },
        as_of: None,
        settings_file: inputs.settings_file(),
        base: None,
    };
    let (mut plan, cut_short) = plan_comparison(common, facts, &comparison, inputs, &accounts, &access, left()).await;
    if cut_short.is_some() {
        return Err(interrupted(shutdown));
    }
    for step in &mut plan.steps {
        if let Some(lost) = back.lost(&step.target) {
            step.consequence = format!("{} {lost}", step.consequence);
        }
    }
    // Declarations say how much a drift matters, and no declaration asks for what was found.
    let planned = plan.steps.iter_mut().flat_map(|step| &mut step.changes);
    for change in planned.chain(plan.blocked.iter_mut().map(|item| &mut item.change)) {
        change.severity = None;
    }
    plan.declared = targets.len();
    plan.blocked.extend(changed.iter().flat_map(|(target, live)| left_alone(&back, target, live)));
    Ok(plan)
}

fn interrupted(shutdown: &ShutdownSignal) -> CliError {
    CliError::InterruptedPlanning(shutdown.received().unwrap_or(ExitStatus::Interrupted))
}

/// What somebody else has changed since is theirs.
fn left_alone(back: &RollbackGoal, target: &DesiredTarget, live: &SessionState) -> Vec<BlockedChange> {
    let place = target.target();
    let left = back.left(&place).map_or_else(String::new, |state| state.to_string());
    let one = |wish: &crate::model::DesiredSetting| {
        Some(BlockedChange {
            target: place.clone(),
            account_name: None,
            change: Change {
                setting: wish.setting,
                before: live.get(wish.setting).cloned(),
                after: wish.decided.accepted.value_to_set()?.clone(),
                severity: None,
                origin: Some((*wish.decided.origin).clone()),
            },
            block_reason: BlockReason::ChangedSince,
            reason: format!("the apply left it {left}, and it is {live} now: somebody else has changed it since"),
            remediation: "say in a policy what is wanted here, and plan that".to_owned(),
        })
    };
    target.wish.settings.iter().filter_map(one).collect()
}
