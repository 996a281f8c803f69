//! The library, called from outside: what it makes of policies, answers and reports, laws that hold for any input, and the
//! rules for its source.

#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

mod answers;
mod environment;
mod formats;
mod gather;
mod house;
mod inputs;
mod invalid;
mod organization;
mod properties;
mod resolution;
mod stub;
mod systems_manager_answers;
