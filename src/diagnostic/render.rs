//! Rendering of diagnostics by miette.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;

use anstyle::AnsiColor;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::sanitize::{harmless_in_place, sanitize, strip_controls};
use super::{Code, Diagnostic, Diagnostics, Label, Level, Source, SourceId, Sources};

/// Options of rendering.
#[derive(Debug, Clone, Copy)]
pub struct Rendering {
    /// Whether colours are used.
    pub colour: bool,
    /// The width of a line, in columns.
    pub width: usize,
}

/// Cap on rendered diagnostics: each costs a pass over its file.
const SHOWN_AT_MOST: usize = 200;

/// Cap on underlined bytes.
const MARKED_AT_MOST: usize = 160;

/// Renders the diagnostics, sorted by position, with a blank line between them, and the commands that explain their codes. Beyond 200,
/// only their number is given.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, rendering: Rendering) -> String {
    let theme = if rendering.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(rendering.width)
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut out = String::new();
    let mut texts = BTreeMap::new();
    let sorted = diagnostics.sorted(sources);
    for diagnostic in sorted.iter().take(SHOWN_AT_MOST) {
        for part in Drawn::parts(diagnostic, sources, &mut texts) {
            // Writing into a String cannot fail, and miette fails only where a span is outside its source.
            if handler.render_report(&mut out, &part).is_err() {
                out.push_str(&part.message);
            }
            if let Some(help) = &part.help {
                out.push_str(&fix(help, rendering));
            }
            out.push('\n');
        }
    }
    if let Some(more) = sorted.len().checked_sub(SHOWN_AT_MOST).filter(|more| *more > 0) {
        let _ = writeln!(out, "and {more} more; fix these first\n");
    }
    let codes: BTreeSet<Code> = sorted.iter().take(SHOWN_AT_MOST).map(|diagnostic| diagnostic.code).collect();
    for code in &codes {
        let _ = writeln!(out, "{} driftline explain {code}", label("more:", rendering));
    }
    if !codes.is_empty() {
        out.push('\n');
    }
    strip_controls(&out)
}

/// The remediation below a diagnostic. miette labels it `help:`; everywhere else the label is `fix:`.
fn fix(text: &str, rendering: Rendering) -> String {
    let indent = format!("  {} ", label("fix:", rendering));
    let options = textwrap::Options::new(rendering.width.saturating_sub(2))
        .initial_indent(&indent)
        .subsequent_indent("       ")
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options) + "\n"
}

/// A label before what to do next.
fn label(text: &str, rendering: Rendering) -> String {
    let style = AnsiColor::Cyan.on_default();
    if rendering.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// A diagnostic for miette, which supports one file each: labels in further files follow in parts of their own.
struct Drawn<'sources> {
    code: Option<&'static str>,
    severity: miette::Severity,
    message: String,
    source: Option<Excerpt<'sources>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl<'sources> Drawn<'sources> {
    /// The parts of a diagnostic, one per file.
    fn parts(
        diagnostic: &Diagnostic,
        sources: &'sources Sources,
        texts: &mut BTreeMap<SourceId, Arc<String>>,
    ) -> Vec<Self> {
        let mut files: Vec<SourceId> = Vec::new();
        for label in &diagnostic.labels {
            if !files.contains(&label.span.source) {
                files.push(label.span.source);
            }
        }
        let mut parts = vec![Self {
            code: Some(diagnostic.code.as_str()),
            severity: match diagnostic.level {
                Level::Error => miette::Severity::Error,
                Level::Warning => miette::Severity::Warning,
            },
            message: sanitize(&diagnostic.message).into_owned(),
            source: None,
            labels: Vec::new(),
            help: None,
        }];
        for (index, file) in files.into_iter().enumerate() {
            if index > 0 {
                parts.push(Self {
                    code: None,
                    severity: miette::Severity::Advice,
                    message: "other location:".to_owned(),
                    source: None,
                    labels: Vec::new(),
                    help: None,
                });
            }
            let source = sources.get(file);
            let shown = || if file.is_hidden() { blank(source.text()) } else { harmless_in_place(source.text()) };
            let text = texts.entry(file).or_insert_with(|| Arc::new(shown()));
            if let Some(part) = parts.last_mut() {
                part.labels = diagnostic
                    .labels
                    .iter()
                    .filter(|label| label.span.source == file)
                    .map(|label| labeled(label, source.text()))
                    .collect();
                part.source = Some(Excerpt::new(source, Arc::clone(text)));
            }
        }
        if let (Some(last), Some(help)) = (parts.last_mut(), &diagnostic.help) {
            last.help = Some(sanitize(help).into_owned());
        }
        parts
    }
}

/// A blank text with the same lines and length.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// The underlined part of a label: its first line, as far as it fits a screen.
fn labeled(label: &Label, text: &str) -> LabeledSpan {
    let mut start = text.floor_char_boundary((label.span.start as usize).min(text.len()));
    let end = text.floor_char_boundary((label.span.end as usize).min(text.len())).max(start);
    let first_line = text[start..end].lines().next().unwrap_or_default().trim_end();
    let marked = first_line.floor_char_boundary(MARKED_AT_MOST);
    if start == text.len() && text.ends_with('\n') {
        // Nothing is visible after the last line, so the label is at its end.
        start -= 1;
    }
    LabeledSpan::new(Some(sanitize(&label.text).into_owned()), start, marked)
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

/// Limit, in bytes, up to which lines are shown whole.
const WHOLE_AT_MOST: usize = 1000;

/// Bytes shown before and after a position in longer lines.
const AROUND: usize = 60;

/// A file for miette. The cost of a label depends on what is shown, not on the size of the file.
pub(super) struct Excerpt<'sources> {
    source: &'sources Source,
    /// The sanitized text, of the same length byte for byte.
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
        // Labels too far apart for one excerpt get one each.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::sanitize::is_harmful;
    use crate::diagnostic::{Code, Span};

    #[test]
    fn control_sequences_of_a_file_do_not_reach_the_terminal() {
        let mut sources = Sources::default();
        let text = "na\u{1b}[2Jme: x\u{202e}y\u{9b}\n";
        let file = sources.add("evil\u{7}.yaml".to_owned(), text.to_owned());
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(
            Diagnostic::error(Code::UnknownKey, "`na\u{1b}[2Jme`").label(Span::new(file, 0, 8), "here\u{1b}[31m"),
        );
        let drawn = render(&diagnostics, &sources, Rendering { colour: false, width: 80 });
        assert!(!drawn.chars().any(is_harmful), "{drawn:?}");
        assert_eq!(harmless_in_place(text).len(), text.len());
    }

    #[test]
    fn no_ci_system_takes_text_for_a_command() {
        let mut sources = Sources::default();
        let text = "a: \"##[group]x ##VSO[task.x]y ###[z]\"\n";
        let file = sources.add("##[error]evil.yaml".to_owned(), text.to_owned());
        let mut diagnostics = Diagnostics::default();
        let help = "did you mean something that is so long that the line is broken before a ::error title=x::y?";
        diagnostics.push(
            Diagnostic::error(Code::UnknownKey, "`##vso[task.x]`").label(Span::new(file, 0, 1), "##[x]").help(help),
        );
        for width in 30..100 {
            let drawn = render(&diagnostics, &sources, Rendering { colour: false, width }).to_lowercase();
            assert!(!drawn.contains("##[") && !drawn.contains("##vso["), "{drawn}");
            assert!(!drawn.lines().any(|line| line.trim_start().starts_with("::")), "{drawn}");
        }
        assert_eq!(harmless_in_place(text).len(), text.len());
    }
}
