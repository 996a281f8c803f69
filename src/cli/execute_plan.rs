//! Carrying a plan out: what `apply` and `rollback` have in common once there is a plan.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::arguments::Common;
use super::deadline::connect_within;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::{stderr, stdout};
use super::previous_run::tell_no_locks;
use super::progress;
use super::reports::{NO_PLAN, parse_apply_report, text_options, write_each};
use super::shutdown::{Phase, ShutdownSignal};
use super::terminal::Stream;
use crate::apply::{
    ApplyReport, Confirmation, CurrentPolicies, ExecuteOptions, Guard, GuardContext, Journal, JournalError, Refusal,
    StepHistory, StepOutcome, StepResult, check_guards, execute,
};
use crate::aws::{AccessOptions, AwsSession};
use crate::config::Settings;
use crate::model::{Clock, Environment};
use crate::plan::{CallerIdentity, Plan, PlanDocument};
use crate::report::{
    Destination, Format, ReportRequest, pluralize, write_applied_json, write_applied_junit, write_applied_markdown,
    write_applied_text, write_plan_text,
};

/// Steps under way at once at most: changes are few, and careful.
const CONCURRENCY: usize = 8;

/// How many other names for a journal are tried: each is one that another run has taken in this moment.
const NAMES_AT_MOST: usize = 100;

/// What the commands that change AWS take.
#[derive(Debug, Clone, Args)]
pub(super) struct ExecuteArgs {
    /// Allow, by name, what cannot be undone; may be given several times
    #[arg(long, value_name = "WHAT")]
    allow: Vec<AllowedRisk>,
    /// Do not ask: the plan has been reviewed
    #[arg(long)]
    auto_approve: bool,
    /// Do everything but write: plan, guards, reading again
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How old a saved plan may be
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = max_age)]
    max_age: Duration,
    /// The most changes to make; overrides driftline.toml
    #[arg(long, value_name = "NUMBER")]
    max_changes: Option<u64>,
    /// The largest share of the targets to change, in percent; overrides driftline.toml
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100))]
    max_share: Option<u64>,
    /// Begin no more steps once so many have failed
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    max_failures: NonZeroUsize,
    /// How long a change may take to show
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = crate::config::duration)]
    visible_within: Duration,
    /// The journal to write; by default a new file here, named after the time
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Write a report: text, json, markdown or junit, to standard output or to a file; may be given several times
    ///
    /// Without one for standard output, the text report goes there.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_apply_report)]
    pub(super) reports: Vec<ReportRequest>,
}

/// What cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AllowedRisk {
    /// Pausing, which cancels every classification job of the target for good.
    Pause,
    /// Disabling, which deletes everything that Macie holds for the target.
    Disable,
}

/// A plan that is to be carried out, and where it comes from.
pub(super) struct ExecutionRequest {
    pub(super) command: &'static str,
    pub(super) started_at: Timestamp,
    pub(super) plan: Plan,
    /// What is wrong with the saved plan, if it is not as it was made.
    pub(super) altered: Option<String>,
    /// The policies as they are now.
    pub(super) policies: CurrentPolicies,
    /// The AWS that is to be changed.
    pub(super) source: Environment,
    /// How it is reached for that.
    pub(super) options: AccessOptions,
    /// How long it may take until it is known with whose credentials. The steps are not cut off.
    pub(super) deadline: Duration,
    /// The journal of an earlier run to go on with, and what it knows of the steps.
    pub(super) earlier: Option<(PathBuf, BTreeMap<u32, StepHistory>)>,
}

/// A name that is not taken: a second run within a second gets a number.
fn new_name(command: &str, started_at: Timestamp) -> PathBuf {
    let time = started_at.strftime("%Y%m%dT%H%M%SZ");
    let names = (1..).map(|nth: u32| match nth {
        1 => PathBuf::from(format!("driftline-{command}-{time}.jsonl")),
        _ => PathBuf::from(format!("driftline-{command}-{time}-{nth}.jsonl")),
    });
    names.into_iter().find(|name| name.symlink_metadata().is_err()).unwrap_or_default()
}

fn max_age(text: &str) -> Result<Duration, String> {
    let signed: jiff::SignedDuration = text.parse().map_err(|_| "it is not a number with a unit".to_owned())?;
    Duration::try_from(signed).map_err(|_| "it is negative".to_owned())
}

