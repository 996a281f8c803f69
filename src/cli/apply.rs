//! `driftline apply`: apply a plan, guarded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::build_plan::{PlanRequest, build_plan};
use super::endpoint::{DeadlineArgs, Endpoint, EndpointArgs};
use super::error::CliError;
use super::execute_plan::{ExecuteArgs, Execution};
use super::exit::ExitStatus;
use super::reserved_paths::ReservedPath;
use super::run_context::RunContext;
use super::workspace::{LoadedConfig, PolicyContextArgs, Workspace};
use super::write_reports::validate_destinations;
use crate::apply::{CurrentPolicies, Hold, Journal, StepHistory, hold_fingerprint, hold_plan, load_journal};
use crate::files::{self, Lock, PathError, ReadError};
use crate::model::Clock;
use crate::plan::{Plan, PlanError, PlanSource, SavedPlan};
use crate::report::ReportRequest;

/// Heading of the options that select the plan.
const WHAT: &str = "What to apply";

/// Apply a saved plan, or plan and apply in one go; with guards and a journal
///
/// Prints the whole plan first. Each step re-reads its target, writes only what differs, and reads until the change is visible.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline plan policies --out plan.json\n  \
    driftline apply plan.json --auto-approve\n  \
    driftline apply policies                             plan, confirm, apply\n  \
    driftline apply plan.json --allow pause --dry-run    all except the writes\n  \
    driftline apply --resume driftline-apply-20270331T060000Z.jsonl --auto-approve")]
pub(super) struct ApplyArgs {
    /// A saved plan, and after it the policies to compare it with; or policy files and folders, by default those listed in
    /// driftline.toml
    #[arg(value_name = "PLAN|POLICY")]
    paths: Vec<PathBuf>,
    /// Continue an interrupted apply from its journal
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["paths", "journal", "as_of", "inventory"], help_heading = WHAT)]
    resume: Option<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    #[command(flatten, next_help_heading = WHAT)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    execution: ExecuteArgs,
    #[command(flatten)]
    deadline: DeadlineArgs,
}

pub(super) fn run(context: &RunContext, args: &ApplyArgs) -> Result<ExitStatus, CliError> {
    let started_at = Clock::System.now();
    let reports = validate_destinations(args.execution.reports.clone())?;
    let workspace = Workspace::find(context.config()?, &args.policy_context)?;
    let job = ApplyJob { context, args, started_at, reports };
    if let Some(journal) = &args.resume {
        return job.resume(workspace, journal);
    }
    let journal = args.execution.journal_path("apply", started_at)?;
    let path = args.paths.first();
    match path.map(|path| load_plan(path)).transpose()?.flatten().zip(path) {
        Some((plan, path)) => {
            // The lock lasts until the end of this run: two runs would apply the plan twice.
            let _lock = job.lock_plan(&plan.plan, path)?;
            job.execute_saved(workspace, plan, journal)
        }
        None => job.plan_and_execute(workspace, journal),
    }
}

/// Plan of a file, or of the journal to resume.
struct PlanFromFile {
    plan: Plan,
    /// What is altered in the plan.
    altered: Option<String>,
    /// Steps in the journal to resume.
    resumed: Option<BTreeMap<u32, StepHistory>>,
}

/// A run of `apply`.
struct ApplyJob<'a> {
    context: &'a RunContext,
    args: &'a ApplyArgs,
    started_at: Timestamp,
    reports: Vec<ReportRequest>,
}

