//! Source files and positions in them.

use std::ops::Range;

use line_index::{LineIndex, TextSize, WideEncoding};
use serde::Serialize;

/// The id of a source file. The highest bit hides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

const HIDDEN: u32 = 1 << 31;

impl SourceId {
    /// Whether the text of the file is hidden.
    pub(super) fn is_hidden(self) -> bool {
        self.0 & HIDDEN != 0
    }
}

/// A byte range of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// A position as people write it. Sorts by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The display path, with `/` between its parts.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, counted in characters.
    pub column: u32,
}

/// A source file.
#[derive(Debug, Clone)]
pub struct Source {
    path: String,
    text: String,
    lines: LineIndex,
}

/// The source files of a run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Span {
    /// The span of `start..end` in a file. Offsets beyond 4 GiB cannot occur: larger files are refused before.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: offset(start), end: offset(end.max(start)) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

impl Source {
    /// The display path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of an offset, from 0.
    pub(super) fn line_at(&self, offset: usize) -> u32 {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        self.lines.line_col(TextSize::new(u32::try_from(offset).unwrap_or(u32::MAX))).line
    }

    /// The byte range of a line, line end included. A line beyond the last is empty and at the end.
    pub(super) fn line(&self, line: u32) -> Range<usize> {
        let end = self.text.len();
        self.lines.line(line).map_or(end..end, |range| usize::from(range.start())..usize::from(range.end()))
    }

    /// The text from `start` to `end`, clamped.
    pub fn slice(&self, start: u32, end: u32) -> &str {
        let clamp = |offset: u32| self.text.floor_char_boundary((offset as usize).min(self.text.len()));
        self.text.get(clamp(start)..clamp(end)).unwrap_or_default()
    }
}

impl Sources {
    /// Adds a file and returns its id.
    pub fn add(&mut self, path: String, text: String) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let lines = LineIndex::new(&text);
        self.files.push(Source { path, text, lines });
        id
    }

    /// Adds a file with a hidden text: diagnostics name the line and quote nothing.
    pub fn add_hidden(&mut self, path: String, text: String) -> SourceId {
        SourceId(self.add(path, text).0 | HIDDEN)
    }

    /// The file with that id.
    #[expect(
        clippy::indexing_slicing,
        reason = "an id exists only for a file that was added, and none is ever removed"
    )]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[(id.0 & !HIDDEN) as usize]
    }

    /// All files in the order in which they were added.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// The start of a span.
    pub fn place(&self, span: Span) -> Place {
        let source = self.get(span.source);
        let start = source.text.floor_char_boundary((span.start as usize).min(source.text.len()));
        let narrow = source.lines.line_col(TextSize::new(u32::try_from(start).unwrap_or(u32::MAX)));
        let column = source.lines.to_wide(WideEncoding::Utf32, narrow).map_or(narrow.col, |wide| wide.col);
        Place { file: source.path.clone(), line: narrow.line + 1, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml".to_owned(), "one\nñandú: x\n".to_owned());
        let start = "one\nñandú: ".len();
        let place = sources.place(Span::new(id, start, start + 1));
        assert_eq!((place.line, place.column), (2, 8));
    }

    #[test]
    fn a_span_beyond_the_end_is_shown_at_the_end() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml".to_owned(), "one".to_owned());
        assert_eq!(sources.place(Span::new(id, 90, 91)).column, 4);
    }
}
