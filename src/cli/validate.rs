//! `driftline validate`: every mistake in the files.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{Inputs, Resolved, load};
use super::outlet::{print, tell};
use crate::inventory::AccountsSource;
use crate::model::AccountId;

/// Find every mistake in policies and settings, without AWS
///
/// Mistakes and doubts go to standard error, each at its place; a line on standard output says what is valid. Exit code 1 if
/// there is a mistake.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline validate policies\n  \
    driftline validate policies --deny-warnings   doubts, such as a declaration without effect, count as mistakes")]
pub(super) struct ValidateArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Exit with 1 for doubts, too
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(common: &Common, arguments: &ValidateArguments) -> Result<Exit, Failure> {
    let inputs = load(common, &arguments.policies)?;
    let caller_only = inputs.settings.accounts == AccountsSource::Caller;
    let (inputs, resolved) =
        if caller_only { for_any_caller(inputs)? } else { inputs.resolve(|| AccountId::NOBODY)? };
    // Without credentials nobody knows the caller's account, so nothing can be said about ids that do not match it.
    let doubts = if caller_only { 0 } else { resolved.warnings.counts().1 };
    if doubts > 0 {
        inputs.tell_warnings(&resolved, common);
    }
    if doubts > 0 && arguments.deny_warnings {
        tell(&format!("error: {} under --deny-warnings\n", counted(doubts, "doubt")));
        return Ok(Exit::NothingToSay);
    }
    let targets = if caller_only {
        let regions = resolved.desired.targets().iter().filter(|target| target.account == AccountId::NOBODY).count();
        format!("{} in the caller's account", counted(regions, "target"))
    } else {
        let accounts = resolved.inventory.accounts().len();
        format!("{} in {}", counted(resolved.desired.targets().len(), "target"), counted(accounts, "account"))
    };
    let (files, declarations) = (inputs.policies.files.len(), inputs.policies.declarations.len());
    let text =
        format!("valid: {}, {}, {targets}\n", counted(files, "policy file"), counted(declarations, "declaration"));
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

/// The caller may be an account that the policies list, or one that they do not: both must be free of contradictions.
fn for_any_caller(mut inputs: Inputs) -> Result<(Inputs, Resolved), Failure> {
    let accounts = inputs.policies.declared_accounts().into_iter().chain([AccountId::NOBODY]).collect();
    inputs.settings.accounts = AccountsSource::Listed(accounts);
    inputs.resolve(|| AccountId::NOBODY)
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
