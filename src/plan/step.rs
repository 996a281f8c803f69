//! One call of a plan, and drift that no call can remove.

use crate::model::{AccountId, SettingId, Target, Value};
use crate::resource::macie_session::Status;
use crate::resource::{BlockReason, Change, Operation, Risk, SessionState};

/// One call that changes something about one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number in the plan, from 1.
    pub number: u32,
    /// The target that it changes.
    pub target: Target,
    /// The name of the target's account, where it is known.
    pub account_name: Option<Box<str>>,
    /// What is called.
    pub operation: Operation,
    /// The account whose credentials it is called with.
    pub calling_account: AccountId,
    /// What changes by it, in the order of the settings.
    pub changes: Vec<Change>,
    /// What the target is set to before it: as read, or as an earlier step of the plan leaves it. A setting without a value
    /// here has one that AWS chooses.
    pub expected: SessionState,
    /// When the session was last changed, as read; where it was read and AWS tells.
    pub session_updated_at: Option<jiff::Timestamp>,
    /// What may be lost by it.
    pub risk: Risk,
    /// What comes of it, in words.
    pub consequence: String,
    /// How many classification jobs it cancels for good, where it does and that could be read.
    pub classification_jobs: Option<usize>,
    /// The steps that must be done before it.
    pub after: Vec<u32>,
}

impl Step {
    /// Whether it leaves the session with this status.
    pub fn leaves_status(&self, status: Status) -> bool {
        self.changes.iter().any(|change| change.status_after() == Some(status))
    }

    /// What the target is set to after it, as far as the step decides that.
    pub fn values_after(&self) -> impl Iterator<Item = (SettingId, &Value)> {
        self.changes.iter().map(|change| (change.setting, &change.after))
    }
}

/// A change that is wanted and that AWS forbids, or for which too little is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedChange {
    /// The target.
    pub target: Target,
    /// The name of its account, where it is known.
    pub account_name: Option<Box<str>>,
    /// What is wanted.
    pub change: Change,
    /// What is in the way.
    pub block_reason: BlockReason,
    /// The same in words.
    pub reason: String,
    /// What a person can do about it.
    pub remediation: String,
}
