//! driftline: desired-state files declare how Amazon Macie is set in each account and Region; driftline reads what is
//! live, says what differs, and never guesses about what it could not read.

pub mod aws;
pub mod diagnostic;
pub mod document;
pub mod drift;
pub mod inventory;
pub mod live;
pub mod model;
pub mod policy;
pub mod report;
pub mod session;
pub mod settings;
#[cfg(feature = "simulator")]
pub mod simulator;
