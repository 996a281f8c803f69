//! `driftline targets`: the targets that a run would read.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::run_context::RunContext;
use super::selection::{SelectionArgs, select};
use super::target_list::{TargetList, write_targets_json, write_targets_text};
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::inventory::AccountsSource;
use crate::model::{AccountId, TargetSelection};
use crate::report::{Format, ReportRequest};

/// Heading of the options that select the targets.
const WHAT: &str = "What to list";

/// List the targets that a check would read, with their effective settings (offline)
///
/// Also lists the accounts of the inventory that no declaration reaches, and declared accounts that the inventory lacks.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline targets policies\n  \
    driftline targets policies --region 'eu-*'\n  \
    driftline targets policies --report json=targets.json")]
pub(super) struct TargetsArgs {
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    #[command(flatten, next_help_heading = WHAT)]
    selection: SelectionArgs,
    /// Write the list: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
}

pub(super) fn run(context: &RunContext, args: TargetsArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports)?;
    let selection = args.selection.selection();
    let mut config = Workspace::find(context.config()?, &args.policy_context)?.offline().load_named(&args.policies)?;
    config.ensure_not_overwritten(&requests, None)?;
    let is_caller = config.settings.accounts == AccountsSource::Caller;
    if is_caller {
        // Without the caller's account, warnings about selectors without a match would be guesses.
        config.print_file_warnings(context);
        config.assume_any_caller(selection.iter().flat_map(TargetSelection::account_ids));
        context.note("the inventory is the caller's account; each account is listed as if it were the caller's");
    }
    let resolved = config.resolve(AccountId::UnknownCaller)?;
    if !is_caller {
        config.print_warnings(&resolved, context);
    }
    config.print_stand_in(context);
    let desired = match &selection {
        Some(selection) => select(resolved.desired, selection, &resolved.inventory)?,
        None => resolved.desired,
    };
    let list = TargetList {
        selection,
        desired,
        inventory: resolved.inventory,
        declared: config.policies.declared_accounts(),
        settings_file: config.settings_file(),
        policy_files: config.policies.files,
        policy_digest: config.policies.digest,
        table: config.table,
    };
    write_each(&requests, &[], &|format, stream, out| match format {
        Format::Json => write_targets_json(&list, out),
        _ => write_targets_text(&list, context.text_options(stream), out),
    })?;
    Ok(ExitStatus::Clean)
}
