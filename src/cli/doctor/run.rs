//! The run of `driftline doctor`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::SignedDuration;

use super::accounts::AccountsRun;
use super::diagnosis::{CheckId, Diagnosis, DoctorCheck};
use super::inventory::{LoadResult, Resolution, failed, load_result, resolve};
use super::local::{environment_checks, git_check};
use super::settings::{CommandLine, settings_checks};
use super::text::write_text;
use crate::aws::{AwsSession, RoleTemplate};
use crate::cli::endpoint::{Deadline, DeadlineArgs, Endpoint, EndpointArgs};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::help_headings::OUTPUT;
use crate::cli::read_targets::connect;
use crate::cli::reserved_paths::ensure_not_overwritten;
use crate::cli::run_context::RunContext;
use crate::cli::workspace::{PolicyContextArgs, Workspace};
use crate::cli::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::document::display_path;
use crate::report::{Format, ReportRequest, pluralize};

/// Offset of the clock that deserves a warning.
const CLOCK_WARNING: SignedDuration = SignedDuration::from_mins(1);

/// Offset of the clock that a run works with only because the SDK corrects its time by the answers.
const CLOCK_CORRECTED: SignedDuration = SignedDuration::from_mins(5);

/// Heading of the options that select what is tried.
const WHAT: &str = "What to try";

/// Try what a check needs: settings, credentials, roles, permissions, Regions
///
/// Calls AWS as `check` does, in a sample of the accounts, and only reads. Each line says what was found and how to fix it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline doctor\n  \
    driftline doctor policies --all            every account\n  \
    driftline doctor --report json=doctor.json\n  \
    driftline doctor --config examples/organization/driftline.toml --simulate examples/organization/world.yaml")]
pub(in crate::cli) struct DoctorArgs {
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    /// Number of accounts to try beside the caller's, spread evenly over all
    #[arg(long, value_name = "N", default_value = "10", conflicts_with = "all", help_heading = WHAT)]
    sample: NonZeroUsize,
    /// Try every account
    #[arg(long, help_heading = WHAT)]
    all: bool,
    #[command(flatten, next_help_heading = WHAT)]
    endpoint: EndpointArgs,
    /// Write the findings: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    deadline: DeadlineArgs,
}

pub(in crate::cli) fn run(context: &RunContext, args: &DoctorArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports.clone())?;
    let config = context.config()?;
    let workspace = Workspace::find(config, &args.policy_context)?;
    let (settings, here) = (workspace.settings.clone(), workspace.here.clone());
    let settings_file = settings.file.as_deref().map(|file| display_path(file, &here));
    let named: Vec<String> = args.policies.iter().map(|path| path.display().to_string()).collect();
    let flags = CommandLine {
        config: config.map(|_| context.config_origin()),
        has_inventory: args.policy_context.inventory.is_some(),
        deadline: args.deadline.given()?,
    };
    let mut checks = settings_checks(&workspace, flags, &named);
    let validate = validate_command(config, &named);
    let settings_errors = workspace.diagnostics.counts().0;
    let loaded = workspace.load_named(&args.policies);
    match &loaded {
        Ok(config) => config.ensure_not_overwritten(&requests, args.endpoint.reserved())?,
        Err(CliError::FileErrors(files)) => ensure_not_overwritten(&requests, &files.1, args.endpoint.reserved())?,
        Err(_) => {}
    }
    let loaded = load_result(loaded, settings_errors, &validate)?;
    let mut endpoint = args.endpoint.resolve(&settings)?;
    endpoint.options.logs_calls = true;
    checks.push(git_check(&here));
    let job = DoctorJob {
        context,
        endpoint,
        sample: (!args.all).then_some(args.sample),
        deadline: Deadline::after(args.deadline.limit(&settings)?),
        validate,
    };
    checks.extend(context.runtime()?.block_on(Box::pin(job.examine(loaded)))?);
    let diagnosis = Diagnosis::new(checks, settings_file);
    // The exit code is final before any report is written.
    let exit = context.shutdown.received().unwrap_or_else(|| diagnosis.health().into());
    write_each(&requests, &[], &|format, stream, out| match format {
        Format::Json => diagnosis.write_json(out),
        _ => write_text(&diagnosis, context.text_options(stream), out),
    })?;
    Ok(exit)
}

/// The command that shows the errors of the files.
fn validate_command(config: Option<&Path>, named: &[String]) -> String {
    let config = config.map(|file| format!(" --config {}", file.display())).unwrap_or_default();
    let policies: String = named.iter().flat_map(|path| [" ", path.as_str()]).collect();
    format!("driftline validate{policies}{config}")
}

/// The part of a diagnosis that calls AWS.
struct DoctorJob<'a> {
    context: &'a RunContext,
    endpoint: Endpoint,
    sample: Option<NonZeroUsize>,
    deadline: Deadline,
    validate: String,
}

/// The connection to AWS.
struct Connection {
    access: Option<AwsSession>,
    /// The check of the caller.
    caller: DoctorCheck,
    /// Whether AWS refuses the requests for their time.
    is_clock_refused: bool,
}

