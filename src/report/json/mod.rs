//! The JSON report. Each version of the format is a module with structs of its own, so that a change inside driftline
//! cannot change what readers get.

mod v1;

pub use v1::{report_schema, write_json};
