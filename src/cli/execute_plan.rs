//! Execution of a plan, shared by `apply` and `rollback`.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::endpoint::connect_within;
use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::{EXECUTION, GUARDS, OUTPUT};
use super::output::{Stream, stderr, stdout};
use super::run_context::RunContext;
use super::shutdown::{Phase, ShutdownSignal};
use super::write_reports::{parse_apply_report, write_each};
use crate::apply::{
    ApplyReport, Confirmation, CurrentPolicies, ExecuteOptions, Guard, GuardContext, Journal, JournalError,
    PlanExecutor, Refusal, StepHistory, StepOutcome, StepResult, check_guards,
};
use crate::aws::{AccessOptions, AwsSession};
use crate::config::Settings;
use crate::model::{Clock, Environment};
use crate::plan::{CallerIdentity, Plan, PlanDocument};
use crate::report::{
    Destination, Format, ReportRequest, pluralize, write_applied_json, write_applied_junit, write_applied_markdown,
    write_applied_text, write_plan_text,
};

/// Maximum of steps in flight: changes are few, and careful.
const CONCURRENCY: usize = 8;

/// Attempts to find a free journal name. Each failed attempt is a name that another run has taken meanwhile.
const MAX_NAMES: usize = 100;

/// What the commands that change AWS take.
#[derive(Debug, Clone, Args)]
pub(super) struct ExecuteArgs {
    /// Allow what a guard would refuse, by its name; repeatable
    #[arg(long, value_name = "WHAT", help_heading = GUARDS)]
    allow: Vec<Allowed>,
    /// Skip the confirmation: the plan has been reviewed
    #[arg(long, help_heading = GUARDS)]
    auto_approve: bool,
    /// End with exit code 8 if a target is unread that no waiver expects to be; the others are changed all the same
    #[arg(long, help_heading = GUARDS)]
    require_complete: bool,
    /// Maximum age of a saved plan
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = parse_max_age, help_heading = GUARDS)]
    max_age: Duration,
    /// Maximum number of changes; overrides driftline.toml
    #[arg(long, value_name = "NUMBER", help_heading = GUARDS)]
    max_changes: Option<u64>,
    /// Maximum share of the targets to change, in percent; overrides driftline.toml
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100), help_heading = GUARDS)]
    max_share: Option<u64>,
    /// Do everything except the writes: plan, check the guards, re-read
    #[arg(long, help_heading = EXECUTION)]
    pub(super) dry_run: bool,
    /// Start no further steps after this many failures
    #[arg(long, value_name = "NUMBER", default_value = "5", help_heading = EXECUTION)]
    max_failures: NonZeroUsize,
    /// Time limit for a change to become visible
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = crate::config::duration, help_heading = EXECUTION)]
    visible_within: Duration,
    /// Journal to write; by default a new file in the working directory, named after the time
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) journal: Option<PathBuf>,
    /// Write a report: text, json, markdown or junit, to standard output or a file; repeatable
    ///
    /// If no report goes to standard output, the text report does.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_apply_report, help_heading = OUTPUT)]
    pub(super) reports: Vec<ReportRequest>,
}

/// Guards that must be allowed by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// Pausing, which permanently cancels every classification job of the target.
    Pause,
    /// Disabling, which deletes everything that Macie stores for the target.
    Disable,
    /// Policies without all of the configured files: their declarations and waivers do not count.
    PartialPolicies,
    /// Waivers and selector items that match nothing, such as a misspelt exempt account.
    Unmatched,
}

/// Plan to execute, and how.
pub(super) struct Execution<'a> {
    pub(super) context: &'a RunContext,
    pub(super) command: &'static str,
    pub(super) started_at: Timestamp,
    pub(super) args: &'a ExecuteArgs,
    pub(super) reports: &'a [ReportRequest],
    pub(super) settings: &'a Settings,
    pub(super) plan: Plan,
    /// What is altered in the saved plan.
    pub(super) altered: Option<String>,
    /// The policies on disk.
    pub(super) policies: CurrentPolicies,
    /// Configured policy files that the plan leaves out.
    pub(super) partial_policies: Vec<String>,
    /// The AWS to change.
    pub(super) environment: Environment,
    /// Options for changes.
    pub(super) endpoint: AccessOptions,
    /// Time limit for connecting. The steps have none.
    pub(super) limit: Duration,
    /// The journal.
    pub(super) journal: PathBuf,
    /// Steps in the journal, if it is that of an earlier run to resume.
    pub(super) resumed: Option<BTreeMap<u32, StepHistory>>,
}

/// Results of the steps.
#[derive(Default)]
struct ExecutionOutcome {
    results: BTreeMap<u32, StepResult>,
    journal: Option<String>,
    journal_failure: Option<String>,
}

impl ExecuteArgs {
    /// Journal of this run. It must be writable before anything is read.
    pub(super) fn journal_path(&self, command: &str, started_at: Timestamp) -> Result<PathBuf, CliError> {
        let path = self.journal.clone().unwrap_or_else(|| free_journal_name(command, started_at));
        if !self.dry_run {
            Journal::probe(&path)?;
        }
        Ok(path)
    }

