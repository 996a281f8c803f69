//! The journal of an apply: each intent is on disk before its call, and each result after it.
//!
//! JSON Lines, version 1 of `driftline.journal`. The first line holds the whole plan, so that nothing else is needed to resume after
//! a kill, or to roll back. Readers must ignore a last line without a line feed: it was not written completely.

mod history;
mod writer;

pub use history::{History, JournalReadError, StepHistory, load_journal};
pub use writer::{Hold, Journal, JournalError, hold_fingerprint, hold_plan};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apply::{StepOutcome, Totals};
use crate::model::{AccountId, Region};
use crate::plan::{CallerIdentity, PlanDocument};
use crate::resource::SessionState;

const FORMAT: &str = "driftline.journal";

/// The version of the journal.
pub const JOURNAL_VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Entry {
    /// The first line: an apply begins.
    Begin(Box<BeginEntry>),
    /// An apply that was cut short is resumed.
    Resume(ResumeEntry),
    /// A call is about to be made.
    Intent(IntentEntry),
    /// A step has its result.
    Result(ResultEntry),
    /// The apply ended.
    End(EndEntry),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BeginEntry {
    format: String,
    format_version: u32,
    tool: String,
    at: Timestamp,
    /// Whose credentials the calls are made with.
    caller: CallerIdentity,
    plan: PlanDocument,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResumeEntry {
    at: Timestamp,
    caller: CallerIdentity,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IntentEntry {
    /// The number of the step.
    pub(super) step: u32,
    pub(super) at: Timestamp,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) operation: String,
    pub(super) calling_account: AccountId,
    /// The state of the target, read a moment before.
    pub(super) found: SessionState,
    /// The values that the call sets.
    pub(super) wanted: SessionState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResultEntry {
    /// The number of the step.
    pub(super) step: u32,
    pub(super) at: Timestamp,
    pub(super) outcome: StepOutcome,
    pub(super) message: String,
    /// AWS's error code, if something failed.
    pub(super) code: Option<String>,
    /// The request id, which AWS Support asks for.
    pub(super) request_id: Option<String>,
    /// The state of the target, as last read.
    pub(super) live: Option<SessionState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndEntry {
    at: Timestamp,
    totals: Totals,
}
