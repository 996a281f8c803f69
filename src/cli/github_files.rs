//! Files that a step of GitHub Actions appends to: the job summary and the step outputs.

use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::files;
use crate::report::{Destination, Format, FormatOptions, ReportRequest, View, github_summary, write_github_outputs};

const SUMMARY: &str = "GITHUB_STEP_SUMMARY";
const OUTPUTS: &str = "GITHUB_OUTPUT";

/// Files that the environment names. What other commands of the step wrote to them stays.
pub(super) struct GithubFiles {
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

impl GithubFiles {
    /// Files of the environment, if a report for GitHub Actions is requested. An empty variable names none.
    pub(super) fn from_env(requests: &[ReportRequest]) -> Self {
        if requests.iter().all(|request| request.format != Format::Github) {
            return Self { summary: None, outputs: None };
        }
        let named = |name| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { summary: named(SUMMARY), outputs: named(OUTPUTS) }
    }

    /// Variables, with the files that they name.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        [(SUMMARY, &self.summary), (OUTPUTS, &self.outputs)]
            .into_iter()
            .filter_map(|(variable, path)| Some((variable, path.as_deref()?)))
    }

    /// Fails if a file cannot be appended to, or gets another report as well. What is no regular file, such as a terminal, may
    /// get several.
    pub(super) fn validate(&self, requests: &[ReportRequest]) -> Result<(), CliError> {
        let is_file = |path: &Path| {
            !files::is_open_descriptor(path) && !path.metadata().is_ok_and(|metadata| !metadata.is_file())
        };
        let named: Vec<&Path> = self.named().map(|(_, path)| path).filter(|path| is_file(path)).collect();
        for (index, path) in named.iter().enumerate() {
            if named.iter().take(index).any(|earlier| files::is_same_content(earlier, path))
                || requests.iter().any(|request| request.destination.writes_over(path))
            {
                return Err(CliError::TwoReports(Destination::File(path.to_path_buf())));
            }
        }
        Ok(self.named().try_for_each(|(_, path)| files::probe_append(path))?)
    }

    /// Appends the summary and the outputs. A failure of one does not keep the other from being written.
    pub(super) fn append(&self, view: &View<'_>, options: &FormatOptions) -> Result<(), CliError> {
        let summary = self.summary.as_deref().map_or(Ok(()), |path| {
            files::append(path, |size, out| out.write_all(github_summary(view, options, size).as_bytes()))
        });
        let outputs = self.outputs.as_deref().map_or(Ok(()), |path| {
            let changed = view.changes.as_ref().map(|changes| !changes.is_empty());
            files::append(path, |_, out| write_github_outputs(view, options, changed, out))
        });
        Ok(summary.and(outputs)?)
    }
}
