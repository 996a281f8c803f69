//! Carrying a plan out: guards that must all agree, one call at a time per target, and a journal that knows what was done.
//!
//! This is the only room that can change AWS. Each step reads its target again and leaves it alone if it is not as the plan saw
//! it, writes down what it is about to do, calls, and reads until the change shows.

mod execute;
mod executor;
mod guard;
mod journal;
mod outcome;
mod rollback;
mod step_queue;
mod verify;

pub use execute::{ExecuteOptions, execute};
pub use guard::{Confirmation, CurrentPolicies, Guard, GuardContext, Refusal, check_guards};
pub use journal::{
    History, Hold, Journal, JournalError, JournalReadError, StepHistory, hold_fingerprint, hold_plan, load_journal,
};
pub use outcome::{ApplyReport, StepOutcome, StepResult, Totals};
pub use rollback::{RollbackGoal, rollback_goal};
