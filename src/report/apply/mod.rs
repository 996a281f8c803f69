//! What came of a plan: for people, programs, pull requests, and what CI systems show of tests.

mod json;
mod junit;
mod markdown;
mod summary;
mod text;

pub use json::{apply_schema, write_applied_json};
pub use junit::write_applied_junit;
pub use markdown::write_applied_markdown;
pub use text::{write_applied_text, write_refusals_text};
