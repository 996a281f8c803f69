//! The tree that every front end builds.

use crate::diagnostic::{Code, Diagnostic, Span};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// A value as it is written. Numbers and dates keep their text, so that none changes by being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: an empty value in YAML, `null` in JSON.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A date or time that the language itself knows (TOML), as it is written.
    Date(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order in which it is written. A key may stand twice: the checker says so.
    Table(Vec<Entry>),
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Value {
    /// What to call the value in a message.
    pub fn description(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Date(_) => "a date",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Error for a file that nests deeper than its parser follows, the same for each language.
pub(super) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::error(Code::TooComplex, "this file nests too deeply")
        .label(place, "too deep here")
        .help("a policy nests six levels deep; take the needless brackets out")
}