impl ExecuteArgs {
    /// The journal of this run, refused before anything is read if it could not be written.
    pub(super) fn journal_path(&self, command: &str, started_at: Timestamp) -> Result<PathBuf, CliError> {
        let path = self.journal.clone().unwrap_or_else(|| new_name(command, started_at));
        if !self.dry_run {
            Journal::probe(&path)?;
        }
        Ok(path)
    }

    fn allows(&self, what: AllowedRisk) -> bool {
        self.allow.contains(&what)
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

/// Prints the plan, asks the guards, carries the plan out if none refuses, and reports.
pub(super) async fn execute_plan(
    common: &Common,
    arguments: &ExecuteArgs,
    wanted: &[ReportRequest],
    settings: &Settings,
    journal: &Path,
    errand: ExecutionRequest,
) -> Result<ExitStatus, CliError> {
    // Before any guard can refuse: what is refused is seen, too.
    show(&errand.plan, wanted, common)?;
    let access = tokio::select! {
        biased;
        () = common.shutdown.cancelled() => None,
        access = connect_within(errand.deadline, errand.options.clone()) => Some(access?),
    };
    let mut done = ExecutionOutcome { results: BTreeMap::new(), journal: None, journal_failure: None };
    let mut refusals = Vec::new();
    if let Some(access) = &access {
        let caller = CallerIdentity { account: access.caller().account, arn: access.caller().arn.to_string() };
        refusals = guards(common, arguments, settings, &errand, &caller).await;
        if refusals.iter().any(|refusal| refusal.guard.stops_everything()) {
            done.results = mark_all(&errand.plan, StepOutcome::Refused, "refused by a guard");
        } else if !errand.plan.steps.is_empty() {
            common.shutdown.enter(Phase::Changing);
            let carrying = run_steps(common, arguments, settings, journal, &errand, access, &caller);
            let carried = Box::pin(carrying).await;
            common.shutdown.enter(Phase::Reporting);
            done = carried?;
        }
    } else {
        done.results = mark_all(&errand.plan, StepOutcome::NotTried, "the run was interrupted");
    }
    let applied = ApplyReport {
        command: errand.command,
        started_at: errand.started_at,
        finished_at: Clock::System.now(),
        plan: errand.plan,
        results: done.results,
        refusals,
        journal: done.journal,
        journal_failure: done.journal_failure,
        dry_run: arguments.dry_run,
        requests: access.map(|access| access.requests()).unwrap_or_default(),
    };
    // Decided here, before any report is written: no report can change it.
    let exit = common.shutdown.received().unwrap_or(if applied.is_done() {
        ExitStatus::Clean
    } else {
        ExitStatus::NotApplied
    });
    report(&applied, wanted, common)?;
    Ok(exit)
}

/// What came of the steps.
struct ExecutionOutcome {
    results: BTreeMap<u32, StepResult>,
    journal: Option<String>,
    journal_failure: Option<String>,
}

/// The guards that refuse, the last word of whoever sits at the terminal included.
async fn guards(
    common: &Common,
    arguments: &ExecuteArgs,
    settings: &Settings,
    errand: &ExecutionRequest,
    caller: &CallerIdentity,
) -> Vec<Refusal> {
    let confirmation = arguments.confirmation();
    let circumstances = GuardContext {
        altered: errand.altered.clone(),
        policies: errand.policies.clone(),
        caller: caller.account,
        source: errand.source,
        now: Clock::System.now(),
        max_age: arguments.max_age,
        max_changes: arguments.max_changes.unwrap_or(settings.max_changes),
        max_share: arguments.max_share.or(settings.max_share),
        may_pause: arguments.allows(AllowedRisk::Pause),
        may_disable: arguments.allows(AllowedRisk::Disable),
        confirmation,
    };
    let mut refusals = check_guards(&errand.plan, &circumstances);
    let stopped = refusals.iter().any(|refusal| refusal.guard.stops_everything());
    let count = errand.plan.steps.len();
    if confirmation == Confirmation::WillBeAsked
        && !stopped
        && count > 0
        && !prompt_confirmation(count, &common.shutdown).await
    {
        let reason = match common.shutdown.received() {
            Some(_) => "the run was interrupted before anybody confirmed".to_owned(),
            None => format!("the answer was not {count}, the number of changes"),
        };
        let remediation = "apply again, and type the number of changes".to_owned();
        refusals.push(Refusal { guard: Guard::NotConfirmed, reason, remediation });
        refusals.sort_by_key(|refusal| refusal.guard);
    }
    refusals
}

/// Whether whoever sits at the terminal types the number of changes, and does not interrupt.
async fn prompt_confirmation(count: usize, shutdown: &ShutdownSignal) -> bool {
    stderr(&format!("Type {count} to make {}, anything else to stop: ", pluralize(count, "change")));
    // A thread of its own, which may wait for ever: the run waits for the signals, too, and may end before it.
    let (told, answer) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        told.send(read.map(|_| line))
    });
    tokio::select! {
        biased;
        () = shutdown.cancelled() => {
            stderr("\n");
            false
        }
        answer = answer => matches!(answer, Ok(Ok(line)) if line.trim() == count.to_string()),
    }
}

