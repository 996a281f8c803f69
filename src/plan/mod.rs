//! The calls that remove the drift, in their order, as plain data.
//!
//! [`plan`] makes a [`Plan`] from a comparison and the context of the targets whose status is to change. It is saved and parsed as
//! version 1 of `driftline.plan`, with a fingerprint that shows whether it was altered.

mod blocked;
mod build;
mod document;
mod model;
#[cfg(test)]
pub(crate) mod test_fixtures;

pub use blocked::{BlockedChange, DesiredChange, SkippedTarget};
pub use build::{plan, status_transitions};
pub use document::{PLAN_VERSION, PlanDocument, PlanError, SavedPlan, plan_schema};
pub use model::{CallerIdentity, Plan, PlanBase, PlanMetadata, PlanScope, PlanSource, Step, Summary, Unmatched};
