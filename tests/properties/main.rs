//! Laws that hold for any policy set and any readings.

#![allow(clippy::expect_used, reason = "tests say what they expect by failing")]

#[cfg(feature = "simulator")]
mod applied;
mod change;
mod comparison;
mod contract;
mod declared;
mod organization;
mod resolution;
mod resolved;
mod written;

use proptest::test_runner::Config;

/// That many cases of each law; failures print their input, and are not kept in files.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
