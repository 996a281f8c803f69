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

pub use code::Code;
pub use harmless::{brief_line, harmless, on_one_line, quotable};
pub use nearest::nearest;
pub use record::{Diagnostic, Diagnostics, Label, Level};
pub use render::{Rendering, render};
pub use source::{Place, Source, SourceId, Sources, Span};
