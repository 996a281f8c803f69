//! What would remove the drift: the calls, in their order, as plain data.
//!
//! A [`Plan`] is made by [`plan`] from a comparison and from what surrounds the targets whose status is to change. It is saved
//! and read back as version 1 of `driftline.plan`, with a fingerprint that tells whether somebody has touched it since.

mod build;
mod concern;
mod consequence;
mod document;
mod made;
mod obstacle;
mod order;
mod route;
#[cfg(test)]
pub(crate) mod specimen;
mod step;
mod wanted;

pub use build::plan;
pub use concern::concerns;
pub use document::{PlanDocument, PlanError, SavedPlan, plan_schema};
pub use made::{Basis, Facts, Maker, NotPlanned, Plan, Summary};
pub use obstacle::{Impossible, Obstacle};
pub use step::{Change, Operation, Risk, Step};
