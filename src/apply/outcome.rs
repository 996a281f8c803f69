//! The outcome of an apply, step by step and in total.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::aws::RequestCounts;
use crate::model::Unread;
use crate::plan::Plan;
use crate::resource::SessionState;

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// The change is visible.
    Verified,
    /// AWS accepted the call, and the change did not become visible in time.
    Applied,
    /// The target was no longer as planned: nothing was called.
    Stale,
    /// The call was refused or failed, and the change is not visible.
    Failed,
    /// A guard refused: nothing was called.
    Refused,
    /// It did not start: the run ended before, or a step it depends on failed.
    NotTried,
}

/// The outcome of a step with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// The outcome.
    pub outcome: StepOutcome,
    /// The same in words.
    pub message: String,
    /// The error of AWS or the network, if something failed.
    pub cause: Option<Unread>,
    /// The state of the target, as last read.
    pub live: Option<SessionState>,
}

/// The number of steps by outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Totals {
    /// All steps of the plan: the sum of the others.
    pub steps: usize,
    /// The change is visible.
    pub verified: usize,
    /// Accepted, and not seen.
    pub applied: usize,
    /// Not any more as planned.
    pub stale: usize,
    /// Refused by AWS, or failed.
    pub failed: usize,
    /// Refused by a guard.
    pub refused: usize,
    /// Not come to.
    pub not_tried: usize,
}

/// The outcome of an apply.
#[derive(Debug, Clone)]
pub struct ApplyReport {
    /// The command: `apply` or `rollback`.
    pub command: &'static str,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The plan.
    pub plan: Plan,
    /// The result of every step, by number.
    pub results: BTreeMap<u32, StepResult>,
    /// The guards that refused.
    pub refusals: Vec<Refusal>,
    /// The journal as shown; `None` in a dry run.
    pub journal: Option<String>,
    /// Why the journal could not be written to its end.
    pub journal_failure: Option<String>,
    /// Whether it was a dry run, which does everything except writing.
    pub dry_run: bool,
    /// The requests to AWS.
    pub requests: RequestCounts,
}

impl StepOutcome {
    /// Every outcome, in the order of the totals.
    pub const ALL: [Self; 6] =
        [Self::Verified, Self::Applied, Self::Stale, Self::Failed, Self::Refused, Self::NotTried];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Applied => "applied",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::NotTried => "not_tried",
        }
    }

    /// Whether it counts as a failure for `--max-failures`.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Applied | Self::Failed)
    }
}

impl StepResult {
    /// A result without evidence.
    pub fn new(outcome: StepOutcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), cause: None, live: None }
    }
}

impl FromIterator<StepOutcome> for Totals {
    fn from_iter<I: IntoIterator<Item = StepOutcome>>(outcomes: I) -> Self {
        let mut totals = Self::default();
        for outcome in outcomes {
            totals.steps += 1;
            *match outcome {
                StepOutcome::Verified => &mut totals.verified,
                StepOutcome::Applied => &mut totals.applied,
                StepOutcome::Stale => &mut totals.stale,
                StepOutcome::Failed => &mut totals.failed,
                StepOutcome::Refused => &mut totals.refused,
                StepOutcome::NotTried => &mut totals.not_tried,
            } += 1;
        }
        totals
    }
}

impl Totals {
    /// The count of one outcome.
    pub fn count(&self, outcome: StepOutcome) -> usize {
        match outcome {
            StepOutcome::Verified => self.verified,
            StepOutcome::Applied => self.applied,
            StepOutcome::Stale => self.stale,
            StepOutcome::Failed => self.failed,
            StepOutcome::Refused => self.refused,
            StepOutcome::NotTried => self.not_tried,
        }
    }
}

impl ApplyReport {
    /// The number of steps by outcome.
    pub fn totals(&self) -> Totals {
        self.results.values().map(|result| result.outcome).collect()
    }

    /// Whether a dry run found nothing that would stop the apply.
    fn would_be_done(&self) -> bool {
        let open = |result: &StepResult| {
            matches!(result.outcome, StepOutcome::NotTried | StepOutcome::Verified) && result.cause.is_none()
        };
        self.dry_run && self.results.values().all(open)
    }

    /// Whether every step is verified, and nothing that was read still drifts. What is unread does not count, unless a guard
    /// refused it.
    pub fn is_done(&self) -> bool {
        let totals = self.totals();
        let steps_are_done = totals.verified == totals.steps || self.would_be_done();
        steps_are_done && self.refusals.is_empty() && self.plan.blocked.is_empty() && self.journal_failure.is_none()
    }
}
