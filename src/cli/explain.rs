//! `driftline explain`: what is wanted of one target, why, and what lost.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::explanation::{Explanation, NoTarget, write_explanation_json, write_explanation_text};
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::reports::{NO_PLAN, text_options, text_or_json, validate_destinations, write_each};
use super::workspace::load;
use crate::inventory::AccountsSource;
use crate::model::Target;
use crate::report::{Format, ReportRequest};

/// Say what is wanted of one target, why, and what lost, without AWS
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline explain 111122223333/eu-central-1 policies\n  \
    driftline explain 111122223333/eu-central-1 policies --report json")]
pub(super) struct ExplainArguments {
    /// The target: an account id and a Region
    #[arg(value_name = "ACCOUNT/REGION", value_parser = target)]
    target: Target,
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    /// Write the explanation: text or json, to standard output or to a file; may be given several times
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<ReportRequest>,
}

fn target(text: &str) -> Result<Target, String> {
    let (account, region) = text
        .split_once('/')
        .ok_or_else(|| "write it as ACCOUNT/REGION, such as 111122223333/eu-central-1".to_owned())?;
    Ok(Target::macie_session(
        account.parse().map_err(|error| format!("\"{account}\": {error}"))?,
        region.parse().map_err(|error| format!("\"{region}\": {error}"))?,
    ))
}

pub(super) fn run(common: &Common, arguments: ExplainArguments) -> Result<ExitStatus, CliError> {
    let wanted = validate_destinations(arguments.reports)?;
    let target = arguments.target;
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    inputs.keep(&wanted, &[])?;
    inputs.tell_file_warnings(common);
    let caller_only = inputs.settings.accounts == AccountsSource::Caller;
    let (inputs, resolved) = inputs.resolve(|| target.account)?;
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
        today: inputs.today,
        settings_file: inputs.settings_file(),
        policy_files: inputs.policies.files,
        policy_digest: inputs.policies.digest,
    };
    write_each(&wanted, NO_PLAN, &|format, stream, out| {
        if format == Format::Json {
            write_explanation_json(&explanation, out)
        } else {
            write_explanation_text(&explanation, text_options(stream, common), out)
        }
    })?;
    if caller_only && !common.quiet {
        stderr("note: the inventory is the caller's account; this holds if that is the caller\n");
    }
    Ok(ExitStatus::Clean)
}
