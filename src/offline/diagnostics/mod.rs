//! What is wrong with policy sets, for programs.

mod checked;
mod json;

pub use checked::{Checked, Findings, Holds};
pub use json::{diagnostics_schema, write_diagnostics_json};
