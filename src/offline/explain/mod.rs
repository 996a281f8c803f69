//! What is wanted of one target, why, and what lost.

mod explanation;
mod json;
mod text;

pub use explanation::{Explanation, NoTarget};
pub use json::{explain_schema, write_explanation_json};
pub use text::write_explanation_text;
