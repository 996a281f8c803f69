//! Which reports a run writes, and writing them.

use std::io::{self, Write};

use super::arguments::Common;
use super::failure::Failure;
use super::outlet::print;
use super::terminal::{Stream, WIDTH_ELSEWHERE};
use crate::report::{
    Destination, Detail, Format, FormatOptions, Paint, TextOptions, View, Wanted, write_atomically, write_json,
    write_markdown, write_text,
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
    Ok(wanted)
}

/// A report for people or for programs, for the commands that have no other format.
pub(super) fn text_or_json(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json])
}

/// A report of a check, in any format.
pub(super) fn of_check(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json, Format::Markdown])
}

/// A report of a plan.
pub(super) fn of_plan(text: &str) -> Result<Wanted, String> {
    of(text, &[Format::Text, Format::Json, Format::Markdown])
}

/// A report of an apply.
pub(super) fn of_apply(text: &str) -> Result<Wanted, String> {
    of(text, &Format::ALL)
}

fn of(text: &str, formats: &[Format]) -> Result<Wanted, String> {
    Wanted::parse(text, formats).map_err(|error| error.to_string())
}

/// Draws a report: in a format, for a stream or for a file, to an outlet.
pub(super) type Drawing<'a> = &'a dyn Fn(Format, Option<Stream>, &mut dyn Write) -> io::Result<()>;

/// Writes every report, even if one of them fails: what was read must not be lost with it. The first failure is returned.
pub(super) fn write_view(view: &View<'_>, wanted: &[Wanted], common: &Common) -> Result<(), Failure> {
    write_each(wanted, &|format, stream, out| draw(view, format, stream, common, out))
}

/// The same for what is drawn in another way.
pub(super) fn write_each(wanted: &[Wanted], draw: Drawing<'_>) -> Result<(), Failure> {
    // Files first: whoever reads standard output may close it early.
    let (files, output): (Vec<&Wanted>, Vec<&Wanted>) =
        wanted.iter().partition(|wanted| matches!(wanted.destination, Destination::File(_)));
    let written: Vec<Result<(), Failure>> =
        files.into_iter().chain(output).map(|wanted| write_one(wanted, draw)).collect();
    written.into_iter().collect()
}

fn write_one(wanted: &Wanted, draw: Drawing<'_>) -> Result<(), Failure> {
    match &wanted.destination {
        Destination::File(path) => {
            let mut bytes = Vec::new();
            draw(wanted.format, None, &mut bytes).map_err(Failure::Output)?;
            Ok(write_atomically(path, &bytes)?)
        }
        Destination::StandardOutput => print(|out| draw(wanted.format, Some(Stream::Output), out)),
    }
}

fn draw(
    report: &View<'_>,
    format: Format,
    stream: Option<Stream>,
    common: &Common,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => write_text(report, text_options(stream, common), out),
        Format::Markdown => write_markdown(report, &FormatOptions::default(), out),
        // The command line lets no other format through.
        Format::Json | Format::Junit => write_json(report, out),
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
