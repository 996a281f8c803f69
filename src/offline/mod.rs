//! What the commands without AWS say: for each a model, and over it one file per format.

mod diagnostics;
mod diff;
mod explain;
mod json;
mod messages;
mod targets;

pub use diagnostics::{Checked, Findings, Holds, diagnostics_schema, write_diagnostics_json};
pub use diff::{DiffSide, Difference, FilePair, diff_schema, write_diff_json, write_diff_text, write_files_text};
pub use explain::{Explanation, NoTarget, explain_schema, write_explanation_json, write_explanation_text};
pub use targets::{TargetList, targets_schema, write_targets_json, write_targets_text};
