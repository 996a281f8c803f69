//! What has changed since an earlier report: what is new, what is otherwise, what persists and since when, what is resolved.

mod changes;
mod previous;
mod sound;

pub use changes::{ChangeMark, Changes, End, Resolved};
pub use previous::History;
