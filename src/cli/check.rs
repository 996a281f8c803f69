//! `driftline check`: read, compare, report.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use super::administrator::ReaderArgs;
use super::baseline::{Baseline, RunIdentity};
use super::endpoint::{DeadlineArgs, Endpoint, EndpointArgs};
use super::environment::{self, REPORT};
use super::error::CliError;
use super::exit::{ExitStatus, FailOnArgs};
use super::format_args::FormatArgs;
use super::git_base::{BaseSide, RunAccounts, load_with_base};
use super::help_headings::{CHANGES, LARGE_RUNS, OUTPUT};
use super::previous_run::SinceArgs;
use super::read_targets::{ReadOptions, ReadOutcome, read_snapshot, read_targets};
use super::report::owner_facts;
use super::reserved_paths::ReservedPath;
use super::run_context::RunContext;
use super::saved_readings::SavedReadings;
use super::selection::{RunScope, SelectionArgs, run_selection};
use super::shard::ShardArgs;
use super::workspace::{LoadedConfig, PolicyContextArgs, Workspace};
use super::write_reports::{Stdout, parse_check_report, validate_destinations, write_report};
use crate::drift::Comparison;
use crate::files::{Lock, is_same_place};
use crate::model::{Clock, Environment, Shard, TargetSelection};
use crate::report::{FormatOptions, History, Report, ReportRequest, RunFacts, Snapshot, View};

/// Heading of the options that select the targets.
const WHAT: &str = "What to check";

/// Read the live state, compare it with the policies, and report
///
/// Never writes to AWS. The exit code is the verdict, whichever reports are written; only --fail-on maps it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline check policies\n  \
    driftline check policies --report json=report.json   text, and JSON in a file\n  \
    driftline check policies --report json --quiet       JSON on standard output\n  \
    driftline check policies --account 111122223333 --region 'eu-*'\n  \
    driftline check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml")]
pub(super) struct CheckArgs {
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    #[command(flatten, next_help_heading = WHAT)]
    selection: SelectionArgs,
    /// Compare with a file saved by `driftline snapshot` instead of AWS
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["reader", "deadline", "simulate"], help_heading = WHAT)]
    live: Option<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    endpoint: EndpointArgs,
    /// Write a report to standard output or a file; repeatable. Formats: text, json, jsonl, markdown, github,
    /// sarif, junit, codequality, csv, prometheus, openmetrics, html, ocsf, asff, slack, sns, owners [env: DRIFTLINE_REPORT]
    ///
    /// If no report goes to standard output, the text report does. asff and owners need a folder: asff=FOLDER. A spreadsheet that
    /// opens csv drops the leading zeros of account ids, unless the column is imported as text. DRIFTLINE_REPORT is separated
    /// by commas.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_check_report, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    fail_on: FailOnArgs,
    #[command(flatten, next_help_heading = CHANGES)]
    since: SinceArgs,
    /// Compare with the policies at a Git revision, such as origin/main: show what the change accepts, waives and causes
    #[arg(long, value_name = "GIT_REF", help_heading = CHANGES)]
    base: Option<String>,
    #[command(flatten)]
    deadline: DeadlineArgs,
    #[command(flatten, next_help_heading = LARGE_RUNS)]
    shard: ShardArgs,
    #[command(flatten, next_help_heading = LARGE_RUNS)]
    reader: ReaderArgs,
    /// Read only the targets that are unread in this earlier JSON report of the same policies, and reuse its other readings
    #[arg(long, value_name = "LAST.json", conflicts_with = "live", help_heading = LARGE_RUNS)]
    only_unread: Option<PathBuf>,
    #[command(flatten)]
    formats: FormatArgs,
}

pub(super) fn run(context: &RunContext, args: CheckArgs) -> Result<ExitStatus, CliError> {
    let mut job = CheckJob::prepare(context, args)?;
    let read = job.read()?;
    let checked = job.compare(read)?;
    job.write(checked)
}

/// Reports of the command line, or else of the environment, and the one that replaces the baseline.
fn requested(mut reports: Vec<ReportRequest>, since: &SinceArgs) -> Result<Vec<ReportRequest>, CliError> {
    if reports.is_empty() {
        let parse = |text: &str| text.split(',').map(|item| parse_check_report(item.trim())).collect();
        reports = environment::parse(&REPORT, parse)?.unwrap_or_default();
    }
    reports.extend(since.replacement());
    Ok(reports)
}

/// Where the readings come from.
enum ReadingSource {
    Aws,
    /// AWS for the targets that an earlier report lacks.
    AwsBeside(SavedReadings),
    /// A snapshot alone.
    Snapshot(SavedReadings, Snapshot),
}

