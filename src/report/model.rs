//! What every format is drawn from.

use jiff::Timestamp;
use serde::Serialize;

use crate::aws::{Caller, RequestCounts};
use crate::drift::Comparison;

/// Everything that a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// How the run came about.
    pub run: RunFacts,
    /// What it found: targets, ledger, verdict.
    pub comparison: Comparison,
    /// The requests that it took.
    pub requests: RequestCounts,
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
    pub source: Source,
    /// The digest of the policy set.
    pub policy_digest: String,
    /// The policy files, sorted.
    pub policy_files: Vec<String>,
    /// Whose credentials the run started with; unknown if it was interrupted before that was learnt.
    pub caller: Option<Caller>,
}

/// Where readings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// AWS, or what the endpoint variables name in its place.
    Aws,
    /// A simulated AWS, from a world file.
    Simulation,
}