async fn run_steps(
    common: &Common,
    arguments: &ExecuteArgs,
    settings: &Settings,
    path: &Path,
    errand: &ExecutionRequest,
    access: &AwsSession,
    caller: &CallerIdentity,
) -> Result<ExecutionOutcome, CliError> {
    let plan = &errand.plan;
    let (mut journal, past) = match (&errand.earlier, arguments.dry_run) {
        (earlier, true) => (None, earlier.as_ref().map(|(_, past)| past.clone()).unwrap_or_default()),
        (Some((path, _)), false) => {
            // Read again, now that nobody else can write it.
            let (journal, history) = Journal::resume(path, caller)?;
            (Some(journal), history.steps)
        }
        (None, false) => (Some(begun(arguments, path, errand, caller)?), BTreeMap::new()),
    };
    if let Some(journal) = journal.as_ref().filter(|journal| !journal.is_held()) {
        tell_no_locks(journal.path(), common);
    }
    let shown = journal.as_ref().map(|journal| journal.path().display().to_string());
    let most = NonZeroUsize::new(CONCURRENCY).unwrap_or(NonZeroUsize::MIN);
    let orders = ExecuteOptions {
        concurrency: settings.concurrency.min(most),
        max_failures: arguments.max_failures,
        visible_within: arguments.visible_within,
    };
    let bar = progress::steps(plan.steps.len(), common);
    let progress = |finished: usize| bar.set_position(finished as u64);
    let stop = common.shutdown.cancelled();
    let (results, journal_failure) = execute(access, plan, &past, journal.as_mut(), orders, stop, &progress).await;
    bar.finish_and_clear();
    Ok(ExecutionOutcome { results, journal: shown, journal_failure })
}

/// The journal of a new run. Where nobody has named it and another run has taken the name meanwhile, it gets the next one.
fn begun(
    arguments: &ExecuteArgs,
    path: &Path,
    errand: &ExecutionRequest,
    caller: &CallerIdentity,
) -> Result<Journal, CliError> {
    let document = PlanDocument::from_plan(&errand.plan);
    let mut begun = Journal::begin(path, caller, &document);
    for _ in 0..NAMES_AT_MOST {
        match begun {
            Err(JournalError::Exists(_)) if arguments.journal.is_none() => {
                begun = Journal::begin(&new_name(errand.command, errand.started_at), caller, &document);
            }
            _ => break,
        }
    }
    Ok(begun?)
}

fn mark_all(plan: &Plan, outcome: StepOutcome, message: &str) -> BTreeMap<u32, StepResult> {
    plan.steps.iter().map(|step| (step.number, StepResult::new(outcome, message))).collect()
}

/// The text report begins with the plan, on standard output; where something else goes there, it is told beside it.
fn show(plan: &Plan, wanted: &[ReportRequest], common: &Common) -> Result<(), CliError> {
    let text_out =
        |wanted: &ReportRequest| wanted.format == Format::Text && wanted.destination == Destination::StandardOutput;
    if wanted.iter().any(text_out) {
        return stdout(|out| write_plan_text(plan, text_options(Some(Stream::Output), common), out));
    }
    let mut text = Vec::new();
    write_plan_text(plan, text_options(Some(Stream::Error), common), &mut text).map_err(CliError::Output)?;
    stderr(&String::from_utf8_lossy(&text));
    Ok(())
}

fn report(applied: &ApplyReport, wanted: &[ReportRequest], common: &Common) -> Result<(), CliError> {
    write_each(wanted, NO_PLAN, &|format, stream, out| match format {
        Format::Json => write_applied_json(applied, out),
        Format::Markdown => write_applied_markdown(applied, out),
        Format::Junit => write_applied_junit(applied, out),
        // The command line lets no other format through.
        _ => {
            let options = text_options(stream, common);
            if stream.is_none() {
                write_plan_text(&applied.plan, options, out)?;
            }
            writeln!(out)?;
            write_applied_text(applied, options, out)
        }
    })
}
