//! What must hold for any input, whoever makes it up: the targets of this package, and `tests/library/inputs`, which tries the seeds.

mod answer;
mod aws;
pub mod calls;
pub mod document;
mod folder;
pub mod inventory;
pub mod journal;
mod json;
mod organization;
pub mod plan;
pub mod policy;
pub mod report;
pub mod resolution;
pub mod session;
pub mod settings;
pub mod snapshot;
mod told;
pub mod world;
