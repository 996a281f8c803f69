//! The files of a project to start from, as they lie in this folder.

mod project;

pub(super) use project::files;
