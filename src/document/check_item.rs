//! Checks of single values and of lists, and the errors about them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Field, Node, TextRule, Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label, Span, nearest, quote};

/// Label of a key or an item without a value.
const NO_VALUE: &str = "no value";

/// A key as it is quoted in messages.
pub(super) fn named(key: &str) -> String {
    if key.is_empty() { "an empty key".to_owned() } else { format!("`{}`", quote(key)) }
}

pub(super) fn wrong_type(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    if node.value == Value::Null {
        return Diagnostic::error(Code::WrongType, format!("{what} has no value; expected {wanted}"))
            .label(node.span, NO_VALUE);
    }
    Diagnostic::error(Code::WrongType, format!("{what} must be {wanted}, not {}", node.value.description()))
        .label(node.span, format!("found {}", node.value.description()))
}

/// An empty value has no position worth showing, so the key is shown.
pub(super) fn at_key_if_empty(mut diagnostic: Diagnostic, node: &Node, key_span: Span) -> Diagnostic {
    if node.value == Value::Null {
        diagnostic.labels = vec![Label { span: key_span, text: NO_VALUE.to_owned() }];
    }
    diagnostic
}

/// Booleans are kept as texts, like all scalars of a checked table.
pub(super) fn bool_text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// The text of a single value.
pub(super) fn scalar(value: &Value) -> Option<&str> {
    match value {
        Value::Bool(flag) => Some(bool_text(*flag)),
        Value::Number(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Adds to an error what to write in place of a value of the wrong type, where that is clear.
pub(super) fn with_remediation(error: Diagnostic, field: &Field, value: &Value) -> Diagnostic {
    match remediation(field, value) {
        Some(help) => error.help(help),
        None => error,
    }
}

fn remediation(field: &Field, value: &Value) -> Option<String> {
    let unquoted = scalar(value).filter(|_| !matches!(value, Value::Text(_)));
    if let Some(meant) = unquoted.and_then(|text| field.meant(text)) {
        return Some(format!("did you mean {meant}?"));
    }
    match (field.kind, value) {
        (ValueKind::Texts(_) | ValueKind::WordOrTexts(..), Value::Text(text)) => {
            Some(format!("write [\"{}\"]", quote(text)))
        }
        (
            ValueKind::Texts(rule) | ValueKind::WordOrTexts(_, rule) | ValueKind::WordOrTextOrTexts(_, _, rule),
            Value::Number(number),
        ) if rule.number_is_text => Some(format!("write [\"{}\"]", quote(number))),
        (ValueKind::Version(_) | ValueKind::Whole(..) | ValueKind::Numbers(_), Value::Text(text)) if is_whole(text) => {
            Some(format!("write {} without quotes", quote(text)))
        }
        (ValueKind::Bools, Value::Text(text)) => Some(
            match text.to_ascii_lowercase().as_str() {
                "true" => "write true without quotes",
                "false" => "write false without quotes",
                "yes" | "on" | "enabled" => "write true",
                "no" | "off" | "disabled" => "write false",
                _ => "write true or false; SET and UNSET are for texts and numbers",
            }
            .to_owned(),
        ),
        (ValueKind::Numbers(rule), Value::Text(text)) => match in_minutes(text) {
            Some(minutes) => Some(format!("write a number: {} is {minutes} minutes", quote(text))),
            None => nearest(text, rule.words.iter().copied()).map(|near| format!("did you mean {near}?")),
        },
        (ValueKind::Word(_), Value::List(_)) => Some("write one of them, not a list".to_owned()),
        (ValueKind::Tables(_), Value::Table(_)) => Some(format!(
            "make the table an item of a list: `- ` before its first key in YAML, [[{}]] in TOML, [ ] around it in JSON",
            field.key
        )),
        _ => None,
    }
}

/// The minutes of a text such as `8h`.
fn in_minutes(text: &str) -> Option<u64> {
    let number = text.strip_suffix(|unit: char| unit.is_ascii_alphabetic())?;
    let unit = match text.get(number.len()..)? {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Reports a diagnostic; returns `None` in place of the value.
pub(super) fn report<T>(diagnostic: Diagnostic, out: &mut Diagnostics) -> Option<T> {
    out.push(diagnostic);
    None
}

pub(super) fn text<'tree>(
    node: &'tree Node,
    rule: &TextRule,
    out: &mut Diagnostics,
    wrong: &dyn Fn(&Node) -> Diagnostic,
) -> Option<(&'tree str, Span)> {
    let text = match &node.value {
        Value::Text(text) | Value::Date(text) => text,
        Value::Number(number) if rule.number_is_text => {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return report(odd_number(number, node.span, rule), out);
            }
            number
        }
        _ => return report(wrong(node).help(rule.help), out),
    };
    check_text(text, node.span, rule, out).then_some((text, node.span))
}

/// Error for a number such as `0x1F` or `1.50` in place of a text: its intended spelling is unknown.
fn odd_number(number: &str, span: Span, rule: &TextRule) -> Diagnostic {
    Diagnostic::error(rule.code, format!("{} is not {}: without quotes it is a number", quote(number), rule.name))
        .label(span, "a number, not a string")
        .help(rule.help)
}

/// Checks a text against a rule; reports and returns false if it breaks the rule.
pub(super) fn check_text(text: &str, span: Span, rule: &TextRule, out: &mut Diagnostics) -> bool {
    let Err(problem) = (rule.check)(text) else { return true };
    out.push(
        Diagnostic::error(rule.code, format!("\"{}\" is not {}: {problem}", quote(text), rule.name))
            .label(span, problem)
            .help(rule.help),
    );
    false
}

pub(super) fn word<'tree>(
    node: &'tree Node,
    words: &[&str],
    field: &Field,
    out: &mut Diagnostics,
) -> Option<(&'tree str, Span)> {
    let Value::Text(found) = &node.value else { return None };
    if words.contains(&found.as_str()) {
        return Some((found, node.span));
    }
    report(unknown_word(found, node.span, field.key, words, field.meant(found)), out)
}

/// The error about a word that a key does not take. `meant` is a word of another tool in ours.
pub fn unknown_word(found: &str, span: Span, key: &str, words: &[&str], meant: Option<&str>) -> Diagnostic {
    let list = format!("`{key}` takes {}", words.join(", "));
    let near = meant.or_else(|| nearest(found, words.iter().copied()));
    Diagnostic::error(Code::UnknownWord, format!("\"{}\" is not a value of `{key}`", quote(found)))
        .label(span, "unknown")
        .help(near.map_or_else(|| list.clone(), |near| format!("did you mean {near}? {list}")))
}

pub(super) fn list<'tree, T: Clone + Into<Cow<'tree, str>>>(
    node: &Node,
    items: &'tree [Node],
    key: &str,
    out: &mut Diagnostics,
    mut item: impl FnMut(&'tree Node, &mut Diagnostics) -> Option<(T, Span)>,
) -> Option<Vec<(T, Span)>> {
    if items.is_empty() {
        return report(empty(node, key, "an empty list"), out);
    }
    let mut seen: BTreeMap<Cow<'tree, str>, Span> = BTreeMap::new();
    let mut sound = Vec::with_capacity(items.len());
    for node in items.iter().filter(|node| node.value != Value::Faulty) {
        let Some((found, span)) = item(node, out) else { continue };
        let text: Cow<'tree, str> = found.clone().into();
        if let Some(first) = seen.get(&text).copied() {
            out.push(
                Diagnostic::error(Code::RepeatedItem, format!("\"{}\" appears twice in {}", quote(&text), named(key)))
                    .label(span, "again here")
                    .label(first, "first here")
                    .help("remove one of them"),
            );
        } else {
            seen.insert(text, span);
            sound.push((found, span));
        }
    }
    (!sound.is_empty()).then_some(sound)
}

pub(super) fn empty(node: &Node, key: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::EmptyList, format!("{} is {what}", named(key)))
        .label(node.span, "empty")
        .help(format!("add an item, or remove {}", named(key)))
}

/// A whole number within bounds.
pub(super) fn whole<'tree>(
    node: &Node,
    number: &'tree str,
    (least, most): (u64, u64),
    field: &Field,
    out: &mut Diagnostics,
) -> Option<(&'tree str, Span)> {
    if number.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number)) {
        return Some((number, node.span));
    }
    let message = format!("`{}` must be a whole number from {least} to {most}", field.key);
    report(
        Diagnostic::error(Code::NumberOutOfRange, message)
            .label(node.span, if is_whole(number) { "out of range" } else { "not a whole number" }),
        out,
    )
}

/// Whether a text is written as a whole number.
pub(super) fn is_whole(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
