//! The report for security lakes: OCSF Compliance Findings, as JSON Lines.

mod event;
mod number;
mod write;

pub use write::write_ocsf;
