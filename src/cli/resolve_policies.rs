//! Resolution of loaded policies against their inventory, and of what is sound in policies with errors.

use super::error::CliError;
use super::workspace::{LoadedConfig, ResolvedPolicies};
use crate::diagnostic::Diagnostics;
use crate::document::display_path;
use crate::inventory::{
    Accounts, AccountsSource, NoAccounts, OfflineInventory, Organization, assemble, load_saved, load_saved_text,
    missing_inventory,
};
use crate::model::{Account, AccountId, DesiredState, Inventory, InventoryFields};
use crate::policy::{self, PolicySet};

/// Resolution of policies against an inventory.
type Resolve = fn(&PolicySet, &Inventory, &mut Diagnostics) -> DesiredState;

impl LoadedConfig {
    /// Resolves the policies against the inventory of the settings. `caller` is the account of the credentials. The organization,
    /// if it is the inventory, must have been listed.
    pub(super) fn resolve(&mut self, caller: AccountId) -> Result<ResolvedPolicies, CliError> {
        let mut diagnostics = Diagnostics::default();
        let accounts = match &self.settings.accounts {
            AccountsSource::Declared => Accounts::from_ids(self.policies.declared_accounts()),
            AccountsSource::Caller => Accounts::from_ids([caller]),
            AccountsSource::Listed(ids) => Accounts::from_ids(ids.iter().copied()),
            AccountsSource::Organization => self.organization.take().ok_or(CliError::InventoryNeeded)?.into(),
            AccountsSource::Saved(path) => {
                let shown = display_path(path, &self.here);
                let listed = self.organization.take();
                let Some(organization) = listed.or_else(|| self.saved_organization(&mut diagnostics)) else {
                    // What does not depend on its accounts is found all the same.
                    let _ = self.resolve_any_accounts(&mut diagnostics);
                    return Err(self.file_errors(diagnostics));
                };
                self.stand_in = self.settings.stands_in.then(|| OfflineInventory::new(shown, &organization));
                organization.into()
            }
        };
        self.resolve_in(accounts, diagnostics)
    }

    /// The accounts of the saved inventory that the command line or the settings name; none without one.
    pub(super) fn saved_accounts(&mut self) -> Result<Vec<Account>, CliError> {
        let mut diagnostics = Diagnostics::default();
        let loaded = self.saved_inventory(&mut diagnostics);
        if diagnostics.has_errors() {
            return Err(self.file_errors(diagnostics));
        }
        Ok(loaded.map(|organization| organization.accounts).unwrap_or_default())
    }

    /// The saved inventory that is the source of the accounts; none with an error in it.
    fn saved_organization(&mut self, diagnostics: &mut Diagnostics) -> Option<Organization> {
        match self.saved_then.take() {
            Some((shown, content)) => load_saved_text(content, &shown, &mut self.sources, diagnostics),
            None => self.saved_inventory(diagnostics),
        }
    }

    /// The saved inventory that the command line or the settings name; none without one, or with an error.
    pub(super) fn saved_inventory(&mut self, diagnostics: &mut Diagnostics) -> Option<Organization> {
        let settings = &self.settings;
        let (path, named_at, is_stand_in) = match &settings.accounts {
            AccountsSource::Saved(path) => (path, settings.accounts_at, settings.stands_in),
            _ => (settings.offline.as_ref()?, settings.offline_at, true),
        };
        let shown = display_path(path, &self.here);
        if matches!(path.try_exists(), Ok(false)) {
            diagnostics.push(missing_inventory(path, &shown, named_at, is_stand_in));
            return None;
        }
        load_saved(path, &shown, &mut self.sources, diagnostics)
    }

    /// Resolves the policies against these accounts.
    pub(super) fn resolve_in(
        &mut self,
        accounts: Accounts,
        mut diagnostics: Diagnostics,
    ) -> Result<ResolvedPolicies, CliError> {
        let resolved = self.resolve_with(policy::resolve, accounts, &mut diagnostics);
        if let Err(NoAccounts) = resolved
            && !diagnostics.has_errors()
        {
            diagnostics = Diagnostics::default();
            diagnostics.push(NoAccounts.diagnostic());
        }
        self.resolved(resolved, diagnostics)
    }

