//! What a reader is told about their files: a code, a message, the places, and the fix.
//!
//! Mistakes in files are diagnostics, all collected before a run stops; `Result` is for the machine's own failures.

mod code;
mod render;
mod sanitize;
mod source;
mod write_json;

pub use code::Code;
pub use render::{Rendering, render};
pub use sanitize::{
    CommandMark, command_marks, is_harmful, on_one_line, quote, sanitize, strip_controls, tame_start, truncate_line,
};
pub use source::{Place, Source, SourceId, Sources, Span};
pub use write_json::{write_json_document, write_json_line};

/// Whether a diagnostic stops a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The files cannot be used.
    Error,
    /// The files can be used, and probably do not mean what they say.
    Warning,
}

/// A place and what is to be said there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place that is underlined.
    pub span: Span,
    /// What is said under it.
    pub text: String,
}

/// Something that a reader is told about their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Whether it stops a run.
    pub level: Level,
    /// What is wrong and why it matters.
    pub message: String,
    /// The places, the one to edit first.
    pub labels: Vec<Label>,
    /// The fix.
    pub help: Option<String>,
}

/// Every diagnostic of a run.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostic {
    /// A mistake that stops the run.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self { code, level: Level::Error, message: message.into(), labels: Vec::new(), help: None }
    }

    /// A doubt that does not.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Adds a place. The first one added is the one to edit.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same without a word of the file, to which a symbolic link leads: it may be a file of secrets.
    fn without_quotes(self) -> Self {
        let labels = self.labels.into_iter().map(|label| Label { text: "here".to_owned(), ..label }).collect();
        let message = format!("{} Its text is not shown: a symbolic link leads out to it.", self.code.summary());
        let help = "name the file to which the symbolic link leads, to see what is wrong with it".to_owned();
        Self { message, labels, help: Some(help), ..self }
    }

    /// The place to edit, if there is one.
    pub fn place(&self, sources: &Sources) -> Option<Place> {
        self.labels.first().map(|label| sources.place(label.span))
    }
}

impl Diagnostics {
    /// Adds one. Of a file whose text is never shown, it says the kind of the fault and the line.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let is_hidden = diagnostic.labels.iter().any(|label| label.span.source.is_hidden());
        self.list.push(if is_hidden { diagnostic.without_quotes() } else { diagnostic });
    }

    /// Adds those of another run or step.
    pub fn append(&mut self, mut others: Self) {
        self.list.append(&mut others.list);
    }

    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }

    /// How many stop the run, and how many do not.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
        (errors, self.list.len() - errors)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them by file, place and code, those without a place first; equal ones once.
    pub fn sorted(&self, sources: &Sources) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        sorted
            .sort_by_cached_key(|diagnostic| (diagnostic.place(sources), diagnostic.code, diagnostic.message.clone()));
        sorted.dedup();
        sorted
    }
}

/// The known word that looks most like `word`, if one looks like it at all. Case does not count.
pub fn nearest<'known>(word: &str, known: impl IntoIterator<Item = &'known str>) -> Option<&'known str> {
    let known: Vec<&str> = known.into_iter().collect();
    let folded: Vec<String> = known.iter().map(|candidate| candidate.to_lowercase()).collect();
    let candidates: Vec<&str> = folded.iter().map(String::as_str).collect();
    // A long word is compared with quadratic effort, and no known word is long.
    let word: String = word.chars().take(80).collect::<String>().to_lowercase();
    let best = *similar::get_close_matches(word.as_str(), &candidates, 1, 0.6).first()?;
    let position = candidates.iter().position(|candidate| *candidate == best)?;
    known.get(position).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(nearest("acounts", ["accounts", "regions"]), Some("accounts"));
        assert_eq!(nearest("Enabled", ["ENABLED", "PAUSED", "NOT_ENABLED"]), Some("ENABLED"));
    }

    #[test]
    fn a_foreign_word_is_near_nothing() {
        assert_eq!(nearest("zebra", ["accounts", "regions"]), None);
    }
}
