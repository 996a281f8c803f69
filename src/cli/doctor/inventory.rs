//! The policy files and the accounts that they select from.

use super::diagnosis::{CheckId, CheckState, DoctorCheck};
use crate::aws::AwsSession;
use crate::cli::endpoint::Deadline;
use crate::cli::error::CliError;
use crate::cli::read_targets::list_organization;
use crate::cli::run_context::RunContext;
use crate::cli::workspace::{LoadedConfig, ResolvedPolicies};
use crate::diagnostic::{Diagnostics, Level};
use crate::document::display_path;
use crate::inventory::{AccountsSource, OfflineInventory};
use crate::model::{AccountId, Clock};
use crate::report::{pluralize, terminal};

const INVENTORY: &str = "accounts";
const POLICIES: &str = "policy files";

/// The loaded files, or the check that says why there are none.
pub(super) type LoadResult = Result<LoadedConfig, DoctorCheck>;

/// The checks of policies and inventory, and the desired state if both are sound.
pub(super) struct Resolution {
    pub(super) checks: Vec<DoctorCheck>,
    pub(super) resolved: Option<ResolvedPolicies>,
}

/// The policies as loaded. `settings_errors` is the number of errors of the settings file, which are its own to report.
pub(super) fn load_result(
    loaded: Result<LoadedConfig, CliError>,
    settings_errors: usize,
    validate: &str,
) -> Result<LoadResult, CliError> {
    match loaded {
        Ok(config) => Ok(Ok(config)),
        Err(CliError::FileErrors(files)) => {
            let errors = files.0.counts().0.saturating_sub(settings_errors);
            Ok(Err(if errors == 0 {
                let why = "the settings file has errors, so the policies are only read";
                DoctorCheck::ok(CheckId::Policies, POLICIES, why)
            } else {
                invalid(&files.0, errors, validate)
            }))
        }
        Err(error @ CliError::NoPolicy) => Ok(Err(failed(CheckId::Policies, POLICIES, &error))),
        Err(error) => Err(error),
    }
}

/// An error of the program as a check.
pub(super) fn failed(id: CheckId, subject: &str, error: &CliError) -> DoctorCheck {
    let check = DoctorCheck::error(id, subject, error.to_string());
    match error {
        // Their help may name this command.
        CliError::Connect(error) => check.fix(error.help()),
        CliError::Organization(error) => check.fix(error.help()),
        error => match miette::Diagnostic::help(error) {
            Some(help) => check.fix(help.to_string()),
            None => check,
        },
    }
}

fn invalid(diagnostics: &Diagnostics, errors: usize, validate: &str) -> DoctorCheck {
    let warnings = diagnostics.counts().1;
    let more = if warnings > 0 { format!(" and {}", pluralize(warnings, "warning")) } else { String::new() };
    let detail = format!("{}{more} in the files", pluralize(errors, "error"));
    DoctorCheck::error(CheckId::Policies, POLICIES, detail).fix(validate)
}

/// Finds the accounts, and resolves the policies for them.
pub(super) async fn resolve(
    context: &RunContext,
    config: &mut LoadedConfig,
    access: Option<&AwsSession>,
    deadline: Deadline,
    validate: &str,
) -> Result<Resolution, CliError> {
    let inventory = inventory_check(context, config, access, deadline).await?;
    let counts = format!(
        "{}, {}",
        pluralize(config.policies.files.len(), "file"),
        pluralize(config.policies.declarations.len(), "declaration")
    );
    if !matches!(inventory.state, CheckState::Ok | CheckState::Warning) {
        let policies = DoctorCheck::ok(CheckId::Policies, POLICIES, format!("{counts}; their targets are not known"));
        return Ok(Resolution { checks: vec![inventory, policies], resolved: None });
    }
    let caller = access.map_or(AccountId::UnknownCaller, |access| access.caller().account);
    match config.resolve(caller) {
        Ok(resolved) if resolved.desired.targets().is_empty() => {
            let policies = failed(CheckId::Policies, POLICIES, &CliError::NoTarget);
            Ok(Resolution { checks: vec![inventory, policies], resolved: None })
        }
        Ok(resolved) => {
            let policies = sound(&resolved, &counts, validate);
            Ok(Resolution { checks: vec![inventory, policies], resolved: Some(resolved) })
        }
        Err(CliError::FileErrors(files)) => {
            let policies = invalid(&files.0, files.0.counts().0, validate);
            Ok(Resolution { checks: vec![inventory, policies], resolved: None })
        }
        Err(error) => Err(error),
    }
}

