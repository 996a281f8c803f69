//! Which language a file is written in, and the way to its front end.

use std::path::Path;

use super::{Node, Value, json, toml, yaml};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};

/// A language that policy files may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// YAML 1.2.
    Yaml,
    /// TOML 1.1.
    Toml,
    /// JSON, RFC 8259.
    Json,
}

impl Syntax {
    /// The language that a file's ending stands for. Case does not count.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Builds the tree of a file, or says what keeps it from being one.
pub fn parse(language: Syntax, source: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = sources.get(source).text();
    let mut root = match language {
        Syntax::Yaml => yaml::parse(source, text, diagnostics),
        Syntax::Toml => toml::parse(source, text, diagnostics),
        Syntax::Json => json::parse(source, text, diagnostics),
    }?;
    if root.value == Value::Null {
        // A file without a value lacks every key, in each language alike.
        root.value = Value::Table(Vec::new());
    }
    Some(root)
}

/// What every language says of a file that nests deeper than its parser follows.
pub(super) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::error(Code::TooComplex, "this file nests too deeply")
        .label(place, "too deep here")
        .help("a policy nests six levels deep; take the needless brackets out")
}
