//! `driftline validate`: all errors and warnings in the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::output::stderr;
use super::reserved_paths::ensure_not_overwritten;
use super::run_context::RunContext;
use super::validation_report::{CheckedSet, Findings, NotChecked, SetContents, write_diagnostics_json};
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::config::FILE_NAME;
use crate::diagnostic::render;
use crate::document::{LeftOut, Walk, display_path, warn_of_left_out};
use crate::inventory::AccountsSource;
use crate::model::{AccountId, DesiredTarget};
use crate::policy::report_unchecked_names;
use crate::report::{Format, ReportRequest, pluralize, terminal};

/// Verdict over a policy set without errors.
const VALID: &str = "valid";

/// Verdict over a policy set without errors, with names that could not be checked.
const WELL_FORMED: &str = "well-formed";

/// Text in place of the number of targets.
const UNCOUNTED: &str = "its targets cannot be counted without the accounts of the organization: see `[inventory] offline` in driftline.toml";

/// Heading of the options that select the files.
const WHAT: &str = "What to validate";

/// Find every error in policies and settings (offline)
///
/// Errors and warnings go to standard error, with file and line; a line on standard output says what is valid.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline validate policies\n  \
    driftline validate policies --deny-warnings   treat warnings as errors\n  \
    driftline validate --all .                    every policy set of a repository\n  \
    driftline validate --report json=found.json   for programs")]
pub(super) struct ValidateArgs {
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Check every policy set below a folder: one per driftline.toml, or the folder itself if there is none
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["policies", "config"], help_heading = WHAT)]
    all: Option<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    /// Treat warnings, such as a declaration without effect, as errors
    #[arg(long, help_heading = OUTPUT)]
    deny_warnings: bool,
    /// Write the findings: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
}

pub(super) fn run(context: &RunContext, args: &ValidateArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports.clone())?;
    match &args.all {
        Some(folder) => validate_all(context, args, folder, &requests),
        None => validate_one(context, args, &requests),
    }
}

/// Validates the named policies, or those of the settings.
fn validate_one(context: &RunContext, args: &ValidateArgs, requests: &[ReportRequest]) -> Result<ExitStatus, CliError> {
    let workspace = Workspace::find(context.config()?, &args.policy_context)?.offline();
    let paths = workspace.paths(&args.policies)?;
    let name: Vec<String> = paths.iter().map(|path| display_path(path, &workspace.here)).collect();
    let set = check(name.join(", "), workspace, &paths)?;
    ensure_not_overwritten(requests, &set.findings.sources, [])?;
    print_findings(context, &set);
    let verdict = verdict(&set, args.deny_warnings);
    write_each(requests, &[], &|format, _, out| match (&verdict, format) {
        (_, Format::Json) => write_diagnostics_json(std::slice::from_ref(&set), verdict.is_ok(), out),
        (Ok((word, contents)), _) => writeln!(out, "{word}: {contents}"),
        // The error goes to standard error.
        (Err(_), _) => Ok(()),
    })?;
    if let Err(error) = verdict {
        let nothing = if set.contents.is_none() { "; nothing was checked" } else { "" };
        stderr(&format!("error: {error}{nothing}\n"));
        return Ok(ExitStatus::Error);
    }
    Ok(ExitStatus::Clean)
}

/// Validates every policy set below a folder.
fn validate_all(
    context: &RunContext,
    args: &ValidateArgs,
    folder: &Path,
    requests: &[ReportRequest],
) -> Result<ExitStatus, CliError> {
    let (settings, left_out) = settings_files(folder)?;
    let mut sets: Vec<CheckedSet> = Vec::new();
    if settings.is_empty() {
        // The set is the folder itself, and reports what it leaves out.
        sets.push(check_set_below(context, args, None, folder, &[])?);
    }
    for (index, file) in settings.iter().enumerate() {
        let left_out = if index == 0 { left_out.as_slice() } else { &[] };
        sets.push(check_set_below(context, args, Some(file), file.parent().unwrap_or(folder), left_out)?);
    }
    for set in &sets {
        ensure_not_overwritten(requests, &set.findings.sources, [])?;
    }
    let lines: Vec<(bool, String)> = sets.iter().map(|set| verdict_line(set, args.deny_warnings)).collect();
    let valid = lines.iter().filter(|(is_valid, _)| *is_valid).count();
    write_each(requests, &[], &|format, _, out| {
        if format == Format::Json {
            return write_diagnostics_json(&sets, valid == sets.len(), out);
        }
        for (_, line) in &lines {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}: {valid} valid, {} invalid", pluralize(sets.len(), "policy set"), sets.len() - valid)
    })?;
    Ok(if valid == sets.len() { ExitStatus::Clean } else { ExitStatus::Error })
}

