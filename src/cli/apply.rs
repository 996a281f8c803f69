//! `driftline apply`: carry a plan out, guarded.

use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::Common;
use super::build_plan::{PlanRequest, build_plan};
use super::collision::ReservedPath;
use super::deadline::DeadlineArgument;
use super::endpoint::{Endpoint, EndpointArgs};
use super::error::CliError;
use super::execute_plan::{ExecuteArgs, ExecutionRequest, execute_plan};
use super::exit::ExitStatus;
use super::policy_context::PolicyContextArgs;
use super::previous_run::{tell_no_locks, tell_no_shared_lock};
use super::reports::validate_destinations;
use super::runtime::runtime;
use super::workspace::{LoadedConfig, Workspace};
use crate::apply::{CurrentPolicies, Hold, Journal, hold_fingerprint, hold_plan, load_journal};
use crate::files::{self, Lock, PathError, ReadError};
use crate::model::Clock;
use crate::plan::{Plan, PlanError, PlanSource, SavedPlan};

/// Carry out a saved plan, or plan and carry out in one go; guarded, with a journal
///
/// Prints the whole plan first. Every step reads its target again, writes only what differs, and reads until the change shows.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline plan policies --out plan.json && driftline apply plan.json --auto-approve\n  \
    driftline apply policies                             plan, ask at the terminal, apply\n  \
    driftline apply plan.json --allow pause --dry-run    everything but writing\n  \
    driftline apply --resume driftline-apply-20270331T060000Z.jsonl --auto-approve")]
pub(super) struct ApplyArguments {
    /// A saved plan, with the policies to compare it with behind it; or policy files and folders; without any, the policies that
    /// driftline.toml lists
    #[arg(value_name = "PLAN|POLICY")]
    paths: Vec<PathBuf>,
    /// Go on with an apply that was cut short, from its journal
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["paths", "journal", "as_of", "inventory"])]
    resume: Option<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    #[command(flatten)]
    carry: ExecuteArgs,
    #[command(flatten)]
    deadline: DeadlineArgument,
    #[command(flatten)]
    which: EndpointArgs,
}

pub(super) fn run(common: &Common, arguments: &ApplyArguments) -> Result<ExitStatus, CliError> {
    let started_at = Clock::System.now();
    let wanted = validate_destinations(arguments.carry.reports.clone())?;
    let ground = Workspace::find(common.config.as_deref(), &arguments.given)?;
    if let Some(journal) = &arguments.resume {
        let (history, _) = load_journal(journal)?;
        let plan = Ready {
            altered: (!history.untouched).then(|| "the plan in the journal is not as it was made".to_owned()),
            plan: history.plan,
        };
        if !arguments.carry.dry_run {
            // Whoever writes this journal is told apart from who applies another copy of its plan.
            drop(Journal::hold(journal)?);
        }
        let _held = held_by_fingerprint(common, arguments, &plan.plan, journal)?;
        return saved(common, arguments, &wanted, ground, plan, Some((journal.clone(), history.steps)), started_at);
    }
    let journal = arguments.carry.journal_path("apply", started_at)?;
    match arguments.paths.first().map(|path| plan_of(path)).transpose()?.flatten() {
        Some(plan) => {
            // Until the end of this run: a plan that is applied twice at once would be carried out twice.
            let _held = held(common, arguments, &plan.plan)?;
            saved(common, arguments, &wanted, ground, plan, None, started_at)
        }
        None => anew(common, arguments, &wanted, ground, &journal, started_at),
    }
}

/// A plan that has been made before.
struct Ready {
    plan: Plan,
    altered: Option<String>,
}

/// The saved plan, held; a dry run changes nothing and holds nothing.
fn held(common: &Common, arguments: &ApplyArguments, plan: &Plan) -> Result<Option<(Hold, Option<Lock>)>, CliError> {
    let Some(path) = arguments.paths.first().filter(|_| !arguments.carry.dry_run) else { return Ok(None) };
    let held = hold_plan(path)?;
    if !held.is_held() {
        tell_no_locks(path, common);
    }
    Ok(Some((held, held_by_fingerprint(common, arguments, plan, path)?)))
}

/// The plan, held under its fingerprint: a copy of its file is the same plan.
fn held_by_fingerprint(
    common: &Common,
    arguments: &ApplyArguments,
    plan: &Plan,
    path: &Path,
) -> Result<Option<Lock>, CliError> {
    if arguments.carry.dry_run {
        return Ok(None);
    }
    let held = hold_fingerprint(plan, path)?;
    if held.is_none() {
        tell_no_shared_lock(common);
    }
    Ok(held)
}

