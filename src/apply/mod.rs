//! Carrying a plan out: guards that must all agree, one call at a time per target, and a journal that knows what was done.
//!
//! This is the only room that can change AWS. Each step reads its target again and leaves it alone if it is not as the plan saw
//! it, writes down what it is about to do, calls, and reads until the change shows.

mod ask;
mod crew;
mod execute;
mod explain;
mod guard;
mod journal;
mod outcome;
mod rollback;
mod schedule;

pub use execute::{Orders, execute};
pub use guard::{Circumstances, Confirmation, Guard, Policies, Refusal, judge};
pub use journal::{
    History, Hold, Journal, JournalError, JournalMistake, StepHistory, hold_fingerprint, hold_plan, load_journal,
};
pub use outcome::{Applied, StepOutcome, StepResult, Totals};
pub use rollback::{Return, back_to};
