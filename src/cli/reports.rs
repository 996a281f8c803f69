//! Which reports a run writes, and writing them.

use super::arguments::Common;
use super::failure::Failure;
use super::outlet::print;
use super::terminal::{Stream, WIDTH_ELSEWHERE};
use crate::report::{
    Destination, Detail, Format, Paint, Report, TextOptions, Wanted, write_atomically, write_json, write_text,
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

/// Writes every report, even if one of them fails: what was read must not be lost with it. The first failure is returned.
pub(super) fn write(report: &Report, wanted: &[Wanted], common: &Common) -> Result<(), Failure> {
    // Files first: whoever reads standard output may close it early.
    let (files, output): (Vec<&Wanted>, Vec<&Wanted>) =
        wanted.iter().partition(|wanted| matches!(wanted.destination, Destination::File(_)));
    let written: Vec<Result<(), Failure>> =
        files.into_iter().chain(output).map(|wanted| write_one(report, wanted, common)).collect();
    written.into_iter().collect()
}

fn write_one(report: &Report, wanted: &Wanted, common: &Common) -> Result<(), Failure> {
    match &wanted.destination {
        Destination::File(path) => {
            let mut bytes = Vec::new();
            draw(report, wanted.format, None, common, &mut bytes).map_err(Failure::Output)?;
            Ok(write_atomically(path, &bytes)?)
        }
        Destination::StandardOutput => print(|out| draw(report, wanted.format, Some(Stream::Output), common, out)),
    }
}

fn draw(
    report: &Report,
    format: Format,
    stream: Option<Stream>,
    common: &Common,
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    match format {
        Format::Text => write_text(report, text_options(stream, common), out),
        Format::Json => write_json(report, out),
    }
}

/// A file gets neither colour nor the width of a terminal.
fn text_options(stream: Option<Stream>, common: &Common) -> TextOptions {
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
