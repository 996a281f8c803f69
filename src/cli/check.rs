//! `driftline check`: read, compare, report.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::base::{BaseSide, RunAccounts};
use super::baseline::RunIdentity;
use super::collision::ReservedPath;
use super::deadline::DeadlineArgument;
use super::endpoint::EndpointArgs;
use super::error::CliError;
use super::exit::ExitStatus;
use super::format_arguments::FormatArguments;
use super::git_base;
use super::policy_context::PolicyContextArgs;
use super::previous_run::SinceArguments;
use super::read_options::ReadOptions;
use super::read_targets::{read_snapshot, read_targets};
use super::reader::ReaderArgument;
use super::reports::{Stdout, parse_check_report, validate_destinations, write_report};
use super::runtime::runtime;
use super::saved_readings::SavedReadings;
use super::shard::ShardArgument;
use super::workspace::{LoadedConfig, load};
use crate::drift::Comparison;
use crate::files::is_same_place;
use crate::model::Clock;
use crate::report::{FormatOptions, Report, ReportRequest, RunFacts, View};

/// Read the sessions, compare them with the policies, and report
///
/// Reads, never writes. The exit code tells the verdict, whatever reports are written.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline check policies\n  \
    driftline check policies --report json=report.json   text on standard output, JSON to a file\n  \
    driftline check policies --report json --quiet       JSON on standard output\n  \
    driftline check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml")]
pub(super) struct CheckArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    /// Write a report to standard output or to a file; may be given several times. Formats: text, json, jsonl, markdown, github,
    /// sarif, junit, codequality, csv, prometheus, openmetrics, html, ocsf, asff, slack, sns
    ///
    /// Without one for standard output, the text report goes there. asff is a folder: asff=FOLDER. A spreadsheet that opens csv
    /// cuts the leading zeros of account ids, unless it is told that the column is text.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_check_report)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    deadline: DeadlineArgument,
    #[command(flatten)]
    since: SinceArguments,
    /// Hold the policies against those of a git revision, such as origin/main: what the change fixes, what it causes, and what
    /// was drifting already
    #[arg(long, value_name = "GIT_REF")]
    base: Option<String>,
    #[command(flatten)]
    shard: ShardArgument,
    #[command(flatten)]
    reader: ReaderArgument,
    /// Read only what was unread in this JSON report of an earlier run of the same policies, and take the rest from it
    #[arg(long, value_name = "LAST.json", conflicts_with = "live")]
    only_unread: Option<PathBuf>,
    /// Hold the policies against a file that `driftline snapshot` saved, without AWS
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["reader", "deadline", "simulate"])]
    live: Option<PathBuf>,
    #[command(flatten)]
    which: EndpointArgs,
    #[command(flatten)]
    formats: FormatArguments,
}

