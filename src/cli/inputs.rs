//! What most commands begin with: settings, policies, inventory, desired state.

use std::path::PathBuf;

use super::arguments::Common;
use super::failure::Failure;
use super::outlet::tell;
use super::terminal::rendering;
use crate::aws::ExternalId;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, render};
use crate::inventory::assemble;
use crate::model::{AccountId, DesiredState, Inventory, RegionTable};
use crate::policy::{self, PolicySet};
use crate::settings::{self, Settings};

/// Settings and policies of a run, without mistakes.
pub(super) struct Inputs {
    pub(super) settings: Settings,
    pub(super) table: RegionTable,
    pub(super) policies: PolicySet,
    sources: Sources,
}

/// The desired state of an inventory, with the doubts about it.
pub(super) struct Resolved {
    pub(super) desired: DesiredState,
    pub(super) inventory: Inventory,
    pub(super) warnings: Diagnostics,
}

/// Loads settings and policies. Every mistake of every file is told at once.
pub(super) fn load(common: &Common, named: &[PathBuf]) -> Result<Inputs, Failure> {
    let here = std::env::current_dir()
        .map_err(|cause| Failure::System { what: "the folder in which driftline runs cannot be told", cause })?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut settings = settings::load(common.config.as_deref(), &here, &mut sources, &mut diagnostics);
    // A secret that a CI system does not have comes as an empty variable: as good as none.
    if let Some(id) = std::env::var_os("DRIFTLINE_EXTERNAL_ID").filter(|id| !id.is_empty()) {
        let id: Option<ExternalId> = id.to_str().and_then(|id| id.parse().ok());
        settings.aws.external_id = Some(id.ok_or(Failure::ExternalId)?);
    }
    let table = settings.region_table();
    let paths = if named.is_empty() { settings.policies.clone() } else { named.to_vec() };
    if paths.is_empty() {
        if diagnostics.has_errors() {
            return Err(Failure::Mistakes(Box::new((diagnostics, sources))));
        }
        return Err(Failure::NoPolicy);
    }
    let policies = policy::load(&paths, &here, &table, &mut sources, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::Mistakes(Box::new((diagnostics, sources))));
    }
    Ok(Inputs { settings, table, policies, sources })
}

impl Inputs {
    /// Resolves the policies against the inventory of the settings. `caller` is the account of the credentials, for where
    /// the inventory is that.
    pub(super) fn resolve(self, caller: impl FnOnce() -> AccountId) -> Result<(Self, Resolved), Failure> {
        let (declared, named) = (self.policies.declared_accounts(), self.policies.named_regions());
        let Settings { accounts, regions, .. } = &self.settings;
        let mut diagnostics = Diagnostics::default();
        let Ok(inventory) = assemble(accounts, regions, declared, named, caller, &self.table) else {
            diagnostics.push(no_accounts());
            return Err(Failure::Mistakes(Box::new((diagnostics, self.sources))));
        };
        let desired = policy::resolve(&self.policies, &inventory, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(Failure::Mistakes(Box::new((diagnostics, self.sources))));
        }
        Ok((self, Resolved { desired, inventory, warnings: diagnostics }))
    }

    /// Tells the doubts on standard error, unless the user wants it quiet.
    pub(super) fn tell_warnings(&self, resolved: &Resolved, common: &Common) {
        if !common.quiet && !resolved.warnings.is_empty() {
            tell(&render(&resolved.warnings, &self.sources, rendering(common)));
        }
    }
}

fn no_accounts() -> Diagnostic {
    Diagnostic::error(Code::NoAccounts, "the policies list no account id, so there is no account to check").help(
        "list ids under `accounts` in a declaration, or set `[inventory] accounts` in driftline.toml to \"caller\" (the \
         account of the credentials) or to a list of ids",
    )
}
