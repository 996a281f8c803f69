//! Version 1 of the JSON report.
//!
//! Within a version fields are only ever added, so readers must ignore those that they do not know.

mod document;
mod waivers;

pub use document::{report_schema, write_json};
