//! What would remove the drift: the calls, in their order, as plain data.
//!
//! A [`Plan`] is made by [`plan`] from a comparison and from what surrounds the targets whose status is to change. It is saved
//! and read back as version 1 of `driftline.plan`, with a fingerprint that tells whether somebody has touched it since.

mod build;
mod document;
mod model;
mod order;
mod step;
#[cfg(test)]
pub(crate) mod test_fixtures;

pub use build::{plan, status_transitions};
pub use document::{PlanDocument, PlanError, SavedPlan, plan_schema};
pub use model::{CallerIdentity, Plan, PlanMetadata, PlanSource, SkippedTarget, Summary};
pub use step::{BlockedChange, Step};
