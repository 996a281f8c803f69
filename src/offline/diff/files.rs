//! The changed policy files themselves, line by line.

use std::io::{self, Write};

use similar::{Algorithm, ChangeTag, TextDiff};

use crate::report::{TextOptions, terminal};

/// A policy file before and after; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePair<'a> {
    /// The file as it was: path as shown, and text.
    pub old: Option<(&'a str, &'a str)>,
    /// The file as it is.
    pub new: Option<(&'a str, &'a str)>,
}

/// The effort to compare files grows with the product of their lines, and nobody reads a difference of that length.
const LINES_AT_MOST: usize = 20_000;

/// The lines around a change that are shown with it.
const AROUND: usize = 3;

/// Writes the changed files as a unified diff, with nothing in it that a terminal would obey. It stands two blanks from the margin: CI
/// systems take `---` and `+++` at the beginning of a line for heads of groups.
pub fn write_files_text(pairs: &[FilePair<'_>], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    for pair in pairs {
        one(pair, options, out)?;
    }
    Ok(())
}

fn one(pair: &FilePair<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let (old, new) = (pair.old.map_or("", |(_, text)| text), pair.new.map_or("", |(_, text)| text));
    if old == new && pair.old.is_some() == pair.new.is_some() {
        return Ok(());
    }
    let name = |side: Option<(&str, &str)>| side.map_or_else(|| "/dev/null".to_owned(), |(path, _)| safe(path));
    writeln!(out, "{}", paint.strong(&format!("  --- {}", name(pair.old))))?;
    writeln!(out, "{}", paint.strong(&format!("  +++ {}", name(pair.new))))?;
    let lines = old.lines().count() + new.lines().count();
    if lines > LINES_AT_MOST {
        return writeln!(out, "  {lines} lines on both sides: too many to be compared line by line\n");
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        writeln!(out, "{}", paint.faint(&format!("  {}", hunk.header())))?;
        for change in hunk.iter_changes() {
            let line = safe(change.value().trim_end_matches(['\n', '\r']));
            match change.tag() {
                ChangeTag::Equal => writeln!(out, "   {line}")?,
                ChangeTag::Delete => writeln!(out, "{}", paint.bad(&format!("  -{line}")))?,
                ChangeTag::Insert => writeln!(out, "{}", paint.good(&format!("  +{line}")))?,
            }
        }
    }
    writeln!(out)
}

/// A line of a file. Its indentation means something, so tabs become spaces in the place of being joined.
fn safe(line: &str) -> String {
    terminal(&line.replace('\t', "    ")).into_owned()
}
