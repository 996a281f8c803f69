//! The lines of a journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apply::{StepOutcome, Totals};
use crate::model::{AccountId, Region};
use crate::plan::{CallerIdentity, PlanDocument};
use crate::resource::SessionState;

pub(super) const FORMAT: &str = "driftline.journal";
pub(super) const FORMAT_VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::apply) enum Entry {
    /// The first line: an apply begins.
    Begin(Box<BeginEntry>),
    /// An apply goes on after it was cut short.
    Resume(ResumeEntry),
    /// A call is about to be made. On disk before it is.
    Intent(IntentEntry),
    /// What came of a step.
    Result(ResultEntry),
    /// The apply ended by itself.
    End(EndEntry),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::apply) struct BeginEntry {
    pub(super) format: String,
    pub(super) format_version: u32,
    pub(super) tool: String,
    pub(super) at: Timestamp,
    /// Whose credentials the calls are made with.
    pub(super) caller: CallerIdentity,
    pub(super) plan: PlanDocument,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::apply) struct ResumeEntry {
    pub(super) at: Timestamp,
    pub(super) caller: CallerIdentity,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::apply) struct IntentEntry {
    /// The number of the step.
    pub(in crate::apply) step: u32,
    pub(in crate::apply) at: Timestamp,
    pub(in crate::apply) account: AccountId,
    pub(in crate::apply) region: Region,
    pub(in crate::apply) operation: String,
    pub(in crate::apply) calling_account: AccountId,
    /// What the target is set to, read a moment before.
    pub(in crate::apply) found: SessionState,
    /// What it is to be set to.
    pub(in crate::apply) wanted: SessionState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::apply) struct ResultEntry {
    /// The number of the step.
    pub(in crate::apply) step: u32,
    pub(in crate::apply) at: Timestamp,
    pub(in crate::apply) outcome: StepOutcome,
    pub(in crate::apply) message: String,
    /// AWS's error code, where something went wrong.
    pub(in crate::apply) code: Option<String>,
    /// What AWS Support asks for.
    pub(in crate::apply) request_id: Option<String>,
    /// What the target is set to, as last read.
    pub(in crate::apply) live: Option<SessionState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::apply) struct EndEntry {
    pub(super) at: Timestamp,
    pub(super) totals: Totals,
}
