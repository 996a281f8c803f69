//! The report for GitHub code scanning: SARIF 2.1.0.

mod document;
mod driver;
mod log;
mod results;

pub use document::write_sarif;
