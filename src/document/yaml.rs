//! YAML front end.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::{DuplicateKeyPolicy, Location, Spanned};

use super::node::nested_too_deeply;
use super::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Span};

/// Nesting limit, deeper than any policy. The parser needs some 40 KiB of stack per level without optimisation, and
/// some systems have stacks of 1 MiB.
const MAX_DEPTH: usize = 24;

/// Cap on values, aliases expanded: more than a file of the largest size has, since an account id takes more than eight
/// bytes.
const MAX_NODES: usize = 1_000_000;

/// Cap on alias expansion, so that a file of a few lines takes neither seconds nor hundreds of megabytes. A list of ids
/// may be referred to some hundred times.
fn expanded_at_most(text: &str) -> usize {
    text.len().saturating_mul(16).saturating_add(20_000).min(MAX_NODES)
}

/// Builds the tree, or reports where the text stops being YAML.
pub(super) fn parse(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let options = serde_yaml::options! {
        // The checker reports repeated keys, all at once.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: expanded_at_most(text) },
        budget: serde_yaml::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 2 * MAX_NODES,
            // Expansion is bounded above; many aliases of one anchor are legitimate.
            enforce_alias_anchor_ratio: false,
        },
    };
    match serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Some(Converter { source, text }.node(raw)),
        Err(error) => {
            diagnostics.push(refusal(source, text, &error));
            None
        }
    }
}

fn refusal(source: SourceId, text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let converter = Converter { source, text };
    let place = error.location().map_or_else(|| Span::new(source, 0, 0), |location| converter.span(location));
    let mut shown = error.without_snippet();
    while let serde_yaml::Error::AliasError { error, .. } = shown {
        shown = error.without_snippet();
    }
    match shown {
        serde_yaml::Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => return nested_too_deeply(place),
        serde_yaml::Error::Budget { .. }
        | serde_yaml::Error::AliasReplayCounterOverflow { .. }
        | serde_yaml::Error::AliasReplayLimitExceeded { .. }
        | serde_yaml::Error::AliasExpansionLimitExceeded { .. }
        | serde_yaml::Error::AliasReplayStackDepthExceeded { .. } => {
            return Diagnostic::error(Code::TooComplex, "this file expands to too many values")
                .label(place, "too many values here")
                .help("write the values out instead of repeating aliases, or split the file");
        }
        serde_yaml::Error::MultipleDocuments { .. } => {
            return Diagnostic::error(Code::Syntax, "this file contains more than one YAML document")
                .label(place, "the second one starts here")
                .help("move each document to its own file, or remove the line with ---");
        }
        serde_yaml::Error::RecursiveReferencesRequireWeakTypes { .. } => {
            return Diagnostic::error(Code::Syntax, "unsupported YAML: an alias inside its own anchor")
                .label(place, "here")
                .help("write the value out");
        }
        _ => {}
    }
    let message = shown.render_with_options(serde_yaml::RenderOptions::default());
    // The message ends with the position, which the label shows.
    let message = message.lines().next().unwrap_or_default();
    let message = message.split(" at line ").next().unwrap_or(message);
    let message = message.split(": line ").next().unwrap_or(message);
    if message.contains("recursion limit") {
        return nested_too_deeply(place);
    }
    let help = if message.contains("alias") {
        "a * at the start of a word refers to an anchor; put patterns in quotes: \"*-1\""
    } else {
        "the file must be one YAML document; see https://yaml.org"
    };
    Diagnostic::error(Code::Syntax, format!("invalid YAML: {message}")).label(place, "here").help(help)
}

/// Parser output, before numbers are looked up in the text.
enum Raw {
    Null,
    Bool(bool),
    /// The number itself is taken from the text, so that `012345678901` keeps its zero.
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Table(Vec<(Spanned<Key>, Spanned<Raw>)>),
}

/// A key. One that is not a text keeps its spelling in the file.
enum Key {
    Text(String),
    Other,
}

struct Converter<'text> {
    source: SourceId,
    text: &'text str,
}

impl Converter<'_> {
    fn span(&self, location: Location) -> Span {
        let span = location.span();
        let offset = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        if let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) {
            return Span::new(self.source, offset(start), offset(start.saturating_add(length)));
        }
        // At a scanner error, only characters are counted.
        let start = self.text.char_indices().nth(offset(span.offset())).map_or(self.text.len(), |(start, _)| start);
        let character = self.text.get(start..).and_then(|rest| rest.chars().next());
        let length = character.filter(|character| !character.is_whitespace()).map_or(0, char::len_utf8);
        Span::new(self.source, start, start + length)
    }

    /// The text at the definition of the value, which is elsewhere for an alias.
    fn written(&self, defined: Location) -> String {
        let span = self.span(defined);
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default().trim().to_owned()
    }

    /// Extends the span of a bracketed list or table to its closing bracket: the parser knows only the start.
    fn whole(&self, span: Span, value: &Value) -> Span {
        let start = span.start as usize;
        let (close, last) = match (self.text.as_bytes().get(start), value) {
            (Some(b'['), Value::List(items)) => (']', items.last().map(|item| item.span.end)),
            (Some(b'{'), Value::Table(entries)) => ('}', entries.last().map(|entry| entry.value.span.end)),
            _ => return span,
        };
        let end = last.map_or(start + 1, |end| end as usize);
        let Some(rest) = self.text.get(end.max(start + 1)..) else { return span };
        let after = rest.trim_start_matches(|character: char| character.is_whitespace() || character == ',');
        let end = self.text.len() - after.len() + close.len_utf8();
        if after.starts_with(close) { Span::new(self.source, start, end) } else { span }
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Bool(flag) => Value::Bool(flag),
            Raw::Number => Value::Number(self.written(raw.defined)),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Table(entries) => Value::Table(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        key_span: self.span(key.referenced),
                        key: match key.value {
                            Key::Text(text) => text,
                            Key::Other => self.written(key.defined),
                        },
                        value: self.node(value),
                    })
                    .collect(),
            ),
        };
        let span = self.whole(self.span(raw.referenced), &value);
        Node { value, span }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Raw::Table(table))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Text(text) => Self::Text(text),
            _ => Self::Other,
        })
    }
}
