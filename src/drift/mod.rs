//! What differs: every declared target with its reading and its outcome, the ledger that they add up to, and the verdict.
//!
//! Plain functions over plain data, without input or output.

mod comparison;
mod ledger;

pub(crate) use comparison::overall;
pub use comparison::{Comparison, SettingFinding, TargetFinding, WaiverState, WaiverUse, outcome_of};
pub use ledger::{BaseFacts, Ledger, SettingOutcomes, Verdict};