    /// Resolves the policies for the declared accounts and an unknown one: both must be free of contradictions. Selectors for names,
    /// units or tags are accepted if AWS may know those.
    pub(super) fn resolve_for_any_accounts(&mut self) -> Result<ResolvedPolicies, CliError> {
        let mut diagnostics = Diagnostics::default();
        let resolved = self.resolve_any_accounts(&mut diagnostics);
        self.resolved(resolved, diagnostics)
    }

    /// The errors of files with errors, with those that their sound parts earn in the inventory.
    pub(super) fn find_all_errors(&mut self) -> CliError {
        let mut diagnostics = Diagnostics::default();
        if self.settings.knows_inventory {
            // Where the accounts depend on declarations with errors, they are not known.
            let accounts = match &self.settings.accounts {
                AccountsSource::Declared if self.policies.is_complete() => {
                    Some(Accounts::from_ids(self.policies.declared_accounts()))
                }
                AccountsSource::Listed(ids) => Some(Accounts::from_ids(ids.iter().copied())),
                AccountsSource::Saved(_) => self.saved_organization(&mut diagnostics).map(Accounts::from),
                AccountsSource::Declared | AccountsSource::Caller | AccountsSource::Organization => None,
            };
            // That there is no account may be for want of a declaration with errors.
            let _ = match accounts {
                Some(accounts) => self.resolve_with(policy::resolve, accounts, &mut diagnostics),
                None => self.resolve_any_accounts(&mut diagnostics),
            };
        } else {
            diagnostics.append(std::mem::take(&mut self.warnings));
            policy::check_expiry(&self.policies, self.today, &mut diagnostics);
        }
        self.file_errors(diagnostics)
    }

    /// Resolves the policies for accounts of which only the declared ids are known.
    fn resolve_any_accounts(&mut self, diagnostics: &mut Diagnostics) -> Result<(DesiredState, Inventory), NoAccounts> {
        let source = &self.settings.accounts;
        let ids = self.policies.declared_accounts().into_iter();
        let caller = (*source != AccountsSource::Declared).then_some(AccountId::UnknownCaller);
        let is_listed = matches!(source, AccountsSource::Organization | AccountsSource::Saved(_));
        let knowledge = InventoryFields { names: is_listed, units: is_listed, tags: is_listed };
        let accounts = Accounts { knowledge, ..Accounts::from_ids(ids.chain(caller)) };
        self.resolve_with(policy::resolve_for_some_accounts, accounts, diagnostics)
    }

    /// Resolves the policies, with every warning about them.
    fn resolve_with(
        &mut self,
        resolve: Resolve,
        accounts: Accounts,
        diagnostics: &mut Diagnostics,
    ) -> Result<(DesiredState, Inventory), NoAccounts> {
        diagnostics.append(std::mem::take(&mut self.warnings));
        policy::check_expiry(&self.policies, self.today, diagnostics);
        policy::check_administrator(&self.policies, self.settings.aws.administrator_account, diagnostics);
        let named = self.policies.named_regions();
        let resources = &self.policies.declared_resources() | &self.in_full;
        let Ok(inventory) = assemble(accounts, &self.settings.regions, named, &resources, &self.table) else {
            // A selector that needs a richer inventory is the better thing to report.
            let empty = Inventory::from_ids([], Vec::new());
            policy::resolve_for_some_accounts(&self.policies, &empty, diagnostics);
            return Err(NoAccounts);
        };
        Ok((resolve(&self.policies, &inventory, diagnostics), inventory))
    }

    fn resolved(
        &mut self,
        resolved: Result<(DesiredState, Inventory), NoAccounts>,
        diagnostics: Diagnostics,
    ) -> Result<ResolvedPolicies, CliError> {
        match resolved {
            Ok((desired, inventory)) if !diagnostics.has_errors() => {
                Ok(ResolvedPolicies { desired, inventory, warnings: diagnostics })
            }
            Ok(_) | Err(NoAccounts) => Err(self.file_errors(diagnostics)),
        }
    }

    fn file_errors(&mut self, diagnostics: Diagnostics) -> CliError {
        CliError::FileErrors(Box::new((diagnostics, std::mem::take(&mut self.sources))))
    }
}
