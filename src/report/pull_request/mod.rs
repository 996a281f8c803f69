//! The report as a comment on a pull request: the verdict in one line, what matters in a table, the rest folded.

mod page;
mod table;

pub(super) use page::review;
pub use page::write_markdown;