/// Settings files below a folder, sorted and without hidden folders, and what the search left out.
fn settings_files(folder: &Path) -> Result<(Vec<PathBuf>, Vec<LeftOut>), CliError> {
    let mut walk = Walk::default();
    walk.folder(folder, &|below| below.file_name().is_some_and(|name| name == FILE_NAME));
    let left_out = walk.left_out(&BTreeSet::new());
    // A folder that cannot be searched may hold a policy set, which must not pass as valid.
    if !walk.endless.is_empty() {
        return Err(CliError::Endless { folder: folder.display().to_string(), why: walk.endless_because() });
    }
    if let Some((_, cause)) = walk.unreadable.into_iter().next() {
        return Err(CliError::System { what: "a folder cannot be searched for policy sets", cause });
    }
    walk.files.sort();
    Ok((walk.files, left_out))
}

/// Checks the policy set of a settings file, or the folder itself. `left_out` is what the search left out, for the first set.
fn check_set_below(
    context: &RunContext,
    args: &ValidateArgs,
    settings: Option<&Path>,
    folder: &Path,
    left_out: &[LeftOut],
) -> Result<CheckedSet, CliError> {
    let workspace = Workspace::find(settings, &args.policy_context)?.offline();
    let here = workspace.here.clone();
    // If the settings list no policies and there is no policy folder, the policies are next to the settings.
    let listed = if settings.is_some() { workspace.settings.policies.clone() } else { Vec::new() };
    let paths = if listed.is_empty() { vec![folder.to_owned()] } else { listed };
    let name = display_path(folder, &here);
    let settings_file = settings.map(|file| display_path(file, &here));
    let mut set = check(name.clone(), workspace, &paths).unwrap_or_else(|error| {
        // The other sets are still worth checking.
        stderr(&error.text(context.rendering()));
        let failure = Some(error.to_string());
        CheckedSet { name, settings_file, contents: None, failure, findings: Findings::default() }
    });
    // The set itself reports what is left out of its policies.
    let elsewhere =
        left_out.iter().filter(|entry| !paths.iter().any(|path| here.join(&entry.path).starts_with(here.join(path))));
    warn_of_left_out(&elsewhere.cloned().collect::<Vec<_>>(), &here, &mut set.findings.diagnostics);
    print_findings(context, &set);
    Ok(set)
}

