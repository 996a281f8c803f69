//! Policy files as they were at a git revision, asked of the git program itself. No checkout is touched.
//!
//! ```text
//! paths as they are written → repository → commit → entries of its tree → contents
//! ```

mod command;
mod error;
mod repository;
mod revision_files;
mod tree;

pub use error::RevisionError;
pub use repository::Revision;
pub use revision_files::RevisionFiles;
