//! The report for GitHub code scanning: SARIF 2.1.0.

mod log;
mod results;
mod run;

pub use results::write_sarif;