impl ReadingSource {
    fn saved(&self) -> Option<&SavedReadings> {
        match self {
            Self::Aws => None,
            Self::AwsBeside(saved) | Self::Snapshot(saved, _) => Some(saved),
        }
    }

    fn take_history(&mut self) -> Option<History> {
        match self {
            Self::Aws => None,
            Self::AwsBeside(saved) | Self::Snapshot(saved, _) => saved.history.take(),
        }
    }
}

/// A run of `check`.
struct CheckJob<'a> {
    context: &'a RunContext,
    started_at: Timestamp,
    config: LoadedConfig,
    base: Option<BaseSide>,
    as_of: Option<Date>,
    selection: Option<TargetSelection>,
    shard: Option<Shard>,
    reader: ReaderArgs,
    limit: Duration,
    endpoint: Endpoint,
    source: ReadingSource,
    since: SinceArgs,
    baseline: Option<Baseline<'a>>,
    /// Held until the report of this run has replaced the baseline.
    lock: Option<Lock>,
    reports: Vec<ReportRequest>,
    fail_on: FailOnArgs,
    formats: FormatOptions,
}

/// Report of a check.
struct CheckOutcome {
    report: Report,
    history: Option<History>,
    interrupted: Option<ExitStatus>,
}

impl<'a> CheckJob<'a> {
    /// Checks the outputs and loads the files. No call to AWS comes before that.
    fn prepare(context: &'a RunContext, args: CheckArgs) -> Result<Self, CliError> {
        let started_at = Clock::System.now();
        let since = args.since;
        since.validate()?;
        if since.only_changes {
            context.hold_back();
        }
        let reports = validate_destinations(requested(args.reports, &since)?)?;
        let (formats, selection) = (args.formats.options()?, args.selection.selection());
        let shard = args.shard.for_run(|text| context.print_unless_quiet(text))?;
        let workspace = Workspace::find(context.config()?, &args.policy_context)?;
        // A snapshot takes the place of AWS, a simulated AWS has an organization.
        let workspace = if args.live.is_some() { workspace.offline() } else { workspace };
        let (config, base) =
            load_with_base(context, workspace, args.base.as_deref(), &args.policies, &args.policy_context)?;
        // --since replaces its file by design, even if --only-unread names the same one.
        let is_replaced = |file: &&PathBuf| since.since.as_ref().is_some_and(|since| is_same_place(file, since));
        let only_unread = args.only_unread.iter().filter(|file| !is_replaced(file));
        let inputs = only_unread.chain(&args.live).map(|path| ReservedPath::input(path));
        config.ensure_not_overwritten(&reports, inputs.chain(args.endpoint.reserved()).chain(since.reserved()))?;
        let lock = since.lock(context)?;
        let mut baseline = since.baseline(context)?;
        let endpoint = args.endpoint.resolve(&config.settings)?;
        let scope = RunScope { selection: selection.as_ref(), shard, ..RunScope::default() };
        let source = match (&args.only_unread, &args.live) {
            (Some(report), _) => {
                let (saved, view) = SavedReadings::from_report(report)?;
                saved.ensure_compatible(&view, &config.policies.digest, endpoint.environment, scope)?;
                ReadingSource::AwsBeside(saved)
            }
            (None, Some(snapshot)) => {
                SavedReadings::from_snapshot(snapshot).map(|(saved, taken)| ReadingSource::Snapshot(saved, taken))?
            }
            (None, None) => ReadingSource::Aws,
        };
        if let Some(baseline) = &mut baseline {
            let environment = environment(&source, &endpoint);
            baseline.ensure_comparable(RunIdentity { environment, scope, saved: source.saved() }, started_at)?;
        }
        let (as_of, reader, limit) = (args.policy_context.as_of, args.reader, args.deadline.limit(&config.settings)?);
        Ok(Self {
            context,
            started_at,
            config,
            base,
            as_of,
            selection,
            shard,
            reader,
            limit,
            endpoint,
            source,
            since,
            baseline,
            lock,
            reports,
            fail_on: args.fail_on,
            formats,
        })
    }

    /// Reads the declared targets.
    fn read(&mut self) -> Result<ReadOutcome, CliError> {
        // The deadline includes the jitter.
        let jitter = self.since.sleep_jitter(self.context, &self.config.policies.digest);
        let (context, config) = (self.context, &mut self.config);
        let scope = RunScope { selection: self.selection.as_ref(), shard: self.shard, ..RunScope::default() };
        if let ReadingSource::Snapshot(saved, snapshot) = &self.source {
            return read_snapshot(context, config, (saved, snapshot), scope);
        }
        let saved = self.source.saved();
        let options = ReadOptions {
            scope,
            reader: self.reader.reader,
            saved,
            ..ReadOptions::with_deadline(self.limit.saturating_sub(jitter))
        };
        let read = read_targets(context, config, self.endpoint.options.clone(), options);
        let read = context.runtime()?.block_on(Box::pin(read))?;
        if let Some(saved) = saved {
            saved.ensure_same_partition(read.caller.as_ref())?;
        }
        Ok(read)
    }

