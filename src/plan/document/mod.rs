//! Version 1 of the saved plan, `driftline.plan`.
//!
//! The fingerprint is over all the rest, so a key that this version does not know counts as a change by somebody else.

mod load;
mod shape;
mod step;

pub use load::{PlanError, SavedPlan};
pub use shape::{PlanDocument, plan_schema};
