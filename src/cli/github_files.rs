//! The files that a step of GitHub Actions adds to: the summary of its job, and its outputs.

use std::path::PathBuf;

use super::failure::Failure;
use crate::files;
use crate::report::{FormatOptions, View, github_summary, write_github_outputs};

/// The files, where the environment names them. Other commands of the step may have written to them: nothing there is lost.
pub(super) struct GithubFiles {
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

impl GithubFiles {
    /// Those of the environment. An empty variable names none.
    pub(super) fn of_environment() -> Self {
        let named = |name| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { summary: named("GITHUB_STEP_SUMMARY"), outputs: named("GITHUB_OUTPUT") }
    }

    /// Whether they could be added to, tried before a long run starts.
    pub(super) fn probe(&self) -> Result<(), Failure> {
        Ok([&self.summary, &self.outputs].into_iter().flatten().try_for_each(|path| files::probe_append(path))?)
    }

    /// Adds the summary and the outputs, both even if one of them fails.
    pub(super) fn append(&self, view: &View<'_>, options: &FormatOptions) -> Result<(), Failure> {
        let summary = self.summary.as_deref().map_or(Ok(()), |path| {
            files::append(path, |bytes_there, out| out.write_all(github_summary(view, options, bytes_there).as_bytes()))
        });
        let outputs = self.outputs.as_deref().map_or(Ok(()), |path| {
            let changed = view.changes.as_ref().map(|changes| !changes.is_empty());
            files::append(path, |_, out| write_github_outputs(view, options, changed, out))
        });
        Ok(summary.and(outputs)?)
    }
}