    /// Compares the readings with the policies, the base and the baseline.
    fn compare(&mut self, read: ReadOutcome) -> Result<CheckOutcome, CliError> {
        let inventory = read.resolved.inventory;
        let management_account = inventory.management_account();
        let baseline = self.baseline.take().and_then(|last| last.history(read.caller.as_ref(), management_account));
        // There may be hundreds of thousands.
        drop(read.requests);
        let accounts = RunAccounts {
            source: &self.config.settings.accounts,
            inventory: &inventory,
            caller: read.caller.as_ref().map(|caller| caller.account),
        };
        let scope = RunScope { selection: self.selection.as_ref(), shard: self.shard, ..RunScope::default() };
        let base = self.base.take().map(|base| base.compare(&accounts, scope)).transpose()?;
        let saved = self.source.saved();
        let today = self.config.today;
        let report = Report {
            run: RunFacts {
                command: "check".into(),
                started_at: self.started_at,
                // A clock may be set back during the run.
                finished_at: Clock::System.now().max(self.started_at),
                source: environment(&self.source, &self.endpoint),
                policy_digest: self.config.policies.digest.clone(),
                policy_files: self.config.policies.files.clone(),
                settings_file: self.config.settings_file(),
                // A run that starts right before midnight uses the day on which its files were read.
                as_of: self.as_of.or_else(|| (today != Clock::Fixed(self.started_at).today()).then_some(today)),
                selection: run_selection(self.selection.as_ref(), &read.resolved.desired),
                shard: self.shard,
                carried: saved.and_then(|saved| saved.reuse_summary(read.reused_from)),
                snapshot: saved.and_then(|saved| saved.snapshot),
                management_account,
                caller: read.caller,
            },
            comparison: Comparison::new(read.resolved.desired, read.readings, today),
            accounts: inventory,
            requests: read.request_counts,
            base,
        };
        let history = baseline.map(|history| history.with_ended_waivers(&report.comparison)).or_else(|| {
            let last = self.source.take_history()?.with_ended_waivers(&report.comparison);
            // Only what is unread in this run, too, is known from the earlier report alone.
            let hides_drift = View::from(&report).since(Some(&last)).has_carried_drift();
            hides_drift.then_some(last)
        });
        Ok(CheckOutcome { report, history, interrupted: read.interrupted })
    }

    /// Writes the reports, and then replaces the baseline.
    fn write(mut self, checked: CheckOutcome) -> Result<ExitStatus, CliError> {
        let CheckOutcome { report, history, interrupted } = checked;
        let mut view = View::from(&report);
        let mut to_stdout = Stdout::Write;
        if self.since.since.is_some() || history.is_some() {
            view = view.since(history.as_ref());
            to_stdout = self.since.notify(&mut view);
        }
        // The exit code is final before any report is written.
        let exit = self.fail_on.mask(interrupted.unwrap_or_else(|| view.verdict.into()));
        let has_other_policies = || history.as_ref().is_some_and(|history| !history.is_of(&view.run.policy_digest));
        match to_stdout {
            _ if interrupted.is_some() => self.context.release(),
            Stdout::Write => self.context.release(),
            // Warnings about other policies may explain what changed.
            Stdout::Changes if has_other_policies() => self.context.release(),
            Stdout::Changes | Stdout::Unchanged | Stdout::Suppress => self.context.discard(),
        }
        let owners = owner_facts(&self.reports, &self.config.settings, report.accounts.accounts());
        let console = self.config.settings.console_url.clone();
        let options = FormatOptions { exit_code: exit.code(), owners, console, ..self.formats };
        // The replacement comes last, once everything else is written, and not for a run that was cut short.
        let replacement = self.since.replacement();
        let (replacement, reports): (Vec<_>, Vec<_>) =
            self.reports.into_iter().partition(|request| Some(request) == replacement.as_ref());
        write_report(self.context, &view, &reports, to_stdout, &options)?;
        if !replacement.is_empty() && interrupted.is_none() {
            write_report(self.context, &view, &replacement, to_stdout, &options)?;
            if let Some(lock) = &mut self.lock {
                lock.stay();
            }
        }
        Ok(exit)
    }
}

fn environment(source: &ReadingSource, endpoint: &Endpoint) -> Environment {
    match source {
        ReadingSource::Snapshot(saved, _) => saved.environment,
        ReadingSource::Aws | ReadingSource::AwsBeside(_) => endpoint.environment,
    }
}