    /// The guards that `--allow` names.
    fn allowed(&self) -> Vec<Guard> {
        let guard = |allowed: &Allowed| match allowed {
            Allowed::Pause => Guard::Pause,
            Allowed::Disable => Guard::Disable,
            Allowed::PartialPolicies => Guard::PartialPolicies,
            Allowed::Unmatched => Guard::Unmatched,
        };
        self.allow.iter().map(guard).collect()
    }

    fn confirmation(&self) -> Confirmation {
        if self.auto_approve || self.dry_run {
            Confirmation::Given
        } else if io::stdin().is_terminal() && Stream::Error.is_terminal() {
            Confirmation::WillBeAsked
        } else {
            Confirmation::Missing
        }
    }
}

impl Execution<'_> {
    /// Prints the plan, checks the guards, executes the steps if no guard fails, and reports.
    pub(super) async fn run(self) -> Result<ExitStatus, CliError> {
        // Before a guard can fail: a refused plan is shown, too.
        self.print_plan()?;
        let shutdown = &self.context.shutdown;
        let access = tokio::select! {
            biased;
            () = shutdown.cancelled() => None,
            access = connect_within(self.limit, self.endpoint.clone()) => Some(access?),
        };
        let mut outcome = ExecutionOutcome::default();
        let mut refusals = Vec::new();
        if let Some(access) = &access {
            let caller = CallerIdentity { account: access.caller().account, arn: access.caller().arn.to_string() };
            refusals = self.check_guards(&caller).await;
            if refusals.iter().any(|refusal| refusal.guard.stops_everything()) {
                outcome.results = self.mark_all(StepOutcome::Refused, "refused by a guard");
            } else if !self.plan.steps.is_empty() {
                shutdown.enter(Phase::Changing);
                let executed = Box::pin(self.run_steps(access, &caller)).await;
                shutdown.enter(Phase::Reporting);
                outcome = executed?;
            }
        } else {
            outcome.results = self.mark_all(StepOutcome::NotTried, "the run was interrupted");
        }
        let applied = ApplyReport {
            command: self.command,
            started_at: self.started_at,
            finished_at: Clock::System.now(),
            plan: self.plan,
            results: outcome.results,
            refusals,
            journal: outcome.journal,
            journal_failure: outcome.journal_failure,
            dry_run: self.args.dry_run,
            requests: access.map(|access| access.requests()).unwrap_or_default(),
        };
        // The exit code is final before any report is written.
        let verdict = if applied.is_done() { ExitStatus::Clean } else { ExitStatus::NotApplied };
        let exit = shutdown.received().unwrap_or(verdict);
        write_apply_reports(self.context, &applied, self.reports)?;
        Ok(exit)
    }

    /// Prints the plan: on standard output as the first part of the text report, or else on standard error.
    fn print_plan(&self) -> Result<(), CliError> {
        let is_text_report = |request: &ReportRequest| {
            request.format == Format::Text && request.destination == Destination::StandardOutput
        };
        let options = |stream| self.context.text_options(Some(stream));
        if self.reports.iter().any(is_text_report) {
            return stdout(|out| write_plan_text(&self.plan, options(Stream::Output), out));
        }
        let mut text = Vec::new();
        write_plan_text(&self.plan, options(Stream::Error), &mut text).map_err(CliError::Output)?;
        stderr(&String::from_utf8_lossy(&text));
        Ok(())
    }

    /// Checks the guards, and asks for confirmation at the terminal if all others pass.
    async fn check_guards(&self, caller: &CallerIdentity) -> Vec<Refusal> {
        let Self { args, settings, .. } = self;
        let confirmation = args.confirmation();
        let guard_context = GuardContext {
            altered: self.altered.clone(),
            policies: self.policies.clone(),
            caller: caller.account,
            source: self.environment,
            now: Clock::System.now(),
            max_age: args.max_age,
            max_changes: args.max_changes.unwrap_or(settings.max_changes),
            max_share: args.max_share.or(settings.max_share),
            partial_policies: self.partial_policies.clone(),
            allowed: args.allowed(),
            require_complete: args.require_complete,
            confirmation,
        };
        let mut refusals = check_guards(&self.plan, &guard_context);
        let is_stopped = refusals.iter().any(|refusal| refusal.guard.stops_everything());
        let count = self.plan.steps.len();
        let shutdown = &self.context.shutdown;
        if confirmation == Confirmation::WillBeAsked
            && !is_stopped
            && count > 0
            && !prompt_confirmation(count, shutdown).await
        {
            let reason = match shutdown.received() {
                Some(_) => "the run was interrupted before the confirmation".to_owned(),
                None => format!("the answer was not {count}, the number of changes"),
            };
            let remediation = "apply again, and type the number of changes".to_owned();
            refusals.push(Refusal { guard: Guard::NotConfirmed, reason, remediation });
            refusals.sort_by_key(|refusal| refusal.guard);
        }
        refusals
    }

    async fn run_steps(&self, access: &AwsSession, caller: &CallerIdentity) -> Result<ExecutionOutcome, CliError> {
        let Self { context, args, settings, plan, .. } = self;
        let (mut journal, history) = match &self.resumed {
            resumed if args.dry_run => (None, resumed.clone().unwrap_or_default()),
            Some(_) => {
                // The journal is read again, now that no other run can write it.
                let (journal, history) = Journal::resume(&self.journal, caller)?;
                (Some(journal), history.steps)
            }
            None => (Some(self.begin_journal(caller)?), BTreeMap::new()),
        };
        if let Some(journal) = journal.as_ref().filter(|journal| !journal.is_held()) {
            context.note_no_locks(journal.path());
        }
        let journal_path = journal.as_ref().map(|journal| journal.path().display().to_string());
        let options = ExecuteOptions {
            concurrency: settings.concurrency.min(NonZeroUsize::new(CONCURRENCY).unwrap_or(NonZeroUsize::MIN)),
            max_failures: args.max_failures,
            visible_within: args.visible_within,
        };
        let bar = context.applying_bar(plan.steps.len());
        let progress = |finished: usize| bar.set_position(finished as u64);
        let stop = context.shutdown.cancelled();
        let executor = PlanExecutor { aws: access, plan, history: &history, options, progress: &progress };
        let (results, journal_failure) = executor.execute(journal.as_mut(), stop).await;
        bar.finish_and_clear();
        Ok(ExecutionOutcome { results, journal: journal_path, journal_failure })
    }

    /// Begins the journal. If another run has taken its default name meanwhile, the journal gets the next one.
    fn begin_journal(&self, caller: &CallerIdentity) -> Result<Journal, CliError> {
        let document = PlanDocument::from_plan(&self.plan);
        let mut begun = Journal::begin(&self.journal, caller, &document);
        for _ in 0..MAX_NAMES {
            match begun {
                Err(JournalError::Exists(_)) if self.args.journal.is_none() => {
                    let name = free_journal_name(self.command, self.started_at);
                    begun = Journal::begin(&name, caller, &document);
                }
                _ => break,
            }
        }
        Ok(begun?)
    }

    fn mark_all(&self, outcome: StepOutcome, message: &str) -> BTreeMap<u32, StepResult> {
        self.plan.steps.iter().map(|step| (step.number, StepResult::new(outcome, message))).collect()
    }
}

