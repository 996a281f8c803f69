//! Laws that hold for any policy set and any readings.

#[cfg(feature = "simulator")]
mod applied;
mod change;
mod comparison;
mod contract;
mod declared;
#[cfg(feature = "simulator")]
mod estate;
#[cfg(feature = "simulator")]
mod faults;
mod organization;
#[cfg(all(unix, feature = "simulator"))]
mod outputs;
#[cfg(feature = "simulator")]
mod program;
mod resolution;
mod resolved;
#[cfg(feature = "simulator")]
mod script;
mod written;

use proptest::test_runner::Config;

/// That many cases of each law, or as many as the variable PROPTEST_CASES says; failures print their input, and are not kept in
/// files.
fn cases(cases: u32) -> Config {
    let usual = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { cases };
    Config { cases, failure_persistence: None, ..usual }
}