/// The plan of a file, if it claims to be one of driftline's documents.
fn plan_of(path: &Path) -> Result<Option<Ready>, CliError> {
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    if !is_json || !path.is_file() {
        return Ok(None);
    }
    let text = match files::read_text(path, files::SAVED_MOST) {
        Ok(text) => text,
        // Larger than any policy, too.
        Err(cause @ (ReadError::TooLarge(_) | ReadError::Path(PathError::PlantedLink { .. }))) => {
            return Err(CliError::Unreadable { file: path.display().to_string(), cause });
        }
        // As a policy, it is told where in it.
        Err(_) => return Ok(None),
    };
    if !SavedPlan::is_claimed(&text) {
        return Ok(None);
    }
    match SavedPlan::parse(&text) {
        Ok(SavedPlan { plan, untouched }) => {
            let altered = (!untouched).then(|| "its fingerprint does not fit what it holds".to_owned());
            Ok(Some(Ready { plan, altered }))
        }
        Err(PlanError::Altered(what)) => Err(CliError::AlteredPlan { path: path.display().to_string(), what }),
        Err(error) => Err(CliError::NoPlan { path: path.display().to_string(), cause: error.to_string() }),
    }
}

/// Carries out a plan that has been made before.
fn saved(
    common: &Common,
    arguments: &ApplyArguments,
    wanted: &[crate::report::ReportRequest],
    ground: Workspace,
    ready: Ready,
    earlier: Option<(PathBuf, std::collections::BTreeMap<u32, crate::apply::StepHistory>)>,
    started_at: jiff::Timestamp,
) -> Result<ExitStatus, CliError> {
    let named = arguments.paths.get(1..).unwrap_or_default();
    let policies = match &ready.plan.facts.basis {
        PlanSource::Policies { paths, .. } if named.is_empty() => {
            ground.policies_now(&paths.iter().map(PathBuf::from).collect::<Vec<_>>(), wanted)?
        }
        PlanSource::Policies { .. } => ground.policies_now(named, wanted)?,
        PlanSource::Journal { .. } => CurrentPolicies::Unknown("the plan leads back to a journal".to_owned()),
    };
    // Its mistakes are told; of policies there need be none.
    let inputs = ground.load_found(&[])?;
    let way = arguments.which.resolve(&inputs)?;
    let journal = match &earlier {
        Some((path, _)) => path.clone(),
        None => arguments.carry.journal_path("apply", started_at)?,
    };
    let plan = arguments.paths.first().filter(|_| earlier.is_none());
    let kept = [ReservedPath::journal(&journal)].into_iter().chain(plan.map(|plan| ReservedPath::input(plan)));
    inputs.keep(wanted, &kept.chain(arguments.which.kept()).collect::<Vec<_>>())?;
    let errand = ExecutionRequest {
        command: "apply",
        started_at,
        plan: ready.plan,
        altered: ready.altered,
        policies,
        source: way.source,
        options: way.write_options(inputs.settings.aws.apply_role.as_ref()),
        deadline: arguments.deadline.or_of(&inputs.settings),
        earlier,
    };
    runtime(common)?.block_on(Box::pin(execute_plan(
        common,
        &arguments.carry,
        wanted,
        &inputs.settings,
        &journal,
        errand,
    )))
}

/// Plans, and carries that out.
fn anew(
    common: &Common,
    arguments: &ApplyArguments,
    wanted: &[crate::report::ReportRequest],
    ground: Workspace,
    journal: &Path,
    started_at: jiff::Timestamp,
) -> Result<ExitStatus, CliError> {
    let paths = ground.paths(&arguments.paths)?;
    let inputs: LoadedConfig = ground.load(&paths)?;
    inputs.keep(
        wanted,
        &arguments.which.kept().into_iter().chain([ReservedPath::journal(journal)]).collect::<Vec<_>>(),
    )?;
    let way: Endpoint = arguments.which.resolve(&inputs)?;
    let occasion = PlanRequest {
        source: way.source,
        paths,
        as_of: arguments.given.as_of,
        deadline: arguments.deadline.or_of(&inputs.settings),
    };
    let runtime = runtime(common)?;
    let (inputs, planned) = runtime.first(Box::pin(build_plan(common, inputs, way.options.clone(), &occasion)))?;
    if let Some(exit) = planned.interrupted {
        return Err(CliError::InterruptedPlanning(exit));
    }
    let errand = ExecutionRequest {
        command: "apply",
        started_at,
        plan: planned.plan,
        altered: None,
        policies: CurrentPolicies::Digest(inputs.policies.digest.clone()),
        source: way.source,
        options: way.write_options(inputs.settings.aws.apply_role.as_ref()),
        deadline: arguments.deadline.or_of(&inputs.settings),
        earlier: None,
    };
    runtime.block_on(Box::pin(execute_plan(common, &arguments.carry, wanted, &inputs.settings, journal, errand)))
}
