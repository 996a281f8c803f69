//! The tree that every front end builds.

use crate::diagnostic::{Code, Diagnostic, Span};

/// A value with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its position.
    pub span: Span,
}

/// A value. Numbers and dates keep their text, so that reading changes none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value: empty in YAML, `null` in JSON.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A date or time of the syntax itself (TOML), as written.
    Date(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in written order. A key may occur twice: the checker reports that.
    Table(Vec<Entry>),
    /// A value with an error, which the front end has reported.
    Faulty,
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Position of the key.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Value {
    /// Name of the value in messages.
    pub fn description(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Date(_) => "a date",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Faulty => "a value with an error",
        }
    }
}

/// Error for a file that nests deeper than its parser follows, the same for each language.
pub(super) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::error(Code::TooComplex, "this file is nested too deeply")
        .label(place, "too deep here")
        .help("remove unneeded brackets; a policy needs six levels")
}
