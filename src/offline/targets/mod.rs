//! Which targets a run would read.

mod json;
mod reach;
mod text;

pub use json::{targets_schema, write_targets_json};
pub use reach::TargetList;
pub use text::write_targets_text;
