//! Which reports a run writes, and writing them.

use std::io::{self, Write};

use super::arguments::Common;
use super::bug::caught;
use super::failure::Failure;
use super::github_files::GithubFiles;
use super::outlet::print;
use super::terminal::{Stream, WIDTH_ELSEWHERE};
use crate::files::{self, NewFile};
use crate::report::{
    Destination, Detail, Format, FormatOptions, Paint, TextOptions, UnwritableReport, View, Wanted, asff_files, draw,
    is_asff_file,
};

/// The reports to write, the text one on standard output added if nothing else goes there; refused before anything is read
/// if one of them could not be written.
pub(super) fn settle(mut wanted: Vec<Wanted>) -> Result<Vec<Wanted>, Failure> {
    if wanted.iter().all(|wanted| wanted.destination != Destination::StandardOutput) {
        wanted.push(Wanted { format: Format::Text, destination: Destination::StandardOutput });
    }
    for (nth, Wanted { destination, .. }) in wanted.iter().enumerate() {
        if wanted.iter().take(nth).any(|earlier| earlier.destination.is_same_as(destination)) {
            return Err(Failure::TwoReports(destination.clone()));
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
pub(super) fn text_or_json(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json])
}

/// A report of a check, in any format.
pub(super) fn of_check(text: &str) -> Result<Wanted, String> {
    of(text, &Format::ALL)
}

/// A report of a plan.
pub(super) fn of_plan(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json, Format::Markdown])
}

/// A report of an apply.
pub(super) fn of_apply(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json, Format::Markdown, Format::Junit])
}

fn of(text: &str, formats: &[Format]) -> Result<Wanted, String> {
    Wanted::parse(text, formats).map_err(|error| error.to_string())
}

/// Draws a report: in a format, for a stream or for a file, to an outlet.
pub(super) type Drawing<'a> = &'a dyn Fn(Format, Option<Stream>, &mut dyn Write) -> io::Result<()>;

/// Whether anything goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// What is wanted there.
    Aloud,
    /// Nothing. Files, folders, and what GitHub gets are written all the same.
    Silent,
}

/// Writes every report, even if one of them fails: what was read must not be lost with it. The first failure is returned.
pub(super) fn write_view(
    view: &View<'_>,
    wanted: &[Wanted],
    voice: Voice,
    options: &FormatOptions,
    common: &Common,
) -> Result<(), Failure> {
    let options = &options.with_paths_of(view.run.policy_files.iter().map(|file| &**file));
    let appended = caught(|| GithubFiles::of(wanted).append(view, options));
    let to_folder = |wanted: &Wanted| match &wanted.destination {
        Destination::Folder(path) => {
            let written = files::write_folder(path, asff_files(view, options), is_asff_file);
            Ok(written.map_err(UnwritableReport)?)
        }
        Destination::File(_) | Destination::StandardOutput => Ok(()),
    };
    let folders: Vec<Result<(), Failure>> = wanted.iter().map(|wanted| caught(|| to_folder(wanted))).collect();
    let heard: Vec<Wanted> =
        wanted.iter().filter(|wanted| voice == Voice::Aloud || !wanted.is_spoken()).cloned().collect();
    let rest = write_each(&heard, NO_PLAN, &|format, stream, out| {
        draw(view, format, text_options(stream, common), options, out)
    });
    folders.into_iter().collect::<Result<(), Failure>>().and(rest).and(appended)
}

/// No format of the command is a saved plan.
pub(super) const NO_PLAN: &[Format] = &[];

/// The same for what is drawn in another way. In some formats it is a plan to be carried out, which only its owner may read.
pub(super) fn write_each(wanted: &[Wanted], plans: &[Format], draw: Drawing<'_>) -> Result<(), Failure> {
    // Files first: whoever reads standard output may close it early.
    let (files, output): (Vec<&Wanted>, Vec<&Wanted>) =
        wanted.iter().partition(|wanted| wanted.destination != Destination::StandardOutput);
    // A panic in one format takes no other report with it.
    let written: Vec<Result<(), Failure>> =
        files.into_iter().chain(output).map(|wanted| caught(|| write_one(wanted, plans, draw))).collect();
    written.into_iter().collect()
}

fn write_one(wanted: &Wanted, plans: &[Format], draw: Drawing<'_>) -> Result<(), Failure> {
    match &wanted.destination {
        Destination::File(path) => {
            let new = if plans.contains(&wanted.format) { NewFile::Private } else { NewFile::Ordinary };
            Ok(files::write(path, new, |out| draw(wanted.format, None, out)).map_err(UnwritableReport)?)
        }
        // Of many files, which no single drawing makes.
        Destination::Folder(_) => Ok(()),
        Destination::StandardOutput => print(|out| draw(wanted.format, Some(Stream::Output), out)),
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
