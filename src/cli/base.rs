//! The old side of `--base` for a run that reads: what the policies of a git revision want of the accounts that a check with them
//! would have had.

use super::error::CliError;
use super::workspace::LoadedConfig;
use crate::diagnostic::Diagnostics;
use crate::inventory::{Accounts, AccountsSource};
use crate::model::{AccountId, DesiredState, Inventory, Shard};
use crate::report::BaseComparison;

/// The policies of a git revision beside those of today.
pub(super) struct BaseSide {
    revision: String,
    wanted: BasePolicies,
}

enum BasePolicies {
    /// Known before anything is read.
    Known(DesiredState),
    /// Open until it is known whose credentials these are, or which accounts the organization has.
    Open(Box<LoadedConfig>),
}

/// What a run has learnt of its accounts.
pub(super) struct RunAccounts<'a> {
    /// Where they come from.
    pub(super) source: &'a AccountsSource,
    pub(super) inventory: &'a Inventory,
    /// The account of the credentials, where it is known.
    pub(super) caller: Option<AccountId>,
}

impl BaseSide {
    /// Resolves the old policies as far as that can be done before anything is read. What is wrong with them is told now.
    pub(super) fn new(revision: String, old: LoadedConfig) -> Result<Self, CliError> {
        let is_open = matches!(old.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
        let wanted = if old.policies.declarations.is_empty() {
            // There was nothing at all: that no account is known is no mistake then.
            BasePolicies::Known(DesiredState::default())
        } else if is_open {
            BasePolicies::Open(Box::new(old))
        } else {
            let resolved = old.resolve(|| AccountId::NOBODY).map_err(|failure| failure.for_base(&revision))?;
            BasePolicies::Known(resolved.1.desired)
        };
        Ok(Self { revision, wanted })
    }

    /// What the old policies want, for a report of the run.
    pub(super) fn compare(self, learnt: &RunAccounts<'_>, shard: Option<Shard>) -> Result<BaseComparison, CliError> {
        let Self { revision, wanted } = self;
        let desired = match wanted {
            BasePolicies::Known(desired) => desired,
            BasePolicies::Open(old) => {
                let resolved = if old.settings.accounts == AccountsSource::Caller {
                    old.resolve(|| learnt.caller.unwrap_or(AccountId::NOBODY))
                } else if *learnt.source == AccountsSource::Organization {
                    old.resolve_in(Accounts::from(learnt.inventory), Diagnostics::default())
                } else {
                    return Err(CliError::BaseNeedsOrganization(revision));
                };
                resolved.map_err(|failure| failure.for_base(&revision))?.1.desired
            }
        };
        let desired = match shard {
            Some(shard) => desired.for_shard(shard),
            None => desired,
        };
        Ok(BaseComparison { revision, desired })
    }
}
