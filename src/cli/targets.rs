//! `driftline targets`: which targets a run would read.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::reports::{NO_PLAN, text_options, text_or_json, validate_destinations, write_each};
use super::target_list::{TargetList, write_targets_json, write_targets_text};
use super::workspace::load;
use crate::inventory::AccountsSource;
use crate::model::AccountId;
use crate::report::{Format, ReportRequest};

/// List the targets that a check would read, with what is wanted of them, without AWS
///
/// Also: accounts of the inventory that no declaration reaches, and accounts that a declaration lists and the inventory lacks.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline targets policies\n  \
    driftline targets policies --report json=targets.json")]
pub(super) struct TargetsArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    /// Write the list: text or json, to standard output or to a file; may be given several times
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<ReportRequest>,
}

pub(super) fn run(common: &Common, arguments: TargetsArguments) -> Result<ExitStatus, CliError> {
    let wanted = validate_destinations(arguments.reports)?;
    let mut inputs = load(common, &arguments.policies, &arguments.given)?;
    inputs.keep(&wanted, &[])?;
    let is_caller = inputs.settings.accounts == AccountsSource::Caller;
    if is_caller {
        // Which account that is, and so what matches nothing, nobody knows here.
        inputs.tell_file_warnings(common);
        inputs.for_any_caller([]);
        if !common.quiet {
            stderr(
                "note: the inventory is the caller's account; what is said of an account holds if that is the caller\n",
            );
        }
    }
    let (inputs, resolved) = inputs.resolve(|| AccountId::NOBODY)?;
    if !is_caller {
        inputs.tell_warnings(&resolved, common);
    }
    let reach = TargetList {
        desired: resolved.desired,
        inventory: resolved.inventory,
        declared: inputs.policies.declared_accounts(),
        settings_file: inputs.settings_file(),
        policy_files: inputs.policies.files,
        policy_digest: inputs.policies.digest,
        table: inputs.table,
    };
    write_each(&wanted, NO_PLAN, &|format, stream, out| {
        if format == Format::Json {
            write_targets_json(&reach, out)
        } else {
            write_targets_text(&reach, text_options(stream, common), out)
        }
    })?;
    Ok(ExitStatus::Clean)
}
