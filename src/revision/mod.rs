//! Policy files as they were at a git revision, asked of the git program itself. No checkout is touched.
//!
//! ```text
//! paths as they are written → repository → commit → entries of its tree → contents
//! ```

mod blobs;
mod error;
mod git;
mod past;
mod repository;
mod tree;
mod way;

pub use error::RevisionError;
pub use past::Past;
pub use repository::Revision;