impl DoctorJob<'_> {
    async fn examine(&self, loaded: LoadResult) -> Result<Vec<DoctorCheck>, CliError> {
        let mut checks = environment_checks(self.context, self.endpoint.environment, self.deadline).await;
        let Connection { access, caller, is_clock_refused } = self.connect().await?;
        if access.is_some() {
            // The credentials come from elsewhere if the profile does not exist.
            let is_profile = |check: &DoctorCheck| check.id == CheckId::Profile;
            checks =
                checks.into_iter().map(|check| if is_profile(&check) { check.tolerated() } else { check }).collect();
        }
        checks.push(caller);
        let resolution = match loaded {
            Err(why) => {
                const SKIPPED: &str = "there are no valid settings and policies";
                Err(vec![why, DoctorCheck::skipped(CheckId::Inventory, "accounts", SKIPPED)])
            }
            Ok(mut config) => {
                let resolution =
                    resolve(self.context, &mut config, access.as_ref(), self.deadline, &self.validate).await?;
                Ok((config, resolution))
            }
        };
        match (resolution, &access) {
            (Err(skipped), _) => {
                checks.extend(skipped);
                checks.extend(skipped_accounts("there are no valid settings and policies"));
            }
            (Ok((config, Resolution { checks: found, resolved })), access) => {
                checks.extend(found);
                match (resolved, access) {
                    (Some(resolved), Some(access)) => {
                        let accounts = AccountsRun {
                            context: self.context,
                            config: &config,
                            access,
                            resolved: &resolved,
                            role: self.role(),
                            sample: self.sample,
                            deadline: self.deadline,
                        };
                        checks.extend(examine_accounts(&accounts).await);
                    }
                    (_, None) => checks.extend(skipped_accounts("there is no connection to AWS")),
                    (None, Some(_)) => checks.extend(skipped_accounts("the targets are not known")),
                }
            }
        }
        checks.push(clock_check(access.as_ref().and_then(AwsSession::clock_offset), is_clock_refused));
        Ok(checks)
    }

    /// Connects to AWS, with a check of the caller.
    async fn connect(&self) -> Result<Connection, CliError> {
        const SUBJECT: &str = "caller";
        let none = |caller| Connection { access: None, caller, is_clock_refused: false };
        match connect(self.context, self.endpoint.options.clone(), self.deadline).await {
            Ok(Ok(access)) => {
                let caller = access.caller();
                let detail = format!("{}, account {}, partition {}", caller.arn, caller.account, caller.partition);
                let caller = DoctorCheck::ok(CheckId::Caller, SUBJECT, detail);
                Ok(Connection { access: Some(access), ..none(caller) })
            }
            Ok(Err(unread)) => Ok(none(super::accounts::not_tried(CheckId::Caller, SUBJECT, &unread))),
            Err(CliError::Connect(cause)) => {
                let is_clock_refused = cause.is_of_clock();
                let caller = failed(CheckId::Caller, SUBJECT, &CliError::Connect(cause));
                Ok(Connection { is_clock_refused, ..none(caller) })
            }
            Err(error) => Err(error),
        }
    }

    fn role(&self) -> Option<&RoleTemplate> {
        self.endpoint.options.role.as_ref()
    }
}

/// Tries roles, actions and Regions.
async fn examine_accounts(run: &AccountsRun<'_>) -> Vec<DoctorCheck> {
    let (open, mut checks) = run.open().await;
    let (requests, readings) = run.read(&open).await;
    run.try_further_settings(&open, &requests, &readings).await;
    checks.push(run.administrator_check().await);
    let calls = run.access.logged_calls();
    checks.extend(run.action_checks(&calls, !open.is_empty()));
    checks.extend(run.region_checks(&requests, &readings, &calls));
    checks
}

fn skipped_accounts(why: &str) -> [DoctorCheck; 4] {
    [
        (CheckId::Role, "role"),
        (CheckId::Administrator, "administrator"),
        (CheckId::Action, "actions"),
        (CheckId::Region, "Regions"),
    ]
    .map(|(id, subject)| DoctorCheck::skipped(id, subject, why))
}

/// The clock of this machine beside that of AWS. A wrong one is an error only if AWS refuses the requests for it.
fn clock_check(offset: Option<SignedDuration>, is_refused: bool) -> DoctorCheck {
    const SUBJECT: &str = "clock";
    const FIX: &str = "set the clock of this machine, for example with NTP";
    if is_refused {
        return DoctorCheck::error(CheckId::Clock, SUBJECT, "AWS refuses requests of this machine for their time")
            .fix(FIX);
    }
    let Some(offset) = offset else {
        return DoctorCheck::skipped(CheckId::Clock, SUBJECT, "no answer of AWS said what time it is");
    };
    if offset.abs() <= CLOCK_WARNING {
        return DoctorCheck::ok(CheckId::Clock, SUBJECT, "within a minute of the time of AWS");
    }
    let way = if offset.is_positive() { "ahead of" } else { "behind" };
    let minutes = offset.abs().as_secs().saturating_add(30) / 60;
    let minutes = pluralize(usize::try_from(minutes).unwrap_or(usize::MAX), "minute");
    let corrected = if offset.abs() > CLOCK_CORRECTED {
        "; AWS refuses requests that are 5 minutes off, so driftline signs with the time of AWS"
    } else {
        ""
    };
    let detail = format!("{minutes} {way} the time of AWS{corrected}");
    DoctorCheck::warning(CheckId::Clock, SUBJECT, detail).fix(FIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::diagnosis::CheckState;

    #[test]
    fn a_wrong_clock_is_an_error_only_if_aws_refuses_requests_for_it() {
        let state =
            |offset: Option<i64>, is_refused| clock_check(offset.map(SignedDuration::from_mins), is_refused).state;
        assert_eq!(state(None, false), CheckState::Skipped);
        assert_eq!(state(Some(1), false), CheckState::Ok);
        assert_eq!(state(Some(-2), false), CheckState::Warning);
        assert_eq!(state(Some(600), false), CheckState::Warning);
        assert_eq!(state(None, true), CheckState::Error);
    }
}
