//! Policy files as they were at a git revision, asked of the git program itself. No checkout is touched.
//!
//! ```text
//! paths of today → repository → commit → entries of its tree → contents
//! ```

mod blobs;
mod error;
mod git;
mod past;
mod repository;
mod tree;

pub use error::RevisionError;
pub use past::Past;
pub use repository::Revision;
