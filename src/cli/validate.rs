//! `driftline validate`: every mistake in the files.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::collision::keep;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::reports::{NO_PLAN, text_or_json, validate_destinations, write_each};
use super::terminal::rendering;
use super::validate_all;
use super::validation_report::{Checked, Findings, Holds, write_diagnostics_json};
use super::workspace::{LoadedConfig, ResolvedPolicies, Workspace};
use crate::diagnostic::{Diagnostics, render};
use crate::document::display_path;
use crate::inventory::{Accounts, AccountsSource};
use crate::model::{AccountId, InventoryFields};
use crate::policy::{judge_regions, judge_waivers};
use crate::report::{Format, ReportRequest, pluralize};

/// Find every mistake in policies and settings, without AWS
///
/// Mistakes and doubts go to standard error, each at its place; a line on standard output says what is valid. Exit code 1 if
/// there is a mistake.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline validate policies\n  \
    driftline validate policies --deny-warnings   doubts, such as a declaration without effect, count as mistakes\n  \
    driftline validate --all .                    every policy set of a repository\n  \
    driftline validate --report json=found.json   for programs, also where the files have mistakes")]
pub(super) struct ValidateArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Check every policy set below a folder: one for each driftline.toml; where there is none, the folder itself
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["policies", "config"])]
    all: Option<PathBuf>,
    #[command(flatten)]
    pub(super) given: PolicyContextArgs,
    /// Exit with 1 for doubts, too
    #[arg(long)]
    pub(super) deny_warnings: bool,
    /// Write what was found: text or json, to standard output or to a file; may be given several times
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<ReportRequest>,
}

pub(super) fn run(common: &Common, mut arguments: ValidateArguments) -> Result<ExitStatus, CliError> {
    let wanted = validate_destinations(std::mem::take(&mut arguments.reports))?;
    if let Some(folder) = &arguments.all {
        return validate_all::run(folder, common, &arguments, &wanted);
    }
    let ground = Workspace::find(common.config.as_deref(), &arguments.given)?;
    let paths = ground.paths(&arguments.policies)?;
    let name: Vec<String> = paths.iter().map(|path| display_path(path, &ground.here)).collect();
    let checked = check(name.join(", "), ground, &paths)?;
    keep(&wanted, &checked.findings.sources, &[])?;
    tell_findings(&checked, common);
    let line = verdict(&checked, arguments.deny_warnings);
    let valid = line.is_ok();
    write_each(&wanted, NO_PLAN, &|format, _, out| match (&line, format) {
        (_, Format::Json) => write_diagnostics_json(std::slice::from_ref(&checked), valid, out),
        (Ok(line), _) => writeln!(out, "valid: {line}"),
        // Standard error says it.
        (Err(_), _) => Ok(()),
    })?;
    if let Err(line) = line {
        let nothing = if checked.holds.is_none() { "; nothing was checked" } else { "" };
        stderr(&format!("error: {line}{nothing}\n"));
        return Ok(ExitStatus::Error);
    }
    Ok(ExitStatus::Clean)
}

/// Checks a policy set. What keeps it from being checked, but for mistakes in files, is a failure.
pub(super) fn check(name: String, ground: Workspace, paths: &[PathBuf]) -> Result<Checked, CliError> {
    let open = match ground.settings.accounts {
        AccountsSource::Caller => Some(UnknownOffline::Caller),
        AccountsSource::Organization => Some(UnknownOffline::Organization),
        AccountsSource::Declared | AccountsSource::Listed(_) | AccountsSource::Saved(_) => None,
    };
    let settings_file = ground.settings.file.as_deref().map(|file| display_path(file, &ground.here));
    let checked = |holds, findings| Checked { name, settings_file, holds, failure: None, findings };
    let resolved = ground.load(paths).and_then(|inputs| match open {
        Some(_) => for_any_accounts(inputs),
        None => inputs.resolve(|| AccountId::NOBODY),
    });
    let (inputs, resolved) = match resolved {
        Ok(found) => found,
        Err(CliError::Mistakes(told)) => {
            let (diagnostics, sources) = *told;
            return Ok(checked(None, Findings { diagnostics, sources }));
        }
        Err(failure) => return Err(failure),
    };
    let targets = resolved.desired.targets();
    let holds = Holds {
        policy_files: inputs.policies.files.len(),
        declarations: inputs.policies.declarations.len(),
        targets: match open {
            Some(UnknownOffline::Caller) => {
                Some(targets.iter().filter(|target| target.account == AccountId::NOBODY).count())
            }
            Some(UnknownOffline::Organization) => None,
            None => Some(targets.len()),
        },
        accounts: open.is_none().then(|| resolved.inventory.accounts().len()),
    };
    Ok(checked(Some(holds), Findings { diagnostics: resolved.warnings, sources: inputs.into_sources() }))
}

