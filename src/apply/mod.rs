//! Execution of a plan: guards that must all pass, one call at a time per target, and a journal of what was done.
//!
//! This is the only module that changes AWS. Each step reads its target again, leaves it alone if it is not as planned, writes its
//! intent to the journal, makes the call, and reads until the change is visible.

mod execute;
mod executor;
mod guard;
mod journal;
mod outcome;
mod rollback;
mod step_queue;

pub use execute::{ExecuteOptions, PlanExecutor};
pub use guard::{Confirmation, CurrentPolicies, Guard, GuardContext, Refusal, check_guards};
pub use journal::{
    History, Hold, JOURNAL_VERSION, Journal, JournalError, JournalReadError, StepHistory, hold_fingerprint, hold_plan,
    load_journal,
};
pub use outcome::{ApplyReport, StepOutcome, StepResult, Totals};
pub use rollback::{RollbackGoal, rollback_goal};
