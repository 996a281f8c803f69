//! The simulated AWS, judged by the AWS SDK.
#![cfg(feature = "simulator")]
#![expect(clippy::expect_used, reason = "tests say what they expect by failing, also outside of test functions")]

mod denials;
mod faults;
mod identity;
mod limits;
mod list_regions;
mod macie;
mod organizations;
mod organizations_access;
mod organizations_paging;
mod support;
mod world_mistakes;
