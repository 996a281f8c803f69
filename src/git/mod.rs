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

pub use command::{git_version, reference_names};
pub use error::RevisionError;
pub use repository::{Revision, work_tree};
pub use revision_files::RevisionFiles;
