//! The part of a file that is shown around a place: whole lines, unless they are too long to be of use.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{Source, sanitize};

/// Lines are shown whole up to this many bytes, all together.
const WHOLE_AT_MOST: usize = 1000;

/// What is shown before and after a place in lines that are longer.
const AROUND: usize = 60;

/// A file as miette asks for it. The effort for each place depends on what is shown, not on the size of the file.
pub(super) struct Excerpt<'sources> {
    source: &'sources Source,
    /// The text of the source with nothing harmful in it, byte for byte of the same length.
    text: Arc<String>,
    name: String,
}

impl<'sources> Excerpt<'sources> {
    pub(super) fn new(source: &'sources Source, text: Arc<String>) -> Self {
        Self { source, text, name: sanitize(source.path()).into_owned() }
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().checked_add(span.len()).filter(|end| *end <= self.text.len());
        let end = end.ok_or(MietteError::OutOfBounds)?;
        let line = self.source.line_at(span.offset());
        let (mut first_line, mut shown) = (line, span.offset()..end);
        if lines_before > 0 || lines_after > 0 {
            let count = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
            first_line = line.saturating_sub(count(lines_before));
            let last = self.source.line_at(end);
            shown = self.source.line(first_line).start..self.source.line(last.saturating_add(count(lines_after))).end;
            if shown.len() > WHOLE_AT_MOST {
                first_line = line;
                let (before, after) = (span.offset().saturating_sub(AROUND), end.saturating_add(AROUND));
                shown = self.text.floor_char_boundary(before).max(self.source.line(line).start)
                    ..self.text.floor_char_boundary(after).min(self.source.line(last).end);
            }
        }
        // Places too far apart for one excerpt get one each.
        let data = self.text.get(shown.clone()).filter(|_| shown.len() <= WHOLE_AT_MOST);
        let data = data.ok_or(MietteError::OutOfBounds)?;
        let column =
            self.text.get(self.source.line(first_line).start..shown.start).map_or(0, |text| text.chars().count());
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            (shown.start, shown.len()).into(),
            first_line as usize,
            column,
            data.matches('\n').count(),
        )))
    }
}
