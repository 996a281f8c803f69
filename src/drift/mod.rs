//! What differs: every declared target with its reading and its outcome, the ledger that they add up to, and the verdict.
//!
//! Plain functions over plain data, without input or output.

mod comparison;
mod ledger;
mod review;

pub(crate) use comparison::overall;
pub use comparison::{Comparison, SettingFinding, TargetFinding, WaiverUse, outcome_of, outcome_of_live};
pub use ledger::{Ledger, SettingOutcomes, Verdict};
pub use review::{Approval, ApprovedFinding, BaseCounts, BaseFacts, Review, TargetReview, review_target};
