//! Requested reports: parsing, checks before the run, and writing.

use std::io::{self, Write};

use super::error::CliError;
use super::github_files::GithubFiles;
use super::output::{Stream, stdout};
use super::panic_hook::catch_panic;
use super::run_context::RunContext;
use crate::files::{self, NewFile};
use crate::report::{
    Destination, Detail, FolderFormat, Format, FormatOptions, ReportRequest, UnwritableReport, View, asff_files,
    owner_files, render,
};

/// Checks the requested reports before anything is read, and adds the text report if nothing else goes to standard output.
pub(super) fn validate_destinations(mut requests: Vec<ReportRequest>) -> Result<Vec<ReportRequest>, CliError> {
    if requests.iter().all(|request| request.destination != Destination::StandardOutput) {
        requests.push(ReportRequest { format: Format::Text, destination: Destination::StandardOutput });
    }
    for (index, ReportRequest { destination, .. }) in requests.iter().enumerate() {
        if requests.iter().take(index).any(|earlier| earlier.destination.is_same_as(destination)) {
            return Err(CliError::TwoReports(destination.clone()));
        }
    }
    for request in &requests {
        request.destination.probe()?;
    }
    GithubFiles::from_env(&requests).validate(&requests)?;
    Ok(requests)
}

/// Parses the report option of a command with text and JSON only.
pub(super) fn parse_text_or_json(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json])
}

/// Parses the report option of `check`.
pub(super) fn parse_check_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &Format::ALL)
}

/// Parses the report option of `plan`.
pub(super) fn parse_plan_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json, Format::Markdown])
}

/// Parses the report option of `apply`.
pub(super) fn parse_apply_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json, Format::Markdown, Format::Junit])
}

fn parse_report(text: &str, formats: &[Format]) -> Result<ReportRequest, String> {
    ReportRequest::parse(text, formats).map_err(|error| error.to_string())
}

/// Renders a report in a format, for a stream or for a file.
pub(super) type RenderFn<'a> = &'a dyn Fn(Format, Option<Stream>, &mut dyn Write) -> io::Result<()>;

/// Part that goes to standard output. Files, folders and the files of GitHub Actions are written all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stdout {
    /// The requested reports.
    Write,
    /// The same, and of the text report only what changed.
    Changes,
    /// The same, and of the text report only the verdict and one line.
    Unchanged,
    /// Nothing.
    Suppress,
}

impl Stdout {
    /// Detail of the text report, if it is not that of the command line.
    fn detail(self) -> Option<Detail> {
        match self {
            Self::Changes => Some(Detail::Changes),
            Self::Unchanged => Some(Detail::Unchanged),
            Self::Write | Self::Suppress => None,
        }
    }
}

/// Writes every requested report of a check and returns the first failure. A failure of one does not keep the others from being
/// written.
pub(super) fn write_report(
    context: &RunContext,
    view: &View<'_>,
    requests: &[ReportRequest],
    to_stdout: Stdout,
    options: &FormatOptions,
) -> Result<(), CliError> {
    let options = &options.with_paths_of(view.run.policy_files.iter().map(String::as_str));
    let appended = catch_panic(|| GithubFiles::from_env(requests).append(view, options));
    let write_folder = |request: &ReportRequest| match &request.destination {
        Destination::Folder(path, format) => {
            let kind = format.files();
            let written = match format {
                FolderFormat::Asff => files::write_folder(path, asff_files(view, options), kind),
                FolderFormat::Owners => files::write_folder(path, owner_files(view, options), kind),
            };
            Ok(written.map_err(UnwritableReport)?)
        }
        Destination::File(_) | Destination::StandardOutput => Ok(()),
    };
    let folders: Vec<Result<(), CliError>> =
        requests.iter().map(|request| catch_panic(|| write_folder(request))).collect();
    let shown = |request: &&ReportRequest| to_stdout != Stdout::Suppress || !request.is_stdout();
    let shown: Vec<ReportRequest> = requests.iter().filter(shown).cloned().collect();
    let private: &[Format] = if view.has_sessions() { &Format::NAMING_SESSIONS } else { &[] };
    let rest = write_each(&shown, private, &|format, stream, out| {
        let mut text = context.text_options(stream);
        text.administrator = options.owners.administrator;
        if let Some(detail) = stream.and(to_stdout.detail()) {
            text.detail = detail;
        }
        render(view, format, text, options, out)
    });
    folders.into_iter().collect::<Result<(), CliError>>().and(rest).and(appended)
}

/// Writes every requested report with a rendering function and returns the first failure. Only its owner may read a new file of a
/// `private` format.
pub(super) fn write_each(requests: &[ReportRequest], private: &[Format], render: RenderFn<'_>) -> Result<(), CliError> {
    // Files first: the reader of standard output may close it early.
    let (files, output): (Vec<&ReportRequest>, Vec<&ReportRequest>) =
        requests.iter().partition(|request| request.destination != Destination::StandardOutput);
    // A panic in one format must not lose another report.
    let written: Vec<Result<(), CliError>> =
        files.into_iter().chain(output).map(|request| catch_panic(|| write_one(request, private, render))).collect();
    written.into_iter().collect()
}

fn write_one(request: &ReportRequest, private: &[Format], render: RenderFn<'_>) -> Result<(), CliError> {
    match &request.destination {
        Destination::File(path) => {
            let new = if private.contains(&request.format) { NewFile::Private } else { NewFile::Ordinary };
            Ok(files::write_saved(path, new, |out| render(request.format, None, out)).map_err(UnwritableReport)?)
        }
        // `write_report` writes folders.
        Destination::Folder(..) => Ok(()),
        Destination::StandardOutput => stdout(|out| render(request.format, Some(Stream::Output), out)),
    }
}
