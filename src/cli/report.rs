//! `driftline report`: re-render saved reports, several merged into one.

use std::path::{Path, PathBuf};

use clap::Args;
use miette::Diagnostic as _;

use super::error::CliError;
use super::exit::{ExitStatus, FailOnArgs};
use super::format_args::FormatArgs;
use super::help_headings::OUTPUT;
use super::reserved_paths::{ReservedPath, ensure_not_overwritten};
use super::run_context::RunContext;
use super::selection::{Selectable, SelectionArgs};
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{Stdout, parse_check_report, validate_destinations, write_report};
use crate::config::Settings;
use crate::diagnostic::{Source, Sources};
use crate::files;
use crate::inventory::AccountsSource;
use crate::model::{Account, ConsoleUrl, Shard, TargetSelection};
use crate::report::{
    Format, FormatOptions, MergeError, OwnerFacts, ReportRequest, View, merge, read_json, select, terminal,
};

/// Heading of the options that select the targets.
const WHAT: &str = "What to report";

/// Re-render saved JSON reports in any format; several are merged into one
///
/// Works offline. The exit code is that of the report; only --fail-on maps it. Shards of one run are merged only if each is there
/// exactly once; a single shard needs --part.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline report report.json\n  \
    driftline report report.json --account payments-prod\n  \
    driftline report shard-*.json --report json=report.json --report html=report.html\n  \
    driftline report report.json --report owners=texts --inventory accounts.json")]
pub(super) struct ReportArgs {
    /// Reports written by `check --report json`
    #[arg(value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    selection: SelectionArgs,
    /// Render a single shard, marked as part of a run
    #[arg(long, help_heading = WHAT)]
    part: bool,
    /// Inventory saved by `driftline inventory`, with the email addresses for --report owners; by default that of driftline.toml
    #[arg(long, value_name = "FILE", help_heading = WHAT)]
    inventory: Option<PathBuf>,
    /// Write a report to standard output or a file; repeatable; formats as for `check`
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_check_report, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    fail_on: FailOnArgs,
    #[command(flatten)]
    formats: FormatArgs,
}

pub(super) fn run(context: &RunContext, args: &ReportArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports.clone())?;
    let inputs = args.files.iter().chain(&args.inventory).map(|file| ReservedPath::input(file));
    ensure_not_overwritten(&requests, &Sources::default(), inputs)?;
    let (owners, console) = facts_of_settings(context, &requests, args.inventory.as_deref())?;
    let formats = FormatOptions { console, owners, ..args.formats.clone().options()? };
    let mut parts = Vec::new();
    let mut errors = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let read = files::read_saved_text(file, files::SAVED_MOST).map_err(|cause| cause.to_string());
        match read.and_then(|text| read_json(&text).map_err(|error| error.to_string())) {
            Ok(view) => parts.push((name, view)),
            Err(what) => errors.push(format!("{name}: {what}")),
        }
    }
    if !errors.is_empty() {
        return Err(CliError::Reports(errors));
    }
    let view = match <[_; 1]>::try_from(parts) {
        Ok([(_, view)]) => {
            // If all other shards have failed, `shard-*.json` is one file, whose verdict must not pass for that of the run.
            if let Some(shard) = Shard::part(view.run.shard).filter(|_| !args.part) {
                return Err(CliError::Reports(vec![others_missing(shard).to_string()]));
            }
            view
        }
        Err(_) if args.part => return Err(CliError::Reports(vec!["--part is for one report alone".to_owned()])),
        Err(parts) => {
            merge(parts).map_err(|errors| CliError::Reports(errors.iter().map(ToString::to_string).collect()))?
        }
    };
    let view = match args.selection.selection() {
        None => view,
        Some(selection) => {
            ensure_matched(&view, &selection)?;
            select(view, selection)
        }
    };
    let exit = args.fail_on.mask(view.verdict.into());
    let options = FormatOptions { exit_code: exit.code(), ..formats };
    write_report(context, &view, &requests, Stdout::Write, &options)?;
    Ok(exit)
}

