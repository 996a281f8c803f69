//! The simulated AWS, called through the AWS SDK.

#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

mod clocks;
mod delegation;
mod denials;
mod faults;
mod generated;
mod identity;
mod jobs;
mod limits;
mod list_regions;
mod macie;
mod macie_mistakes;
mod macie_settings;
mod meanwhile;
mod members;
mod membership;
mod organizations;
mod organizations_access;
mod organizations_paging;
mod permissions;
mod ssm_documents;
mod ssm_sessions;
mod support;
mod visibility;
mod world_mistakes;
