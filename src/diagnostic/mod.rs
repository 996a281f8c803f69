//! What a reader is told about their files: a code, a message, the places, and the way out.
//!
//! Mistakes in files are diagnostics, all collected before a run stops; `Result` is for the machine's own failures.

mod code;
mod excerpt;
mod harmless;
mod nearest;
mod record;
mod render;
mod source;
mod write_json;

pub use code::Code;
pub use harmless::{
    CommandMark, brief_line, command_marks, harmless, is_harmful, obeyed_by_nobody, on_one_line, quotable, tame_start,
};
pub use nearest::nearest;
pub use record::{Diagnostic, Diagnostics, Label, Level};
pub use render::{Rendering, render};
pub use source::{Place, Source, SourceId, Sources, Span};
pub use write_json::{write_json_document, write_json_line};