/// What is said in the place of a number of targets.
const UNCOUNTED: &str = "; its targets cannot be counted without the accounts of the organization: save them with \
                         `driftline inventory --out accounts.json`, then name the file with --inventory accounts.json";

/// What only AWS knows, and this command does not ask.
#[derive(Clone, Copy)]
enum UnknownOffline {
    /// Which account the credentials are of.
    Caller,
    /// Which accounts the organization has.
    Organization,
}

/// An account may be one that the policies list, or one that they do not: both must be free of contradictions. Nothing is said
/// against selectors that ask for names, units or tags, which may well be known in the end.
fn for_any_accounts(inputs: LoadedConfig) -> Result<(LoadedConfig, ResolvedPolicies), CliError> {
    let ids = inputs.policies.declared_accounts().into_iter().chain([AccountId::NOBODY]);
    let of_organization = inputs.settings.accounts == AccountsSource::Organization;
    let knowledge = InventoryFields { names: of_organization, units: of_organization, tags: of_organization };
    let accounts = Accounts { knowledge, ..Accounts::from_ids(ids) };
    let mut inputs = inputs;
    let files = std::mem::take(&mut inputs.warnings);
    let (inputs, mut resolved) = inputs.resolve_in(accounts, Diagnostics::default())?;
    // Which accounts a selector matches cannot be told where nobody knows them; which Regions, and how long waivers last, can.
    resolved.warnings = files;
    judge_waivers(&inputs.policies, inputs.today, &mut resolved.warnings);
    judge_regions(&inputs.policies, &resolved.inventory, &mut resolved.warnings);
    Ok((inputs, resolved))
}

/// Tells mistakes, and doubts unless the user wants it quiet.
pub(super) fn tell_findings(checked: &Checked, common: &Common) {
    let Findings { diagnostics, sources } = &checked.findings;
    if diagnostics.has_errors() || !(common.quiet || diagnostics.is_empty()) {
        stderr(&render(diagnostics, sources, rendering(common)));
    }
}

/// What a policy set holds if it is valid, else what keeps it from being valid.
pub(super) fn verdict(checked: &Checked, deny_warnings: bool) -> Result<String, String> {
    let (errors, doubts) = checked.findings.diagnostics.counts();
    let holds = match checked.holds {
        None => return Err(format!("{} in the files", pluralize(errors, "mistake"))),
        Some(_) if doubts > 0 && deny_warnings => {
            return Err(format!("{} under --deny-warnings", pluralize(doubts, "doubt")));
        }
        Some(holds) => holds,
    };
    let targets = match (holds.targets, holds.accounts) {
        (None, _) => UNCOUNTED.to_owned(),
        (Some(targets), None) => format!(", {} in the caller's account", pluralize(targets, "target")),
        (Some(targets), Some(accounts)) => {
            format!(", {} in {}", pluralize(targets, "target"), pluralize(accounts, "account"))
        }
    };
    let (files, declarations) =
        (pluralize(holds.policy_files, "policy file"), pluralize(holds.declarations, "declaration"));
    Ok(format!("{files}, {declarations}{targets}"))
}
