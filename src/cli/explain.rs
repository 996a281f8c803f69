//! `driftline explain`: the effective settings of one target, their source, and what they override.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::exit::ExitStatus;
use super::explanation::{Explanation, NoTarget, write_explanation_json, write_explanation_text};
use super::run_context::RunContext;
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::files::NewFile;
use crate::inventory::AccountsSource;
use crate::model::Target;
use crate::report::{Format, ReportRequest};

/// Show the effective settings of a target, their origin and what they override (offline)
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline explain 111122223333/eu-central-1 policies\n  \
    driftline explain 111122223333/eu-central-1 policies --report json")]
pub(super) struct ExplainArgs {
    /// Target: account id and Region
    #[arg(value_name = "ACCOUNT/REGION", value_parser = parse_target)]
    target: Target,
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    policy_context: PolicyContextArgs,
    /// Write the explanation: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json)]
    reports: Vec<ReportRequest>,
}

fn parse_target(text: &str) -> Result<Target, String> {
    let (account, region) = text
        .split_once('/')
        .ok_or_else(|| "write it as ACCOUNT/REGION, such as 111122223333/eu-central-1".to_owned())?;
    Ok(Target::macie_session(
        account.parse().map_err(|error| format!("\"{account}\": {error}"))?,
        region.parse().map_err(|error| format!("\"{region}\": {error}"))?,
    ))
}

pub(super) fn run(context: &RunContext, args: ExplainArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports)?;
    let target = args.target;
    let mut config = Workspace::find(context.config(), &args.policy_context)?.offline().load_named(&args.policies)?;
    config.ensure_not_overwritten(&requests, None)?;
    config.print_file_warnings(context);
    let resolved = config.resolve(target.account)?;
    config.print_stand_in(context);
    let account = resolved.inventory.account(target.account);
    let explanation = Explanation {
        account_name: account.and_then(|account| account.name.clone()),
        found: match resolved.desired.find(&target) {
            Some(found) => Ok(found.clone()),
            None if account.is_none() => Err(NoTarget::AccountNotInInventory),
            None if !resolved.inventory.regions().contains(&target.region) => Err(NoTarget::RegionNotInInventory),
            None => Err(NoTarget::NotDeclared),
        },
        target,
        today: config.today,
        settings_file: config.settings_file(),
        policy_files: config.policies.files,
        policy_digest: config.policies.digest,
    };
    write_each(&requests, NewFile::Ordinary, &|format, stream, out| {
        if format == Format::Json {
            write_explanation_json(&explanation, out)
        } else {
            write_explanation_text(&explanation, context.text_options(stream), out)
        }
    })?;
    if config.settings.accounts == AccountsSource::Caller {
        context.note("the inventory is the caller's account; this assumes that the account is the caller's");
    }
    Ok(ExitStatus::Clean)
}
