//! The old side of `--base` for a run that reads: what the policies of a git revision want of the accounts that a check with them
//! would have had.

use super::failure::Failure;
use super::inputs::Inputs;
use crate::diagnostic::Diagnostics;
use crate::inventory::{Accounts, AccountsSource};
use crate::model::{AccountId, DesiredState, Inventory, Shard};
use crate::report::Base;

/// The policies of a git revision beside those of today.
pub(super) struct BaseSide {
    revision: String,
    wanted: Wanted,
}

enum Wanted {
    /// Known before anything is read.
    Known(DesiredState),
    /// Open until it is known whose credentials these are, or which accounts the organization has.
    Open(Box<Inputs>),
}

/// What a run has learnt of its accounts.
pub(super) struct Learnt<'a> {
    /// Where they come from.
    pub(super) source: &'a AccountsSource,
    pub(super) inventory: &'a Inventory,
    /// The account of the credentials, where it is known.
    pub(super) caller: Option<AccountId>,
}

impl BaseSide {
    /// Resolves the old policies as far as that can be done before anything is read. What is wrong with them is told now.
    pub(super) fn new(revision: String, old: Inputs) -> Result<Self, Failure> {
        let is_open = matches!(old.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
        let wanted = if old.policies.declarations.is_empty() {
            // There was nothing at all: that no account is known is no mistake then.
            Wanted::Known(DesiredState::default())
        } else if is_open {
            Wanted::Open(Box::new(old))
        } else {
            let resolved = old.resolve(|| AccountId::NOBODY).map_err(|failure| failure.of_old(&revision))?;
            Wanted::Known(resolved.1.desired)
        };
        Ok(Self { revision, wanted })
    }

    /// What the old policies want, for a report of the run.
    pub(super) fn of_run(self, learnt: &Learnt<'_>, shard: Option<Shard>) -> Result<Base, Failure> {
        let Self { revision, wanted } = self;
        let desired = match wanted {
            Wanted::Known(desired) => desired,
            Wanted::Open(old) => {
                let resolved = if old.settings.accounts == AccountsSource::Caller {
                    old.resolve(|| learnt.caller.unwrap_or(AccountId::NOBODY))
                } else if *learnt.source == AccountsSource::Organization {
                    old.resolve_in(Accounts::from(learnt.inventory), Diagnostics::default())
                } else {
                    return Err(Failure::BaseNeedsOrganization(revision));
                };
                resolved.map_err(|failure| failure.of_old(&revision))?.1.desired
            }
        };
        let desired = match shard {
            Some(shard) => desired.of_shard(shard),
            None => desired,
        };
        Ok(Base { revision, desired })
    }
}
