//! The report for GitHub Actions: annotations, the summary of a job, and the outputs of a step.

mod annotations;
mod outputs;
mod summary;

pub use annotations::write_github;
pub use outputs::write_github_outputs;
pub use summary::github_summary;
