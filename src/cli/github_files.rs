//! The files that a step of GitHub Actions adds to: the summary of its job, and its outputs.

use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::files;
use crate::report::{Destination, Format, FormatOptions, ReportRequest, View, github_summary, write_github_outputs};

const SUMMARY: &str = "GITHUB_STEP_SUMMARY";
const OUTPUTS: &str = "GITHUB_OUTPUT";

/// The files, where the environment names them. Other commands of the step may have written to them: nothing there is lost.
pub(super) struct GithubFiles {
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

impl GithubFiles {
    /// Those of the environment, if a report for GitHub Actions is among those that are wanted. An empty variable names none.
    pub(super) fn of(wanted: &[ReportRequest]) -> Self {
        if wanted.iter().all(|wanted| wanted.format != Format::Github) {
            return Self { summary: None, outputs: None };
        }
        let named = |name| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { summary: named(SUMMARY), outputs: named(OUTPUTS) }
    }

    /// The variables, with the files that they name.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        [(SUMMARY, &self.summary), (OUTPUTS, &self.outputs)]
            .into_iter()
            .filter_map(|(variable, path)| Some((variable, path.as_deref()?)))
    }

    /// Whether they could be added to, tried before a long run starts.
    pub(super) fn probe(&self) -> Result<(), CliError> {
        Ok(self.named().try_for_each(|(_, path)| files::probe_append(path))?)
    }

    /// Refuses a file that gets another report as well. What is no file, such as a terminal, may get them all.
    pub(super) fn stand_apart(&self, wanted: &[ReportRequest]) -> Result<(), CliError> {
        let is_file = |path: &Path| {
            !files::is_open_descriptor(path) && !path.metadata().is_ok_and(|metadata| !metadata.is_file())
        };
        let named: Vec<&Path> = self.named().map(|(_, path)| path).filter(|path| is_file(path)).collect();
        let is_twice = |(nth, path): (usize, &&Path)| {
            named.iter().take(nth).any(|earlier| files::is_same_content(earlier, path))
                || wanted.iter().any(|wanted| wanted.destination.writes_over(path))
        };
        match named.iter().enumerate().find(|found| is_twice(*found)) {
            Some((_, path)) => Err(CliError::TwoReports(Destination::File(path.to_path_buf()))),
            None => Ok(()),
        }
    }

    /// Adds the summary and the outputs, both even if one of them fails.
    pub(super) fn append(&self, view: &View<'_>, options: &FormatOptions) -> Result<(), CliError> {
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