fn sound(resolved: &ResolvedPolicies, counts: &str, validate: &str) -> DoctorCheck {
    let targets = resolved.desired.targets();
    let accounts = targets.chunk_by(|one, next| one.account == next.account).count();
    let targets = format!("{} in {}", pluralize(targets.len(), "target"), pluralize(accounts, "account"));
    match resolved.warnings.counts().1 {
        0 => DoctorCheck::ok(CheckId::Policies, POLICIES, format!("{counts}, {targets}")),
        warnings => {
            let detail = format!("{counts}, {targets}; {}", pluralize(warnings, "warning"));
            DoctorCheck::warning(CheckId::Policies, POLICIES, detail).fix(validate)
        }
    }
}

async fn inventory_check(
    context: &RunContext,
    config: &mut LoadedConfig,
    access: Option<&AwsSession>,
    deadline: Deadline,
) -> Result<DoctorCheck, CliError> {
    let ok = |detail: String| DoctorCheck::ok(CheckId::Inventory, INVENTORY, detail);
    Ok(match (&config.settings.accounts, access) {
        (AccountsSource::Declared, _) => {
            ok(format!("{} in the policies", pluralize(config.policies.declared_accounts().len(), "id")))
        }
        (AccountsSource::Listed(ids), _) => ok(format!("{} in the settings file", pluralize(ids.len(), "id"))),
        (AccountsSource::Saved(_), _) => saved_check(config),
        (AccountsSource::Caller | AccountsSource::Organization, None) => {
            DoctorCheck::skipped(CheckId::Inventory, INVENTORY, "the caller is not known")
        }
        (AccountsSource::Caller, Some(access)) => ok(format!("{}, the caller's own", access.caller().account)),
        (AccountsSource::Organization, Some(access)) => {
            match list_organization(context, config, access, deadline).await {
                Ok(organization) => {
                    let accounts = pluralize(organization.accounts.len(), "account");
                    let detail = format!("{accounts} of {}, listed by AWS Organizations", terminal(&organization.id));
                    config.organization = Some(organization);
                    ok(detail)
                }
                Err(error @ CliError::Organization(_)) => failed(CheckId::Inventory, INVENTORY, &error),
                Err(CliError::InterruptedListing(_)) => not_checked("the run was interrupted"),
                Err(CliError::DeadlineListing) => not_checked("the deadline passed").fix("raise --deadline"),
                Err(error) => return Err(error),
            }
        }
    })
}

fn not_checked(why: &str) -> DoctorCheck {
    DoctorCheck::not_checked(CheckId::Inventory, INVENTORY, why)
}

/// The saved inventory with its age, or why it cannot be used.
fn saved_check(config: &mut LoadedConfig) -> DoctorCheck {
    let mut diagnostics = Diagnostics::default();
    let loaded = config.saved_inventory(&mut diagnostics);
    let shown = match &config.settings.accounts {
        AccountsSource::Saved(path) => display_path(path, &config.here),
        _ => String::new(),
    };
    if let Some(organization) = loaded {
        let facts = OfflineInventory::new(shown, &organization);
        diagnostics = Diagnostics::default();
        facts.age_warning(Clock::System.now(), None).into_iter().for_each(|warning| diagnostics.push(warning));
        let detail = format!("{}: {facts}", pluralize(organization.accounts.len(), "account"));
        config.organization = Some(organization);
        return match first(&diagnostics, config) {
            None => DoctorCheck::ok(CheckId::Inventory, INVENTORY, detail),
            Some((message, help)) => {
                let detail = format!("{detail}; {message}");
                DoctorCheck::warning(CheckId::Inventory, INVENTORY, detail).fix(help)
            }
        };
    }
    let (message, help) = first(&diagnostics, config).unwrap_or_default();
    DoctorCheck::error(CheckId::Inventory, INVENTORY, message).fix(help)
}

/// Message and fix of the first diagnostic, errors first.
fn first(diagnostics: &Diagnostics, config: &LoadedConfig) -> Option<(String, String)> {
    let sorted = diagnostics.sorted(config.sources());
    let error = sorted.iter().find(|diagnostic| diagnostic.level == Level::Error).or(sorted.first())?;
    let place = error.place(config.sources()).map_or_else(String::new, |place| format!("{place}: "));
    Some((format!("{place}{}", error.message), error.help.clone().unwrap_or_default()))
}
