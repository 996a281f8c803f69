//! The simulated AWS, judged by the AWS SDK.
#![cfg(feature = "simulator")]
#![expect(clippy::expect_used, reason = "tests say what they expect by failing, also outside of test functions")]

mod denials;
mod faults;
mod identity;
mod list_regions;
mod macie;
mod support;
mod world_mistakes;