/// Default name of a journal. A second run within a second gets a number.
fn free_journal_name(command: &str, started_at: Timestamp) -> PathBuf {
    let time = started_at.strftime("%Y%m%dT%H%M%SZ");
    let mut names = (1..).map(|number: u32| match number {
        1 => PathBuf::from(format!("driftline-{command}-{time}.jsonl")),
        _ => PathBuf::from(format!("driftline-{command}-{time}-{number}.jsonl")),
    });
    names.find(|name| name.symlink_metadata().is_err()).unwrap_or_default()
}

fn parse_max_age(text: &str) -> Result<Duration, String> {
    let signed: jiff::SignedDuration = text.parse().map_err(|_| "it is not a number with a unit".to_owned())?;
    Duration::try_from(signed).map_err(|_| "it is negative".to_owned())
}

/// Whether the user at the terminal types the number of changes, and does not interrupt. Another answer is asked for once more.
async fn prompt_confirmation(count: usize, shutdown: &ShutdownSignal) -> bool {
    let changes = pluralize(count, "change");
    match prompt(&format!("Type {count} to make {changes}, anything else to stop: "), shutdown).await {
        Some(answer) if answer.trim() == count.to_string() => return true,
        Some(answer) if !answer.trim().is_empty() => {}
        _ => return false,
    }
    let again =
        format!("That is not {count}. Nothing is changed yet: type {count} to make {changes}, anything else to stop: ");
    prompt(&again, shutdown).await.is_some_and(|answer| answer.trim() == count.to_string())
}

/// The line that the user types at the terminal; `None` after an interruption, or if the terminal cannot be read.
async fn prompt(question: &str, shutdown: &ShutdownSignal) -> Option<String> {
    stderr(question);
    // A separate thread may wait forever. The run also waits for signals, and may end before the thread.
    let (sender, answer) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        sender.send(read.map(|_| line))
    });
    tokio::select! {
        biased;
        () = shutdown.cancelled() => {
            stderr("\n");
            None
        }
        answer = answer => answer.ok()?.ok(),
    }
}

fn write_apply_reports(
    context: &RunContext,
    applied: &ApplyReport,
    requests: &[ReportRequest],
) -> Result<(), CliError> {
    write_each(requests, &[], &|format, stream, out| match format {
        Format::Json => write_applied_json(applied, out),
        Format::Markdown => write_applied_markdown(applied, out),
        Format::Junit => write_applied_junit(applied, out),
        // The command line accepts no other format.
        _ => {
            let options = context.text_options(stream);
            // `print_plan` has written the plan to the streams.
            if stream.is_none() {
                write_plan_text(&applied.plan, options, out)?;
            }
            writeln!(out)?;
            write_applied_text(applied, options, out)
        }
    })
}
