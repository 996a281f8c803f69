//! TOML front end.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::node::nested_too_deeply;
use super::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Span, quote};

/// Cap on errors: a file with more of them is not TOML.
const MISTAKES_AT_MOST: usize = 10_000;

/// Builds the tree, or reports every error that the parser recovers from. With errors that leave no doubt about the rest, there is a
/// tree as well.
pub(super) fn parse(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let has_tree = errors.iter().all(|error| leaves_no_doubt(error.message()));
    report(source, text, errors, diagnostics);
    has_tree.then(|| Node {
        value: Converter { source, text }.table(table.get_ref()),
        span: Span::new(source, 0, text.len()),
    })
}

/// Whether what the parser recovers from is a repeated key, of which it keeps the first, or a number with a leading zero.
fn leaves_no_doubt(message: &str) -> bool {
    message.starts_with("duplicate key") || message.contains("leading zero")
}

fn report(source: SourceId, text: &str, errors: Vec<toml::de::Error>, diagnostics: &mut Diagnostics) {
    let line_ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let mut told_of = BTreeSet::new();
    for error in errors {
        if told_of.len() >= MISTAKES_AT_MOST {
            break;
        }
        let range = error.span().unwrap_or(0..0);
        let span = Span::new(source, range.start, range.end);
        let line = line_ends.partition_point(|end| *end < range.start);
        let message = error.message().trim_end().replace('\n', "; ");
        let message = message.strip_suffix(", expected nothing").unwrap_or(&message);
        let diagnostic = if message.contains("leading zero") {
            let written = text.get(range.start..).unwrap_or_default();
            let digits = written.bytes().take_while(|byte| byte.is_ascii_digit()).count();
            Diagnostic::error(Code::Syntax, "invalid TOML: no number starts with 0")
                .label(Span::new(source, range.start, range.start + digits.max(range.len())), "here")
                .help("put account ids in quotes")
        } else if !told_of.insert(line) {
            // Later errors in a line mostly follow from the first.
            continue;
        } else if message.contains("recurs") {
            nested_too_deeply(span)
        } else if message.starts_with("duplicate key") {
            let key = quote(text.get(range).unwrap_or_default().trim_matches(['"', '\'']));
            Diagnostic::error(Code::DuplicateKey, format!("`{key}` appears twice in one table"))
                .label(span, "again here")
                .help("remove one of them; parsers disagree on which one counts")
        } else {
            Diagnostic::error(Code::Syntax, format!("invalid TOML: {message}"))
                .label(span, "here")
                .help("the file must be TOML; see https://toml.io")
        };
        diagnostics.push(diagnostic);
    }
}

/// A number as written, unless it starts with a zero, which has been reported.
fn number(written: String) -> Value {
    let after_zero = written.trim_start_matches(['+', '-']).strip_prefix('0');
    let is_padded = after_zero.is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
    if is_padded { Value::Faulty } else { Value::Number(written) }
}

struct Converter<'text> {
    source: SourceId,
    text: &'text str,
}

impl Converter<'_> {
    fn node(&self, spanned: &Spanned<DeValue<'_>>) -> Node {
        let span = spanned.span();
        let written = || self.text.get(span.clone()).unwrap_or_default().to_owned();
        let value = match spanned.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Integer(_) | DeValue::Float(_) => number(written()),
            DeValue::Datetime(_) => Value::Date(written()),
            DeValue::Array(items) => self.list(items),
            DeValue::Table(table) => self.table(table),
        };
        Node { value, span: Span::new(self.source, span.start, span.end) }
    }

    fn list(&self, items: &DeArray<'_>) -> Value {
        Value::List(items.iter().map(|item| self.node(item)).collect())
    }

    /// The parser sorts keys; the tree has them in written order.
    fn table(&self, table: &DeTable<'_>) -> Value {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_span: Span::new(self.source, key.span().start, key.span().end),
                value: self.node(value),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span);
        Value::Table(entries)
    }
}
