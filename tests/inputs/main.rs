//! What holds for any input, tried on every file of this repository, on every input that once found a fault, and on many that
//! are made from them by chance. The engine that follows what inputs reach is in `fuzz/`, and runs for as long as one likes.

#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]
#![allow(
    clippy::panic,
    unreachable_pub,
    reason = "the checks are those of the package in `fuzz/`, where they are public"
)]

#[path = "../../fuzz/src/document.rs"]
mod document;
mod mutation;
mod nesting;
#[path = "../../fuzz/src/organization.rs"]
mod organization;
#[path = "../../fuzz/src/policy.rs"]
mod policy;
#[path = "../../fuzz/src/resolution.rs"]
mod resolution;
mod seeds;
#[path = "../../fuzz/src/told.rs"]
mod told;
