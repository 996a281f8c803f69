//! The settings of a run, validated.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{ExternalId, RoleTemplate, SessionName};
use crate::diagnostic::Span;
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::{AccountId, ConsoleUrl, Region, RegionTable};

/// The settings of a run. Defaults are given with each field.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// Policy files and folders, used where the command line names none. Default: the folder `policies` beside the
    /// file, or in the working directory without one. Relative to the file.
    pub policies: Vec<PathBuf>,
    /// Source of the accounts.
    pub accounts: AccountsSource,
    /// Position of that setting in the file.
    pub accounts_at: Option<Span>,
    /// The saved inventory that stands in for the organization where AWS is not called.
    pub offline: Option<PathBuf>,
    /// Position of that setting in the file.
    pub offline_at: Option<Span>,
    /// Whether that inventory is the source of the accounts in place of the organization.
    pub stands_in: bool,
    /// Source of the Regions.
    pub regions: RegionsSource,
    /// Access to the accounts.
    pub aws: AwsAccess,
    /// Calls in flight: 64.
    pub concurrency: NonZeroUsize,
    /// Deadline after which targets are unread: 15 minutes.
    pub deadline: Duration,
    /// Maximum of changes by one `apply`: 20.
    pub max_changes: u64,
    /// Maximum share of targets changed by one `apply`, in percent; unlimited by default.
    pub max_share: Option<u64>,
    /// The URL of a target's page in a console, which reports link to; none by default.
    pub console_url: Option<ConsoleUrl>,
    /// Replaces the Regions with Macie.
    pub macie_regions: Option<BTreeSet<Region>>,
    /// Replaces the opt-in Regions.
    pub opt_in_regions: Option<BTreeSet<Region>>,
    /// The keys that the file has, such as `aws.role_name`, with the position of each value.
    pub places: BTreeMap<String, Span>,
    /// Whether accounts and Regions are known, as opposed to lost in an error.
    pub knows_inventory: bool,
    /// The same of the Regions with Macie and the opt-in Regions.
    pub knows_region_table: bool,
}

/// Access to the accounts.
#[derive(Debug, Clone, Default)]
pub struct AwsAccess {
    /// The role to assume for reading in accounts other than the caller's.
    pub role: Option<RoleTemplate>,
    /// The role to assume for changes.
    pub apply_role: Option<RoleTemplate>,
    /// The external id of the roles.
    pub external_id: Option<ExternalId>,
    /// The name of the assumed role sessions, shown in CloudTrail: `driftline`.
    pub session_name: SessionName,
    /// The delegated Macie administrator.
    pub administrator_account: Option<AccountId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: None,
            policies: Vec::new(),
            accounts: AccountsSource::Declared,
            accounts_at: None,
            offline: None,
            offline_at: None,
            stands_in: false,
            regions: RegionsSource::Macie,
            aws: AwsAccess::default(),
            concurrency: NonZeroUsize::MIN.saturating_add(63),
            deadline: Duration::from_mins(15),
            max_changes: 20,
            max_share: None,
            console_url: None,
            macie_regions: None,
            opt_in_regions: None,
            places: BTreeMap::new(),
            knows_inventory: true,
            knows_region_table: true,
        }
    }
}

impl Settings {
    /// Uses the saved inventory for commands without AWS, if there is one and the accounts are those of the organization.
    pub fn use_offline_inventory(&mut self) {
        if self.accounts == AccountsSource::Organization
            && let Some(path) = self.offline.clone()
        {
            self.accounts = AccountsSource::Saved(path);
            self.accounts_at = self.offline_at;
            self.stands_in = true;
        }
    }

    /// The Region table with the overrides of the file. If those are not known, nothing is wrong about any Region.
    pub fn region_table(&self) -> RegionTable {
        let table = RegionTable::bundled().overridden(self.macie_regions.clone(), self.opt_in_regions.clone());
        if self.knows_region_table { table } else { table.accepting_any() }
    }
}
