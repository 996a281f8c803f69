//! Policy files at a Git revision, read through the `git` program. No checkout is touched.
//!
//! ```text
//! paths as written → repository → commit → tree entries → contents
//! ```

mod command;
mod error;
mod repository;
mod revision_files;
mod tree;

pub use error::RevisionError;
pub use repository::Revision;
pub use revision_files::RevisionFiles;
