//! JSON front end: strict, by RFC 8259.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::node::nested_too_deeply;
use super::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceId, Span};

/// Builds the tree, or reports where the text stops being JSON.
pub(super) fn parse(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(result) => {
            let whole = Span::new(source, 0, text.len());
            if text.chars().all(|character| matches!(character, ' ' | '\t' | '\r' | '\n')) {
                return Some(Node { value: Value::Null, span: whole });
            }
            // The positioned parser accepts some invalid texts, such as line feeds in strings. serde_json decides.
            if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
                diagnostics.push(refusal(source, text, &error));
                return None;
            }
            Some(result.value.as_ref().map_or(Node { value: Value::Null, span: whole }, |value| node(source, value)))
        }
        Err(error) => {
            let range = error.range();
            let message = error.kind().to_string();
            let label = Span::new(source, range.start, range.end);
            diagnostics.push(if message.contains("nesting depth") {
                nested_too_deeply(label)
            } else if let Some(number) = zero_first(text, range.start) {
                Diagnostic::error(Code::Syntax, "invalid JSON: no number starts with 0")
                    .label(Span::new(source, number.start, number.end), "here")
                    .help("put account ids in quotes")
            } else {
                Diagnostic::error(Code::Syntax, format!("invalid JSON: {}", lower_first(&message)))
                    .label(label, "here")
                    .help("write JSON as defined by RFC 8259: no comments, no trailing commas")
            });
            None
        }
    }
}

fn refusal(source: SourceId, text: &str, error: &serde_json::Error) -> Diagnostic {
    let line = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let place = text.floor_char_boundary(line.saturating_add(error.column()).saturating_sub(1));
    let length = text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let message = error.to_string();
    // The message ends with the position, which the label shows.
    let message = message.split(" at line ").next().unwrap_or(&message);
    Diagnostic::error(Code::Syntax, format!("invalid JSON: {}", lower_first(message)))
        .label(Span::new(source, place, place + length), "here")
        .help("write JSON as defined by RFC 8259: no comments, no trailing commas, no line breaks in a string")
}

/// The number with a leading 0 at which the parser stopped, if that is the cause.
fn zero_first(text: &str, stopped: usize) -> Option<Range<usize>> {
    let start = stopped.checked_sub(1).filter(|start| text.get(*start..stopped) == Some("0"))?;
    let digits = text.get(stopped..)?.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then_some(start..stopped + digits)
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn node(source: SourceId, value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let converted = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.to_string()),
        ast::Value::NumberLit(number) => Value::Number(number.value.to_owned()),
        ast::Value::BooleanLit(flag) => Value::Bool(flag.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => Value::List(array.elements.iter().map(|item| node(source, item)).collect()),
        ast::Value::Object(object) => Value::Table(
            object
                .properties
                .iter()
                .map(|property| {
                    let key = property.name.range();
                    Entry {
                        key: property.name.as_str().to_owned(),
                        key_span: Span::new(source, key.start, key.end),
                        value: node(source, &property.value),
                    }
                })
                .collect(),
        ),
    };
    Node { value: converted, span: Span::new(source, range.start, range.end) }
}
