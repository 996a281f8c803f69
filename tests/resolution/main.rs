//! What policies come to against an organization that is known by names, units and tags: who is selected, who wins, what is
//! doubted, and what a waiver covers.

#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

mod doubts;
mod organization;
mod selectors;
mod waivers;
mod winners;