impl ApplyJob<'_> {
    /// Executes the rest of the plan in a journal.
    fn resume(&self, workspace: Workspace, journal: &Path) -> Result<ExitStatus, CliError> {
        let (history, _) = load_journal(journal)?;
        if !self.args.execution.dry_run {
            // A run that writes this journal gets a clearer error than one that applies another copy of its plan.
            drop(Journal::hold(journal)?);
        }
        let _lock = self.lock_fingerprint(&history.plan, journal)?;
        let plan = PlanFromFile {
            altered: (!history.untouched).then(|| "the plan in the journal was changed after it was made".to_owned()),
            plan: history.plan,
            resumed: Some(history.steps),
        };
        self.execute_saved(workspace, plan, journal.to_owned())
    }

    /// Locks the file of a saved plan and its fingerprint. A dry run changes nothing and locks nothing.
    fn lock_plan(&self, plan: &Plan, path: &Path) -> Result<Option<(Hold, Option<Lock>)>, CliError> {
        if self.args.execution.dry_run {
            return Ok(None);
        }
        let lock = hold_plan(path)?;
        if !lock.is_held() {
            self.context.note_no_locks(path);
        }
        Ok(Some((lock, self.lock_fingerprint(plan, path)?)))
    }

    /// Locks the fingerprint of a plan: a copy of its file is the same plan.
    fn lock_fingerprint(&self, plan: &Plan, path: &Path) -> Result<Option<Lock>, CliError> {
        if self.args.execution.dry_run {
            return Ok(None);
        }
        let lock = hold_fingerprint(plan, path)?;
        if lock.is_none() {
            self.context.note(&format!(
                "no lock can be created in {}, so nothing prevents a copy of this plan from being applied at the same time",
                std::env::temp_dir().display()
            ));
        }
        Ok(lock)
    }

    /// Executes a plan that was made before.
    fn execute_saved(
        &self,
        workspace: Workspace,
        saved: PlanFromFile,
        journal: PathBuf,
    ) -> Result<ExitStatus, CliError> {
        let named = self.args.paths.get(1..).unwrap_or_default();
        let paths: Option<Vec<PathBuf>> = match &saved.plan.facts.basis {
            PlanSource::Policies { paths, .. } if named.is_empty() => Some(paths.iter().map(PathBuf::from).collect()),
            PlanSource::Policies { .. } => Some(named.to_owned()),
            PlanSource::Journal { .. } => None,
        };
        let (policies, left_out) = match &paths {
            Some(paths) => (workspace.current_policies(paths, &self.reports)?, workspace.left_out(paths)),
            None => (CurrentPolicies::Unknown("the plan comes from a journal".to_owned()), None),
        };
        // Where no policies are configured, only the plan knows what was left out.
        let partial_policies = left_out.unwrap_or_else(|| saved.plan.facts.partial_policies.clone());
        self.context.warn_of_partial_policies(&partial_policies);
        self.context.warn_of_unnamed_administrator(&saved.plan);
        // Reports errors in the settings. Policies are not needed.
        let config = workspace.load_found(&[])?;
        let endpoint = self.args.endpoint.resolve(&config.settings)?;
        let plan_file = self.args.paths.first().filter(|_| saved.resumed.is_none());
        let reserved =
            [ReservedPath::journal(&journal)].into_iter().chain(plan_file.map(|file| ReservedPath::input(file)));
        config.ensure_not_overwritten(&self.reports, reserved.chain(self.args.endpoint.reserved()))?;
        let execution = Execution {
            altered: saved.altered,
            policies,
            partial_policies,
            resumed: saved.resumed,
            ..self.execution(saved.plan, &config, &endpoint, journal)?
        };
        self.context.runtime()?.block_on(Box::pin(execution.run()))
    }

    /// Plans, and executes the plan.
    fn plan_and_execute(&self, workspace: Workspace, journal: PathBuf) -> Result<ExitStatus, CliError> {
        let Self { context, args, .. } = self;
        let paths = workspace.paths(&args.paths)?;
        let partial_policies = workspace.left_out(&paths).unwrap_or_default();
        context.warn_of_partial_policies(&partial_policies);
        let mut config = workspace.load(&paths)?;
        let reserved = args.endpoint.reserved().into_iter().chain([ReservedPath::journal(&journal)]);
        config.ensure_not_overwritten(&self.reports, reserved)?;
        let endpoint = args.endpoint.resolve(&config.settings)?;
        let limit = args.deadline.limit(&config.settings)?;
        let as_of = args.policy_context.as_of;
        let request = PlanRequest { paths, as_of, limit, selection: None, only: Vec::new(), partial_policies };
        let runtime = context.runtime()?;
        let planned = runtime.block_on_first(Box::pin(build_plan(context, &mut config, &endpoint, &request)))?;
        if let Some(exit) = planned.interrupted {
            return Err(CliError::InterruptedPlanning(exit));
        }
        let execution = self.execution(planned.plan, &config, &endpoint, journal)?;
        runtime.block_on(Box::pin(execution.run()))
    }

    /// Execution of a plan that was made of the loaded policies.
    fn execution<'b>(
        &'b self,
        plan: Plan,
        config: &'b LoadedConfig,
        endpoint: &Endpoint,
        journal: PathBuf,
    ) -> Result<Execution<'b>, CliError> {
        Ok(Execution {
            context: self.context,
            command: "apply",
            started_at: self.started_at,
            args: &self.args.execution,
            reports: &self.reports,
            settings: &config.settings,
            altered: None,
            partial_policies: plan.facts.partial_policies.clone(),
            plan,
            policies: CurrentPolicies::Digest(config.policies.digest.clone()),
            environment: endpoint.environment,
            endpoint: endpoint.write_options(&config.settings),
            limit: self.args.deadline.limit(&config.settings)?,
            journal,
            resumed: None,
        })
    }
}

/// Loads the plan of a file, if the file claims to be a document of driftline.
fn load_plan(path: &Path) -> Result<Option<PlanFromFile>, CliError> {
    let is_json = || path.extension().is_some_and(|extension| extension == "json");
    // No policy file is compressed.
    let is_gzip = path.is_file() && files::is_gzip(path);
    if !path.is_file() || !(is_gzip || is_json()) {
        return Ok(None);
    }
    let text = match files::read_saved_text(path, files::SAVED_MOST) {
        Ok(text) => text,
        // A policy may not be that large either.
        Err(cause @ (ReadError::TooLarge(_) | ReadError::Path(PathError::PlantedLink { .. }))) => {
            return Err(CliError::Unreadable { file: path.display().to_string(), cause });
        }
        Err(cause) if is_gzip => return Err(CliError::Unreadable { file: path.display().to_string(), cause }),
        // As a policy, the file gets an error with a place.
        Err(_) => return Ok(None),
    };
    if !SavedPlan::is_claimed(&text) {
        return Ok(None);
    }
    match SavedPlan::parse(&text) {
        Ok(SavedPlan { plan, untouched }) => {
            let altered = (!untouched).then(|| "its fingerprint does not match its content".to_owned());
            Ok(Some(PlanFromFile { plan, altered, resumed: None }))
        }
        Err(PlanError::Altered(what)) => Err(CliError::AlteredPlan { path: path.display().to_string(), what }),
        Err(cause) => Err(CliError::NoPlan { path: path.display().to_string(), cause }),
    }
}
