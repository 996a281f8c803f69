//! `driftline validate`: every mistake in the files.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{Inputs, Resolved, load};
use super::outlet::{print, tell};
use crate::diagnostic::Diagnostics;
use crate::inventory::{Accounts, AccountsSource};
use crate::model::{AccountId, Knowledge};
use crate::policy::judge_waivers;

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
    #[command(flatten)]
    given: Circumstances,
    /// Exit with 1 for doubts, too
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(common: &Common, arguments: &ValidateArguments) -> Result<Exit, Failure> {
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    let open = match inputs.settings.accounts {
        AccountsSource::Caller => Some(Open::Caller),
        AccountsSource::Organization => Some(Open::Organization),
        AccountsSource::Declared | AccountsSource::Listed(_) | AccountsSource::Saved(_) => None,
    };
    let (inputs, resolved) =
        if open.is_some() { for_any_accounts(inputs)? } else { inputs.resolve(|| AccountId::NOBODY)? };
    let doubts = resolved.warnings.counts().1;
    if doubts > 0 {
        inputs.tell_warnings(&resolved, common);
    }
    if doubts > 0 && arguments.deny_warnings {
        tell(&format!("error: {} under --deny-warnings\n", counted(doubts, "doubt")));
        return Ok(Exit::NothingToSay);
    }
    let targets = match open {
        Some(Open::Caller) => {
            let regions =
                resolved.desired.targets().iter().filter(|target| target.account == AccountId::NOBODY).count();
            format!(", {} in the caller's account", counted(regions, "target"))
        }
        Some(Open::Organization) => UNCOUNTED.to_owned(),
        None => {
            let accounts = resolved.inventory.accounts().len();
            format!(", {} in {}", counted(resolved.desired.targets().len(), "target"), counted(accounts, "account"))
        }
    };
    let (files, declarations) = (inputs.policies.files.len(), inputs.policies.declarations.len());
    let text = format!("valid: {}, {}{targets}\n", counted(files, "policy file"), counted(declarations, "declaration"));
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

/// What is said in the place of a number of targets.
const UNCOUNTED: &str = "; its targets cannot be counted without the accounts of the organization: save them with \
                         `driftline inventory --out accounts.json`, then name the file with --inventory accounts.json";

/// What only AWS knows, and this command does not ask.
#[derive(Clone, Copy)]
enum Open {
    /// Which account the credentials are of.
    Caller,
    /// Which accounts the organization has.
    Organization,
}

/// An account may be one that the policies list, or one that they do not: both must be free of contradictions. Nothing is said
/// against selectors that ask for names, units or tags, which may well be known in the end.
fn for_any_accounts(inputs: Inputs) -> Result<(Inputs, Resolved), Failure> {
    let ids = inputs.policies.declared_accounts().into_iter().chain([AccountId::NOBODY]);
    let of_organization = inputs.settings.accounts == AccountsSource::Organization;
    let knowledge = Knowledge { names: of_organization, units: of_organization, tags: of_organization };
    let accounts = Accounts { knowledge, ..Accounts::of_ids(ids) };
    let (inputs, mut resolved) = inputs.resolve_in(accounts, Diagnostics::default())?;
    // Which selectors match nothing cannot be told of accounts that nobody knows; how long waivers last can.
    resolved.warnings = Diagnostics::default();
    judge_waivers(&inputs.policies, inputs.today, &mut resolved.warnings);
    Ok((inputs, resolved))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
