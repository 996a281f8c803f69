//! What the settings file says, everything in it valid.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{ExternalId, RoleTemplate, SessionName};
use crate::diagnostic::Span;
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::{AccountId, Region, RegionTable};

/// The settings of a run. What the file leaves out has the value documented here.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// The policy files and folders, used where the command line names none; the folder `policies` beside the file, or in the
    /// working directory without one, if left out. Relative ones are relative to the file.
    pub policies: Vec<PathBuf>,
    /// Which accounts there are.
    pub accounts: AccountsSource,
    /// Where the file says which accounts there are, if it does.
    pub accounts_at: Option<Span>,
    /// Which Regions there are.
    pub regions: RegionsSource,
    /// How to reach the accounts.
    pub aws: AwsAccess,
    /// Calls in flight for the run: 64.
    pub concurrency: NonZeroUsize,
    /// What is not read by then is unread: 15 minutes.
    pub deadline: Duration,
    /// The most changes that one `apply` may make: 20.
    pub max_changes: u64,
    /// The largest share of the targets that one `apply` may change, in percent; no limit if left out.
    pub max_share: Option<u64>,
    /// Replaces the set of Regions where Macie exists.
    pub macie_regions: Option<BTreeSet<Region>>,
    /// Replaces the set of Regions that an account must opt into.
    pub opt_in_regions: Option<BTreeSet<Region>>,
}

/// How to reach the accounts.
#[derive(Debug, Clone, Default)]
pub struct AwsAccess {
    /// The role to assume for reading in each account but the caller's own.
    pub role: Option<RoleTemplate>,
    /// The role to assume for changing.
    pub apply_role: Option<RoleTemplate>,
    /// The external id that the roles ask for.
    pub external_id: Option<ExternalId>,
    /// The name of the assumed sessions, shown in CloudTrail: `driftline`.
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
            regions: RegionsSource::Macie,
            aws: AwsAccess::default(),
            concurrency: NonZeroUsize::MIN.saturating_add(63),
            deadline: Duration::from_mins(15),
            max_changes: 20,
            max_share: None,
            macie_regions: None,
            opt_in_regions: None,
        }
    }
}

impl Settings {
    /// The Region table with what the file knows better.
    pub fn region_table(&self) -> RegionTable {
        RegionTable::bundled().overridden(self.macie_regions.clone(), self.opt_in_regions.clone())
    }
}
