//! What must hold for any input, whoever makes it up: the targets of this package, and `tests/inputs`, which tries the seeds.

pub mod document;
mod organization;
pub mod policy;
pub mod resolution;
mod told;
