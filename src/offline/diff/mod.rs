//! What a change of policy files changes for which targets.

mod difference;
mod files;
mod group;
mod json;
mod places;
mod text;

pub use difference::{DiffSide, Difference};
pub use files::{FilePair, write_files_text};
pub use json::{diff_schema, write_diff_json};
pub use text::write_diff_text;
