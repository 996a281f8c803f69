//! What differs: every declared target with its reading and its outcome, the ledger that they add up to, and the verdict.
//!
//! Plain functions over plain data, without input or output.

mod base_facts;
mod comparison;
mod evaluation;
mod ledger;
mod waiver_usage;

pub use base_facts::BaseFacts;
pub(crate) use comparison::overall;
pub use comparison::{Comparison, SettingFinding, TargetFinding};
pub use evaluation::outcome_of;
pub use ledger::{Ledger, Verdict};
pub use waiver_usage::{WaiverState, WaiverUse};
