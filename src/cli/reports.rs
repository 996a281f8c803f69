//! Which reports a run writes, and writing them.

use std::io::{self, Write};

use super::arguments::Common;
use super::error::CliError;
use super::github_files::GithubFiles;
use super::output::stdout;
use super::panic_hook::catch_panic;
use super::terminal::{Stream, WIDTH_ELSEWHERE};
use crate::files::{self, NewFile};
use crate::report::{
    Destination, Detail, Format, FormatOptions, Paint, ReportRequest, TextOptions, UnwritableReport, View, asff_files,
    is_asff_file, render,
};

/// The reports to write, the text one on standard output added if nothing else goes there; refused before anything is read
/// if one of them could not be written.
pub(super) fn validate_destinations(mut wanted: Vec<ReportRequest>) -> Result<Vec<ReportRequest>, CliError> {
    if wanted.iter().all(|wanted| wanted.destination != Destination::StandardOutput) {
        wanted.push(ReportRequest { format: Format::Text, destination: Destination::StandardOutput });
    }
    for (nth, ReportRequest { destination, .. }) in wanted.iter().enumerate() {
        if wanted.iter().take(nth).any(|earlier| earlier.destination.is_same_as(destination)) {
            return Err(CliError::TwoReports(destination.clone()));
        }
    }
    for wanted in &wanted {
        wanted.destination.probe()?;
    }
    let github = GithubFiles::of(&wanted);
    github.stand_apart(&wanted)?;
    github.probe()?;
    Ok(wanted)
}

/// A report for people or for programs, for the commands that have no other format.
pub(super) fn text_or_json(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json])
}

/// A report of a check, in any format.
pub(super) fn parse_check_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &Format::ALL)
}

/// A report of a plan.
pub(super) fn parse_plan_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json, Format::Markdown])
}

/// A report of an apply.
pub(super) fn parse_apply_report(text: &str) -> Result<ReportRequest, String> {
    parse_report(text, &[Format::Text, Format::Json, Format::Markdown, Format::Junit])
}

fn parse_report(text: &str, formats: &[Format]) -> Result<ReportRequest, String> {
    ReportRequest::parse(text, formats).map_err(|error| error.to_string())
}

/// Draws a report: in a format, for a stream or for a file, to an outlet.
pub(super) type RenderFn<'a> = &'a dyn Fn(Format, Option<Stream>, &mut dyn Write) -> io::Result<()>;

/// Whether anything goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stdout {
    /// What is wanted there.
    Write,
    /// Nothing. Files, folders, and what GitHub gets are written all the same.
    Suppress,
}

/// Writes every report, even if one of them fails: what was read must not be lost with it. The first failure is returned.
pub(super) fn write_report(
    view: &View<'_>,
    wanted: &[ReportRequest],
    voice: Stdout,
    options: &FormatOptions,
    common: &Common,
) -> Result<(), CliError> {
    let options = &options.with_paths_of(view.run.policy_files.iter().map(|file| &**file));
    let appended = catch_panic(|| GithubFiles::of(wanted).append(view, options));
    let to_folder = |wanted: &ReportRequest| match &wanted.destination {
        Destination::Folder(path) => {
            let written = files::write_folder(path, asff_files(view, options), is_asff_file);
            Ok(written.map_err(UnwritableReport)?)
        }
        Destination::File(_) | Destination::StandardOutput => Ok(()),
    };
    let folders: Vec<Result<(), CliError>> = wanted.iter().map(|wanted| catch_panic(|| to_folder(wanted))).collect();
    let heard: Vec<ReportRequest> =
        wanted.iter().filter(|wanted| voice == Stdout::Write || !wanted.is_stdout()).cloned().collect();
    let rest = write_each(&heard, NO_PLAN, &|format, stream, out| {
        render(view, format, text_options(stream, common), options, out)
    });
    folders.into_iter().collect::<Result<(), CliError>>().and(rest).and(appended)
}

/// No format of the command is a saved plan.
pub(super) const NO_PLAN: &[Format] = &[];

/// The same for what is drawn in another way. In some formats it is a plan to be carried out, which only its owner may read.
pub(super) fn write_each(wanted: &[ReportRequest], plans: &[Format], render: RenderFn<'_>) -> Result<(), CliError> {
    // Files first: whoever reads standard output may close it early.
    let (files, output): (Vec<&ReportRequest>, Vec<&ReportRequest>) =
        wanted.iter().partition(|wanted| wanted.destination != Destination::StandardOutput);
    // A panic in one format takes no other report with it.
    let written: Vec<Result<(), CliError>> =
        files.into_iter().chain(output).map(|wanted| catch_panic(|| write_one(wanted, plans, render))).collect();
    written.into_iter().collect()
}

fn write_one(wanted: &ReportRequest, plans: &[Format], render: RenderFn<'_>) -> Result<(), CliError> {
    match &wanted.destination {
        Destination::File(path) => {
            let new = if plans.contains(&wanted.format) { NewFile::Private } else { NewFile::Ordinary };
            Ok(files::write(path, new, |out| render(wanted.format, None, out)).map_err(UnwritableReport)?)
        }
        // Of many files, which no single drawing makes.
        Destination::Folder(_) => Ok(()),
        Destination::StandardOutput => stdout(|out| render(wanted.format, Some(Stream::Output), out)),
    }
}

/// A file gets neither colour nor the width of a terminal.
pub(super) fn text_options(stream: Option<Stream>, common: &Common) -> TextOptions {
    TextOptions {
        width: stream.map_or(WIDTH_ELSEWHERE, Stream::width),
        paint: stream.map_or(Paint::Plain, |stream| stream.paint(common.color)),
        detail: match (common.quiet, common.verbose) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Normal,
        },
    }
}
