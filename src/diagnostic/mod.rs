//! Diagnostics of user files: a code, a message, labels and the fix.
//!
//! Errors in files are diagnostics and are all collected before a run stops; `Result` is for failures of the machine.

mod code;
mod envelope;
mod page;
mod render;
mod sanitize;
mod source;
mod write_json;

pub use code::Code;
pub use envelope::{DocumentHead, DocumentKind, Envelope, HeadError, OtherVersion, Tool};
pub use render::{Rendering, render};
pub use sanitize::{
    CommandMark, command_marks, is_harmful, on_one_line, quote, sanitize, strip_controls, tame_start, truncate_line,
};
pub use source::{Place, Source, SourceId, Sources, Span};
pub use write_json::{write_json_document, write_json_line};

/// Severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The files cannot be used: the run stops.
    Error,
    /// The files can be used, but probably do not mean what they say.
    Warning,
}

/// A labelled span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The underlined span.
    pub span: Span,
    /// The text below it.
    pub text: String,
}

/// An error or a warning about user files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Its severity.
    pub level: Level,
    /// The problem and why it matters.
    pub message: String,
    /// The labels, the one to edit first.
    pub labels: Vec<Label>,
    /// The fix.
    pub help: Option<String>,
    /// Of what matches nothing: whether it selects a declared target all the same, of which other settings are declared.
    pub selects_target: bool,
}

/// Every diagnostic of a run.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostic {
    /// Creates an error, which stops the run.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            level: Level::Error,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            selects_target: false,
        }
    }

    /// Creates a warning, which does not.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Adds a label. The first one is the place to edit.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Sets the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Removes every quote of a file that a symbolic link leads to: it may hold secrets.
    fn without_quotes(self) -> Self {
        let labels = self.labels.into_iter().map(|label| Label { text: "here".to_owned(), ..label }).collect();
        let message = format!("{} Its text is not shown: a symbolic link points outside to it.", self.code.summary());
        let help = "to see the details, name the target of the symbolic link".to_owned();
        Self { message, labels, help: Some(help), ..self }
    }

    /// The position to edit, if there is one.
    pub fn place(&self, sources: &Sources) -> Option<Place> {
        self.labels.first().map(|label| sources.place(label.span))
    }
}

impl Diagnostics {
    /// Adds a diagnostic. For a hidden file, it keeps only kind and line.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let is_hidden = diagnostic.labels.iter().any(|label| label.span.source.is_hidden());
        self.list.push(if is_hidden { diagnostic.without_quotes() } else { diagnostic });
    }

    /// Adds the diagnostics of another run or step.
    pub fn append(&mut self, mut others: Self) {
        self.list.append(&mut others.list);
    }

    /// Removes the last diagnostic if the condition holds for it.
    pub fn pop_if(&mut self, condition: impl FnOnce(&Diagnostic) -> bool) {
        self.list.pop_if(|last| condition(last));
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }

    /// Numbers of errors and of warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
        (errors, self.list.len() - errors)
    }

    /// Number of diagnostics.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All diagnostics by file, position and code, those without a position first; duplicates removed.
    pub fn sorted(&self, sources: &Sources) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        sorted
            .sort_by_cached_key(|diagnostic| (diagnostic.place(sources), diagnostic.code, diagnostic.message.clone()));
        sorted.dedup();
        sorted
    }
}

/// The known word most similar to `word`, if one is similar enough. Case is ignored.
pub fn nearest<'known>(word: &str, known: impl IntoIterator<Item = &'known str>) -> Option<&'known str> {
    nearest_words(word, known, 1).into_iter().next()
}

/// The known words most similar to `word`, at most `most`, the most similar first.
pub fn nearest_words<'known>(
    word: &str,
    known: impl IntoIterator<Item = &'known str>,
    most: usize,
) -> Vec<&'known str> {
    similar_words(word, known, most, 0.6)
}

/// Whether a word is a known one but for a letter or two. Case is ignored.
pub fn is_misspelling(word: &str, known: &str) -> bool {
    !similar_words(word, [known], 1, 0.85).is_empty()
}

/// The known words at least so similar to `word`, the most similar first. 1 is the same word.
fn similar_words<'known>(
    word: &str,
    known: impl IntoIterator<Item = &'known str>,
    most: usize,
    least: f32,
) -> Vec<&'known str> {
    let known: Vec<&str> = known.into_iter().collect();
    let folded: Vec<String> = known.iter().map(|candidate| candidate.to_lowercase()).collect();
    let candidates: Vec<&str> = folded.iter().map(String::as_str).collect();
    // The comparison is quadratic, and no known word is long.
    let word: String = word.chars().take(80).collect::<String>().to_lowercase();
    let near = similar::get_close_matches(word.as_str(), &candidates, most, least);
    let position = |near: &str| candidates.iter().position(|candidate| *candidate == near);
    near.into_iter().filter_map(|near| known.get(position(near)?).copied()).collect()
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
    fn a_letter_or_two_make_no_other_word() {
        for (word, known) in [("acounts", "accounts"), ("regons", "regions"), ("macie_session", "macie_sessions")] {
            assert!(is_misspelling(word, known), "{word}");
        }
        for (word, known) in [("role", "role_arn"), ("key", "kms_key_id"), ("state", "status")] {
            assert!(!is_misspelling(word, known), "{word}");
        }
    }

    #[test]
    fn a_foreign_word_is_near_nothing() {
        assert_eq!(nearest("zebra", ["accounts", "regions"]), None);
    }
}