pub(super) fn run(common: &Common, arguments: CheckArguments) -> Result<ExitStatus, CliError> {
    let CheckArguments {
        policies,
        given,
        reports,
        deadline,
        since,
        base,
        shard,
        reader,
        only_unread,
        live,
        which,
        formats,
    } = arguments;
    let started_at = Clock::System.now();
    since.settle()?;
    let replaced = since.since.as_ref().map(|path| ReportRequest::json_to(path));
    let wanted = validate_destinations(reports.into_iter().chain(replaced.clone()).collect())?;
    let formats = formats.options()?;
    let shard = shard.for_run(common)?;
    let (inputs, old) = both_sides(common, base, &policies, &given)?;
    // The file of --since is read and replaced by design, also where it is the one that --only-unread names.
    let last = only_unread.iter().filter(|last| !since.since.as_ref().is_some_and(|since| is_same_place(last, since)));
    let named = last.chain(&live).map(|path| ReservedPath::input(path));
    let kept: Vec<ReservedPath> = named.chain(which.kept()).chain(since.kept()).collect();
    inputs.keep(&wanted, &kept)?;
    // Held until the report of this run is in the place of the last one.
    let mut lock = since.lock(common)?;
    let mut baseline = since.baseline(common)?;
    let way = which.resolve(&inputs)?;
    let fitting = |path| {
        let (known, view) = SavedReadings::from_report(path)?;
        known.ensure_compatible(&view, &inputs.policies.digest, way.source, shard).map(|()| known)
    };
    let last = only_unread.as_deref().map(fitting).transpose()?;
    let snapshot = live.as_deref().map(SavedReadings::from_snapshot).transpose()?;
    let source = snapshot.as_ref().map_or(way.source, |(known, _)| known.source);
    let known = snapshot.as_ref().map(|(known, _)| known).or(last.as_ref());
    if let Some(baseline) = &mut baseline {
        baseline.ensure_comparable(RunIdentity { source, shard, known }, started_at)?;
    }
    // Only now: what is wrong with the files is told at once.
    let deadline = deadline.or_of(&inputs.settings);
    let deadline = deadline.saturating_sub(since.sleep_jitter(&inputs.policies.digest, &common.shutdown));
    let (inputs, read) = if let Some((known, snapshot)) = &snapshot {
        read_snapshot(common, inputs, known, snapshot, shard)?
    } else {
        let scope =
            ReadOptions { shard, reader: reader.reader, known: last.as_ref(), ..ReadOptions::with_deadline(deadline) };
        runtime(common)?.block_on(Box::pin(read_targets(common, inputs, way.options.clone(), scope)))?
    };
    if let Some(last) = &last {
        last.fits_caller(read.caller.as_ref())?;
    }
    let carried = known.and_then(|known| known.reuse_summary(read.taken_over));
    let management_account = read.resolved.inventory.management_account();
    let history = baseline.and_then(|last| last.history(read.caller.as_ref(), management_account));
    // There may be hundreds of thousands, and nobody asks again.
    drop(read.questions);
    let learnt = RunAccounts {
        source: &inputs.settings.accounts,
        inventory: &read.resolved.inventory,
        caller: read.caller.as_ref().map(|caller| caller.account),
    };
    let base = old.map(|old| old.compare(&learnt, shard)).transpose()?;
    let settings_file = inputs.settings_file();
    let report = Report {
        run: RunFacts {
            command: "check",
            started_at,
            // A clock that was set back does not make the run end before it began.
            finished_at: Clock::System.now().max(started_at),
            source,
            policy_digest: inputs.policies.digest,
            policy_files: inputs.policies.files,
            settings_file,
            // A run that began right before midnight judges by the day on which its files were read.
            as_of: given.as_of.or_else(|| (inputs.today != Clock::Fixed(started_at).today()).then_some(inputs.today)),
            shard,
            carried,
            snapshot: known.and_then(|known| known.snapshot),
            management_account,
            caller: read.caller,
        },
        comparison: Comparison::new(read.resolved.desired, read.readings, inputs.today),
        accounts: read.resolved.inventory,
        requests: read.requests,
        base,
    };
    // Decided here, before any report is written: no report can change it.
    let exit = read.interrupted.unwrap_or_else(|| report.comparison.verdict().into());
    let mut view = View::from(&report);
    let mut voice = Stdout::Write;
    if since.since.is_some() {
        view = view.since(history.as_ref());
        voice = voice_of(&mut view, &since);
    }
    let options = FormatOptions { exit_code: exit.code(), ..formats };
    // A run that was cut short must not stand for the last one; and that comes last, once all else is told.
    let wanted: Vec<ReportRequest> = wanted.into_iter().filter(|wanted| Some(wanted) != replaced.as_ref()).collect();
    write_report(&view, &wanted, voice, &options, common)?;
    if let Some(replaced) = replaced.filter(|_| read.interrupted.is_none()) {
        write_report(&view, &[replaced], voice, &options, common)?;
        if let Some(lock) = &mut lock {
            lock.stay();
        }
    }
    Ok(exit)
}

/// The policies of this run, and those of the base if they are compared with one.
fn both_sides(
    common: &Common,
    base: Option<String>,
    policies: &[PathBuf],
    given: &PolicyContextArgs,
) -> Result<(LoadedConfig, Option<BaseSide>), CliError> {
    let Some(base) = base else { return Ok((load(common, policies, given)?, None)) };
    let (old, new) = git_base::load_at_revision(common, &base, policies, given)?;
    Ok((new.inputs, Some(BaseSide::new(base, old.inputs)?)))
}

/// Whether the changes since the last run are told on standard output; if so, the report says when that was.
fn voice_of(view: &mut View<'_>, since: &SinceArguments) -> Stdout {
    let finished_at = view.run.finished_at.to_string();
    let unread = view.ledger.unread;
    match &mut view.changes {
        Some(changes) if !since.should_print(changes, unread, &finished_at) => Stdout::Suppress,
        Some(changes) => {
            changes.last_notified = Some(finished_at);
            Stdout::Write
        }
        None => Stdout::Write,
    }
}
