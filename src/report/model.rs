//! What every format is drawn from.

use jiff::Timestamp;
use jiff::civil::Date;

use super::BaseComparison;
use crate::aws::{Caller, RequestCounts};
use crate::drift::Comparison;
use crate::model::{Account, AccountId, Environment, Inventory, Shard};

/// Everything that a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// How the run came about.
    pub run: RunFacts,
    /// What it found: targets, ledger, verdict.
    pub comparison: Comparison,
    /// The accounts of the run, with what is known of them.
    pub accounts: Inventory,
    /// The requests that it took.
    pub requests: RequestCounts,
    /// The policies of a git revision, where these are compared with them.
    pub base: Option<BaseComparison>,
}

impl Report {
    /// The accounts of the inventory that no declaration reaches, sorted by id: nobody has said what is wanted there.
    pub fn unreached(&self) -> impl Iterator<Item = &Account> {
        let is_here = |id: AccountId| self.run.shard.is_none_or(|shard| shard.has(id));
        self.accounts
            .accounts()
            .iter()
            .filter(move |account| is_here(account.id) && !self.comparison.reaches(account.id))
    }
}

/// Readings that were not made in this run, but in earlier ones or for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReusedReadings {
    /// How many.
    pub readings: usize,
    /// When the run that made them began; of several, the first.
    pub read_at: Timestamp,
    /// The same for each target, in the order of the comparison: none where this run has read it. Empty for a snapshot, whose
    /// readings are all of one time.
    pub times: Vec<Option<Timestamp>>,
}

impl RunFacts {
    /// When the run began that read the target at a place in the order, where it was not this one.
    pub(super) fn read_at(&self, nth: usize) -> Option<Timestamp> {
        self.carried.as_ref()?.times.get(nth).copied().flatten()
    }
}

/// How a run came about.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The command, such as `check`.
    pub command: &'static str,
    /// When it began.
    pub started_at: Timestamp,
    /// When the last answer was in.
    pub finished_at: Timestamp,
    /// Where the readings come from.
    pub source: Environment,
    /// The digest of the policy set.
    pub policy_digest: String,
    /// The policy files, sorted.
    pub policy_files: Vec<String>,
    /// The settings file, as shown, where there is one.
    pub settings_file: Option<String>,
    /// The day by which waivers are judged, where it is not that of the run.
    pub as_of: Option<Date>,
    /// Which part of the accounts this is, where the run was split.
    pub shard: Option<Shard>,
    /// The readings that were not made in this run.
    pub carried: Option<ReusedReadings>,
    /// When the snapshot was taken that stands in for AWS.
    pub snapshot: Option<Timestamp>,
    /// The management account of the organization, where the inventory comes from one.
    pub management_account: Option<AccountId>,
    /// Whose credentials the run started with; unknown if it was interrupted before that was learnt.
    pub caller: Option<Caller>,
}
