//! What has changed since an earlier report: what is new, what is otherwise, what persists and since when, what is resolved.

mod changes;
mod history;
mod sound;

pub use changes::{Changes, End, Gone, Mark};
pub use history::History;
