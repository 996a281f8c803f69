//! The files that a step of GitHub Actions adds to: the summary of its job, and its outputs.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::failure::Failure;
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
        [&self.summary, &self.outputs].into_iter().flatten().try_for_each(|path| opened(path).map(drop))
    }

    /// Adds the summary and the outputs, both even if one of them fails.
    pub(super) fn append(&self, view: &View<'_>, options: &FormatOptions) -> Result<(), Failure> {
        let summary = self.summary.as_deref().map_or(Ok(()), |path| {
            let file = opened(path)?;
            let bytes_there = file.metadata().map_err(|cause| unwritable(path, cause))?.len();
            add(path, file, github_summary(view, options, bytes_there).as_bytes())
        });
        let outputs = self.outputs.as_deref().map_or(Ok(()), |path| {
            let mut lines = Vec::new();
            write_github_outputs(view, options, view.changes.as_ref().map(|changes| !changes.is_empty()), &mut lines)
                .map_err(|cause| unwritable(path, cause))?;
            add(path, opened(path)?, &lines)
        });
        summary.and(outputs)
    }
}

fn opened(path: &Path) -> Result<File, Failure> {
    OpenOptions::new().append(true).create(true).open(path).map_err(|cause| unwritable(path, cause))
}

fn add(path: &Path, mut file: File, bytes: &[u8]) -> Result<(), Failure> {
    file.write_all(bytes).map_err(|cause| unwritable(path, cause))
}

fn unwritable(path: &Path, cause: io::Error) -> Failure {
    Failure::Unwritable { path: path.display().to_string(), cause }
}
