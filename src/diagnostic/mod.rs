//! What a reader is told about their files: a code, a message, the places, and the fix.
//!
//! Mistakes in files are diagnostics, all collected before a run stops; `Result` is for the machine's own failures.

mod code;
mod excerpt;
mod record;
mod render;
mod sanitize;
mod source;
mod suggestion;
mod write_json;

pub use code::Code;
pub use record::{Diagnostic, Diagnostics, Label, Level};
pub use render::{Rendering, render};
pub use sanitize::{
    CommandMark, command_marks, is_harmful, on_one_line, quote, sanitize, strip_controls, tame_start, truncate_line,
};
pub use source::{Place, Source, SourceId, Sources, Span};
pub use suggestion::nearest;
pub use write_json::{write_json_document, write_json_line};
