//! `--reader`: whether Macie's administrator account is asked before the accounts, or in their place.

use clap::{Args, ValueEnum};

use super::endpoint::Deadline;
use super::error::CliError;
use super::run_context::RunContext;
use super::workspace::LoadedConfig;
use crate::aws::AwsSession;
use crate::collect::{AdministratorReader, Collected, Fallback, ReadRequest, is_worth_listing};
use crate::model::{AccountId, Inventory, UnreadReason};

/// Who is asked.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct ReaderArgs {
    /// Where to read from: Macie's administrator account, the accounts themselves, or both
    #[arg(long, value_enum, default_value_t = Reader::Auto)]
    pub(super) reader: Reader,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Reader {
    /// The administrator's member list, 25 members per call, and the accounts for what the list lacks.
    #[default]
    Auto,
    /// The accounts only.
    Direct,
    /// The administrator only; what its member list lacks is unread.
    Administrator,
}

/// Requests of a run, and what is needed to read them.
pub(super) struct ReadRun<'a> {
    pub(super) context: &'a RunContext,
    pub(super) config: &'a LoadedConfig,
    pub(super) access: &'a AwsSession,
    pub(super) inventory: &'a Inventory,
    pub(super) requests: &'a [ReadRequest],
    pub(super) deadline: Deadline,
}

impl Reader {
    /// The administrator to read through: the account of the settings, or, if the caller is the management account, the delegated
    /// administrator that AWS names. Nobody else is asked for it: the call would be denied and raise alarms in CloudTrail.
    ///
    /// # Errors
    ///
    /// If only the administrator may be asked, and its account is unknown.
    pub(super) async fn administrator_reader(
        self,
        reading: &ReadRun<'_>,
    ) -> Result<Option<AdministratorReader>, CliError> {
        let ReadRun { context, config, access, inventory, requests, .. } = *reading;
        let is_named = config.settings.aws.administrator_account.is_some();
        let fallback = match self {
            Self::Direct => return Ok(None),
            Self::Auto if !is_worth_listing(requests, &config.table, is_named) => return Ok(None),
            Self::Auto => Fallback::Accounts,
            Self::Administrator => Fallback::None,
        };
        let administrator = match config.settings.aws.administrator_account {
            Some(named) => Some(named),
            None if inventory.management_account() == Some(access.caller().account) => {
                match find_administrator(reading).await {
                    Ok(found) => found,
                    Err(why) if self == Self::Administrator => return Err(CliError::NoAdministrator(Some(why))),
                    Err(why) => {
                        context.note(&format!(
                            "the Macie administrator is unknown, so the accounts are read directly: {why}"
                        ));
                        None
                    }
                }
            }
            None => None,
        };
        match administrator {
            Some(administrator) => Ok(Some(AdministratorReader { administrator, fallback })),
            None if self == Self::Administrator => Err(CliError::NoAdministrator(None)),
            None => Ok(None),
        }
    }
}

/// Asks for the delegated administrator, which is the same in every Region, preferably in a Region that is on in every account.
///
/// Source: Amazon Macie User Guide, "Considerations for using Macie with AWS Organizations".
async fn find_administrator(reading: &ReadRun<'_>) -> Result<Option<AccountId>, String> {
    let table = &reading.config.table;
    let regions =
        || reading.requests.iter().map(|request| &request.target.region).filter(|region| table.has_macie(region));
    let Some(region) = regions().find(|region| !table.is_opt_in(region)).or_else(|| regions().next()) else {
        return Ok(None);
    };
    let lookup = reading.access.delegated_administrator(region);
    match tokio::time::timeout(reading.deadline.remaining() / 4, lookup).await {
        Ok(Ok(administrator)) => Ok(administrator),
        Ok(Err(failure)) => {
            let message = failure.message.or(failure.code).unwrap_or_else(|| "no reason was given".into());
            Err(format!("macie2:ListOrganizationAdminAccounts in {region}: {message}"))
        }
        Err(_) => Err(format!("macie2:ListOrganizationAdminAccounts in {region} timed out")),
    }
}

/// Notes the Regions where the administrator could not be asked, so that the accounts were.
pub(super) fn note_list_failures(context: &RunContext, collected: &Collected, through: Option<AdministratorReader>) {
    // A Region that is off for the administrator has no member list.
    let mut failures = collected.list_failures.iter().filter(|(_, unread)| unread.reason != UnreadReason::RegionOff);
    let Some((through, (region, unread))) = through.zip(failures.next()) else { return };
    if through.fallback == Fallback::None {
        // Each target reports the failure.
        return;
    }
    let more = match failures.count() {
        0 => String::new(),
        1 => " and one more Region".to_owned(),
        count => format!(" and {count} more Regions"),
    };
    let message = unread.evidence.message.as_deref().unwrap_or("no reason was given");
    context.note(&format!(
        "the member list of Macie's administrator {} could not be read in {region}{more}, so the accounts were read directly: \
         {}: {message}",
        through.administrator,
        unread.reason.as_str(),
    ));
}