/// Facts of the settings and of the accounts of a run: all of them only if a requested report needs them.
pub(super) fn owner_facts(requests: &[ReportRequest], settings: &Settings, accounts: &[Account]) -> OwnerFacts {
    let administrator = settings.aws.administrator_account;
    if requests.iter().all(|request| request.format != Format::Owners) {
        return OwnerFacts { administrator, ..OwnerFacts::default() };
    }
    OwnerFacts {
        emails: accounts.iter().filter_map(|account| Some((account.id, account.email.clone()?))).collect(),
        names: accounts.iter().filter_map(|account| Some((account.id, account.name.clone()?))).collect(),
        role: settings.aws.role.clone(),
        administrator,
        regions: Some(settings.region_table()),
    }
}

/// The facts for saved reports: of the settings file, and of the named inventory or the one that the settings file names. Nothing is
/// loaded if no requested report needs it. A settings file that is named must exist, whatever the formats.
fn facts_of_settings(
    context: &RunContext,
    requests: &[ReportRequest],
    inventory: Option<&Path>,
) -> Result<(OwnerFacts, Option<ConsoleUrl>), CliError> {
    let wants = |format| requests.iter().any(|request| request.format == format);
    let named = context.config()?;
    let is_missing = named.is_some_and(|path| !path.exists());
    if !is_missing && !wants(Format::Owners) && !wants(Format::Html) {
        return Ok((OwnerFacts::default(), None));
    }
    let inventory = inventory.map(|path| AccountsSource::Saved(path.to_owned()));
    let args = PolicyContextArgs { inventory, ..PolicyContextArgs::default() };
    let mut config = match Workspace::find(named, &args).and_then(|workspace| workspace.offline().load(&[])) {
        Ok(config) => config,
        // A page without links to the console is complete, and no format changes the exit code.
        Err(error) if !is_missing && !wants(Format::Owners) => {
            warn_of_missing_links(context, requests, &error)?;
            return Ok((OwnerFacts::default(), None));
        }
        Err(error) => return Err(error),
    };
    config.ensure_not_overwritten(requests, [])?;
    let accounts = if wants(Format::Owners) { config.saved_accounts()? } else { Vec::new() };
    Ok((owner_facts(requests, &config.settings, &accounts), config.settings.console_url))
}

/// Warns that a page has no links to the console, because the settings are unusable. Their file is an input all the same.
fn warn_of_missing_links(context: &RunContext, requests: &[ReportRequest], error: &CliError) -> Result<(), CliError> {
    let (why, fix) = if let CliError::FileErrors(files) = error {
        let (_, sources) = &**files;
        ensure_not_overwritten(requests, sources, [])?;
        let file = sources.all().next().map_or("the settings file", Source::path);
        (format!("{file} has errors"), "correct them; `driftline validate` lists them".to_owned())
    } else {
        (error.to_string(), error.help().map(|help| help.to_string()).unwrap_or_default())
    };
    let (why, fix) = (terminal(&why), terminal(&fix));
    context.print_unless_quiet(&format!("warning: the page has no links to the console: {why}\n  fix: {fix}\n"));
    Ok(())
}

/// Checks that a selection matches targets of the report.
fn ensure_matched(view: &View<'_>, selection: &TargetSelection) -> Result<(), CliError> {
    let targets: Vec<_> = view.targets.iter().collect();
    let named = targets.iter().map(|target| (target.account, target.account_name.as_deref(), &target.region));
    Selectable::named(named).ensure_matched(selection)
}

/// Maximum of shards that an error names. The count comes from a file and may be any number.
const MAX_NAMED: u32 = 100;

fn others_missing(shard: Shard) -> MergeError {
    let others = (1..=shard.count).filter(|index| *index != shard.index);
    let named = others.take(MAX_NAMED as usize).map(|index| Shard { index, ..shard }.to_string());
    let rest = (shard.count - 1).saturating_sub(MAX_NAMED);
    let more = (rest > 0).then(|| format!("and {rest} more"));
    MergeError::Missing { count: shard.count, missing: named.chain(more).collect() }
}
