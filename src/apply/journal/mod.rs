//! The journal of an apply: what is about to be done, on disk before it is done, and what came of it.
//!
//! JSON Lines, version 1 of `driftline.journal`. The first line holds the whole plan, so that nothing else is needed to go on after
//! a kill, or to lead back to what was found. Readers must take a last line without a line feed for not written.

mod entry;
mod history;
mod writer;

pub use history::{History, JournalReadError, StepHistory, load_journal};
pub use writer::{Hold, Journal, JournalError, hold_fingerprint, hold_plan};

pub(super) use entry::{Entry, IntentEntry, ResultEntry};