/// Checks a policy set. Errors in files are findings, other errors end the check.
fn check(name: String, workspace: Workspace, paths: &[PathBuf]) -> Result<CheckedSet, CliError> {
    let unknown = match workspace.settings.accounts {
        AccountsSource::Caller => Some(UnknownOffline::Caller),
        AccountsSource::Organization => Some(UnknownOffline::Organization),
        AccountsSource::Declared | AccountsSource::Listed(_) | AccountsSource::Saved(_) => None,
    };
    let settings_file = workspace.settings.file.as_deref().map(|file| display_path(file, &workspace.here));
    let checked = |contents, findings| CheckedSet { name, settings_file, contents, failure: None, findings };
    let loaded = workspace.load(paths).and_then(|mut config| {
        let mut resolved = match unknown {
            Some(_) => config.resolve_for_any_accounts(),
            None => config.resolve(AccountId::UnknownCaller),
        }?;
        config.age_warning().into_iter().for_each(|warning| resolved.warnings.push(warning));
        let unchecked = match unknown {
            Some(UnknownOffline::Organization) => report_unchecked_names(&config.policies, &mut resolved.warnings),
            Some(UnknownOffline::Caller) | None => None,
        };
        Ok((resolved, unchecked, config))
    });
    let (resolved, unchecked, config) = match loaded {
        Ok(loaded) => loaded,
        Err(CliError::FileErrors(files)) => {
            let (diagnostics, sources) = *files;
            return Ok(checked(None, Findings { diagnostics, sources }));
        }
        Err(error) => return Err(error),
    };
    let targets = resolved.desired.targets();
    let contents = SetContents {
        policy_files: config.policies.files.len(),
        declarations: config.policies.declarations.len(),
        targets: match unknown {
            Some(UnknownOffline::Caller) => {
                Some(targets.iter().filter(|target| target.account == AccountId::UnknownCaller).count())
            }
            Some(UnknownOffline::Organization) => None,
            None => Some(targets.len()),
        },
        accounts: unknown.is_none().then(|| accounts(targets)),
        not_checked: unchecked.as_ref().map(NotChecked::from),
        offline_inventory: config.stand_in.clone(),
    };
    Ok(checked(Some(contents), Findings { diagnostics: resolved.warnings, sources: config.into_sources() }))
}

/// Number of accounts with a target.
fn accounts(targets: &[DesiredTarget]) -> usize {
    targets.chunk_by(|one, next| one.account == next.account).count()
}

/// Inventory that is unknown without AWS.
#[derive(Clone, Copy)]
enum UnknownOffline {
    /// The account of the credentials.
    Caller,
    /// The accounts of the organization.
    Organization,
}

/// Prints errors, and unless `--quiet` warnings.
fn print_findings(context: &RunContext, set: &CheckedSet) {
    let Findings { diagnostics, sources } = &set.findings;
    if diagnostics.has_errors() || !(context.global.quiet || diagnostics.is_empty()) {
        stderr(&render(diagnostics, sources, context.rendering()));
    }
}

/// Verdict over a valid policy set and its contents, or else why it is invalid.
fn verdict(set: &CheckedSet, deny_warnings: bool) -> Result<(&'static str, String), String> {
    let (errors, warnings) = set.findings.diagnostics.counts();
    let contents = match &set.contents {
        None => return Err(format!("{} in the files", pluralize(errors, "error"))),
        Some(contents) if warnings > 0 && deny_warnings => {
            let not_checked = contents.not_checked_text();
            return Err(format!("{} with --deny-warnings{not_checked}", pluralize(warnings, "warning")));
        }
        Some(contents) => contents,
    };
    let targets = match (contents.targets, contents.accounts) {
        (None, _) => format!("; {UNCOUNTED}"),
        (Some(targets), None) => format!(", {} in the caller's account", pluralize(targets, "target")),
        (Some(targets), Some(accounts)) => {
            format!(", {}, {}", pluralize(accounts, "account"), pluralize(targets, "target"))
        }
    };
    let inventory = contents.offline_inventory.as_ref().map(|found| format!("; {}", terminal(&found.to_string())));
    let files = pluralize(contents.policy_files, "policy file");
    let declarations = pluralize(contents.declarations, "declaration");
    let word = if contents.not_checked.is_some() { WELL_FORMED } else { VALID };
    let not_checked = contents.not_checked_text();
    Ok((word, format!("{files}, {declarations}{not_checked}{targets}{}", inventory.unwrap_or_default())))
}

/// Line about a policy set, and whether the set is valid.
fn verdict_line(set: &CheckedSet, deny_warnings: bool) -> (bool, String) {
    let name = terminal(&set.name);
    if let Some(failure) = &set.failure {
        return (false, format!("invalid  {name}: {}", terminal(failure)));
    }
    match verdict(set, deny_warnings) {
        Ok((word, contents)) => (true, format!("{word:<7}  {name}: {contents}")),
        Err(error) => (false, format!("invalid  {name}: {error}")),
    }
}
