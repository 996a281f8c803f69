//! What holds for any input, tried on every file of this repository, on every input that once found a fault, and on many that
//! are made from them by chance. The engine that follows what inputs reach is in `fuzz/`, and runs for as long as one likes.

#![allow(
    clippy::panic,
    unreachable_pub,
    reason = "the checks are those of the package in `fuzz/`, where they are public"
)]

#[path = "../../../fuzz/src/answer.rs"]
mod answer;
mod answers;
mod attempts;
#[path = "../../../fuzz/src/aws.rs"]
mod aws;
#[path = "../../../fuzz/src/calls.rs"]
mod calls;
#[path = "../../../fuzz/src/document.rs"]
mod document;
#[path = "../../../fuzz/src/folder.rs"]
mod folder;
#[path = "../../../fuzz/src/inventory.rs"]
mod inventory;
#[path = "../../../fuzz/src/journal.rs"]
mod journal;
#[path = "../../../fuzz/src/json.rs"]
mod json;
mod mutation;
mod nesting;
#[path = "../../../fuzz/src/organization.rs"]
mod organization;
#[path = "../../../fuzz/src/plan.rs"]
mod plan;
mod policies;
#[path = "../../../fuzz/src/policy.rs"]
mod policy;
mod read_back;
#[path = "../../../fuzz/src/report.rs"]
mod report;
#[path = "../../../fuzz/src/resolution.rs"]
mod resolution;
#[path = "../../../fuzz/src/session.rs"]
mod session;
#[path = "../../../fuzz/src/settings.rs"]
mod settings;
#[path = "../../../fuzz/src/snapshot.rs"]
mod snapshot;
#[path = "../../../fuzz/src/told.rs"]
mod told;
#[path = "../../../fuzz/src/world.rs"]
mod world;
