//! What differs: every declared target with its reading and its outcome, the ledger that they add up to, and the verdict.
//!
//! Plain functions over plain data, without input or output.

mod base_facts;
mod comparison;
mod judgement;
mod ledger;
mod waiver_use;

pub use base_facts::BaseFacts;
pub(crate) use comparison::overall;
pub use comparison::{Comparison, SettingFinding, TargetFinding};
pub use judgement::outcome_of;
pub use ledger::{Ledger, Verdict};
pub use waiver_use::{WaiverState, WaiverUse};
