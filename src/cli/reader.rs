//! `--reader`: whether Macie's administrator is asked before the accounts, or in their place.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::arguments::Common;
use super::error::CliError;
use super::output::stderr;
use super::workspace::LoadedConfig;
use crate::aws::AwsSession;
use crate::collect::{AdministratorReader, Collected, Fallback, ReadRequest, is_worth_listing};
use crate::model::{AccountId, Inventory, UnreadReason};

/// Who is asked.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct ReaderArgument {
    /// Whom to ask: Macie's administrator first, whose list tells the status of its members 25 to a call, and the accounts where
    /// that does not answer (auto); the accounts alone (direct); or the administrator alone (administrator), so that what its
    /// list does not tell is unread
    #[arg(long, value_enum, default_value_t = Reader::Auto)]
    pub(super) reader: Reader,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Reader {
    #[default]
    Auto,
    Direct,
    Administrator,
}

impl Reader {
    /// How the administrator takes part: as the settings name it, or else as the management account is told, where that is the
    /// caller. Nobody else is asked who it is, since that would be denied, and be an alarm in somebody's CloudTrail.
    ///
    /// # Errors
    ///
    /// If the administrator alone is to be asked, and nobody says who that is.
    pub(super) async fn administrator_reader(
        self,
        common: &Common,
        access: &AwsSession,
        inputs: &LoadedConfig,
        inventory: &Inventory,
        questions: &[ReadRequest],
        patience: Duration,
    ) -> Result<Option<AdministratorReader>, CliError> {
        let beside = match self {
            Self::Direct => return Ok(None),
            Self::Auto if !is_worth_listing(questions, &inputs.table) => return Ok(None),
            Self::Auto => Fallback::Accounts,
            Self::Administrator => Fallback::None,
        };
        let administrator = match inputs.settings.aws.administrator_account {
            Some(named) => Some(named),
            None if inventory.management_account() == Some(access.caller().account) => {
                match find_administrator(access, inputs, questions, patience).await {
                    Ok(told) => told,
                    Err(why) if self == Self::Administrator => return Err(CliError::NoAdministrator(Some(why))),
                    Err(why) => {
                        note(common, &format!("who administers Macie is not known, so the accounts are asked: {why}"));
                        None
                    }
                }
            }
            None => None,
        };
        match administrator {
            Some(administrator) => Ok(Some(AdministratorReader { administrator, fallback: beside })),
            None if self == Self::Administrator => Err(CliError::NoAdministrator(None)),
            None => Ok(None),
        }
    }
}

/// Asks in a Region that is on in every account, where there is one among the targets: it is the same account in all of them.
///
/// Source: Amazon Macie User Guide, "Considerations for using Macie with AWS Organizations".
async fn find_administrator(
    access: &AwsSession,
    inputs: &LoadedConfig,
    questions: &[ReadRequest],
    patience: Duration,
) -> Result<Option<AccountId>, String> {
    let regions =
        || questions.iter().map(|question| &question.target.region).filter(|region| inputs.table.has_macie(region));
    let Some(region) = regions().find(|region| !inputs.table.is_opt_in(region)).or_else(|| regions().next()) else {
        return Ok(None);
    };
    match tokio::time::timeout(patience / 4, access.delegated_administrator(region)).await {
        Ok(Ok(administrator)) => Ok(administrator),
        Ok(Err(failure)) => {
            let said = failure.message.or(failure.code).unwrap_or_else(|| "no reason was given".into());
            Err(format!("macie2:ListOrganizationAdminAccounts in {region}: {said}"))
        }
        Err(_) => Err(format!("macie2:ListOrganizationAdminAccounts in {region} was not answered in time")),
    }
}

fn note(common: &Common, text: &str) {
    if !common.quiet {
        stderr(&format!("note: {}\n", crate::report::terminal(text)));
    }
}

/// Tells where the administrator could not be asked, so that the accounts were.
pub(super) fn warn_list_failures(common: &Common, gathering: &Collected, through: Option<AdministratorReader>) {
    // Where a Region is off for the administrator, there is nothing to be heard.
    let mut unheard = gathering.list_failures.iter().filter(|(_, unread)| unread.reason != UnreadReason::RegionOff);
    let Some((through, (region, unread))) = through.zip(unheard.next()) else { return };
    if through.fallback == Fallback::None {
        // Each target says so.
        return;
    }
    let more = match unheard.count() {
        0 => String::new(),
        1 => " and one more Region".to_owned(),
        count => format!(" and {count} more Regions"),
    };
    let said = unread.evidence.message.as_deref().unwrap_or("no reason was given");
    note(
        common,
        &format!(
            "Macie's administrator {} could not be asked for its members in {region}{more}, so the accounts were asked \
             themselves: {}: {said}",
            through.administrator,
            unread.reason.as_str(),
        ),
    );
}
