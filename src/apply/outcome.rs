//! What came of a plan, step by step and in total.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::aws::RequestCounts;
use crate::model::Unread;
use crate::plan::Plan;
use crate::resource::SessionState;

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// The target is seen to be as the step wants it.
    Verified,
    /// AWS accepted the call, and the change did not show in time.
    Applied,
    /// The target was not any more as the plan saw it: nothing was called.
    Stale,
    /// The call was refused or failed, and the change does not show.
    Failed,
    /// A guard refused: nothing was called.
    Refused,
    /// It was not come to: the run ended before, or a step failed that it needs.
    NotTried,
}

/// What came of a step, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// What came of it.
    pub outcome: StepOutcome,
    /// The same in words.
    pub message: String,
    /// What AWS or the network said, where something went wrong.
    pub cause: Option<Unread>,
    /// What the target is set to, as last read.
    pub live: Option<SessionState>,
}

/// How many steps came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Totals {
    /// All steps of the plan: the sum of the others.
    pub steps: usize,
    /// Seen to be as wanted.
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

/// What came of a plan.
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
    /// What came of each step, by number. Every step has a result.
    pub results: BTreeMap<u32, StepResult>,
    /// The guards that refused.
    pub refusals: Vec<Refusal>,
    /// The journal, as shown; none if nothing was to be written.
    pub journal: Option<String>,
    /// Why the journal could not be written to its end.
    pub journal_failure: Option<String>,
    /// Whether everything was done but to write.
    pub dry_run: bool,
    /// The requests that it took.
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

    /// Whether it counts against the most failures that a run may have.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Applied | Self::Failed)
    }
}

impl StepResult {
    /// A result without anything from AWS.
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
    /// How many steps came to what.
    pub fn totals(&self) -> Totals {
        self.results.values().map(|result| result.outcome).collect()
    }

    /// Whether a dry run met nothing that would stop the apply.
    fn would_be_done(&self) -> bool {
        let open = |result: &StepResult| {
            matches!(result.outcome, StepOutcome::NotTried | StepOutcome::Verified) && result.cause.is_none()
        };
        self.dry_run && self.results.values().all(open)
    }

    /// Whether everything is done and was seen to be done, so that a check finds nothing.
    pub fn is_done(&self) -> bool {
        let totals = self.totals();
        let steps_are_done = totals.verified == totals.steps || self.would_be_done();
        steps_are_done
            && self.refusals.is_empty()
            && self.plan.blocked.is_empty()
            && self.plan.not_planned.is_empty()
            && self.journal_failure.is_none()
    }
}
