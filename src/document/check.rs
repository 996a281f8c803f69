//! Checks a tree against a table schema and reports every error.

use std::collections::BTreeMap;

use super::checked_table::{CheckedTable, Found};
use super::table_schema::quoted;
use super::{Entry, Field, Node, TableSchema, TextRule, Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label, Span, nearest, quote};

/// Cap on diagnostics with a spelling hint, which are expensive.
const HINTS_AT_MOST: usize = 1000;

/// Label of a key or an item without a value.
const NO_VALUE: &str = "no value";

/// Checks a node against a schema. `None` if it is not a table.
pub fn check<'tree>(
    node: &'tree Node,
    shape: &'static TableSchema,
    diagnostics: &mut Diagnostics,
) -> Option<CheckedTable<'tree>> {
    let Value::Table(entries) = &node.value else {
        diagnostics.push(wrong_type(node, shape.name, "a table"));
        return None;
    };
    let mut fields = CheckedTable::new(shape, node.span, entries.is_empty());
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut meant: Vec<&str> = Vec::new();
    for entry in entries {
        if let Some(first) = seen.get(entry.key.as_str()) {
            diagnostics.push(twice(&entry.key, entry.key_span, *first, shape.name));
            continue;
        }
        seen.insert(&entry.key, entry.key_span);
        let Some(field) = shape.field(&entry.key) else {
            meant.extend(shape.meant(&entry.key));
            let with_hint = diagnostics.len() < HINTS_AT_MOST;
            diagnostics.push(unknown_key(&entry.key, entry.key_span, shape, with_hint));
            continue;
        };
        fields.mentioned.insert(field.key);
        if let Some(found) = check_value(&entry.value, entry.key_span, field, diagnostics) {
            fields.found.insert(field.key, found);
        }
    }
    let is_there = |key: &str| seen.contains_key(key) || meant.contains(&key);
    for field in shape.fields.iter().filter(|field| field.required && !is_there(field.key)) {
        diagnostics.push(
            Diagnostic::error(Code::MissingKey, format!("{} needs `{}`", shape.name, field.key))
                .label(node.span, format!("`{}` is missing here", field.key))
                .help(format!("`{}`: {}", field.key, field.meaning)),
        );
    }
    Some(fields)
}

fn twice(key: &str, again: Span, first: Span, place: &str) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("{} appears twice in {place}", named(key)))
        .label(again, "again here")
        .label(first, "first here")
        .help("remove one of them; parsers disagree on which one counts")
}

fn unknown_key(key: &str, span: Span, shape: &TableSchema, with_hint: bool) -> Diagnostic {
    let known: Vec<&str> = shape.fields.iter().map(|field| field.key).collect();
    let list = format!("{} takes these keys: {}", shape.name, known.join(", "));
    let near = shape.meant(key).or_else(|| if with_hint { nearest(key, known.iter().copied()) } else { None });
    let help = near.map_or_else(|| list.clone(), |near| format!("did you mean `{near}`? {list}"));
    Diagnostic::error(Code::UnknownKey, format!("{} is not a key of {}", named(key), shape.name))
        .label(span, "unknown")
        .help(help)
}

/// A key as it is quoted in messages.
fn named(key: &str) -> String {
    if key.is_empty() { "an empty key".to_owned() } else { format!("`{}`", quote(key)) }
}

fn wrong_type(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    if node.value == Value::Null {
        return Diagnostic::error(Code::WrongType, format!("{what} has no value; expected {wanted}"))
            .label(node.span, NO_VALUE);
    }
    Diagnostic::error(Code::WrongType, format!("{what} must be {wanted}, not {}", node.value.description()))
        .label(node.span, format!("found {}", node.value.description()))
}

/// An empty value has no position worth showing, so the key is shown.
fn at_key_if_empty(mut diagnostic: Diagnostic, node: &Node, key_span: Span) -> Diagnostic {
    if node.value == Value::Null {
        diagnostic.labels = vec![Label { span: key_span, text: NO_VALUE.to_owned() }];
    }
    diagnostic
}

fn check_value<'tree>(node: &'tree Node, key_span: Span, field: &Field, out: &mut Diagnostics) -> Option<Found<'tree>> {
    let wrong = |node: &Node| {
        let diagnostic = wrong_type(node, &format!("`{}`", field.key), &field.kind.description());
        let diagnostic = at_key_if_empty(diagnostic, node, key_span);
        match remediation(field, &node.value) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    };
    let several = |items: Option<Vec<(&'tree str, Span)>>| Some(Found::Texts(items?, node.span));
    let one = |item: (&'tree str, Span)| Found::Texts(vec![item], node.span);
    match (field.kind, &node.value) {
        (ValueKind::Version(version), Value::Number(number)) => {
            if *number == version.to_string() {
                return Some(one((number, node.span)));
            }
            out.push(
                Diagnostic::error(Code::UnsupportedVersion, format!("unsupported version {}", quote(number)))
                    .label(node.span, "here")
                    .help(format!("this driftline reads version {version}; upgrade driftline to read a newer file")),
            );
            None
        }
        (ValueKind::Whole(least, most) | ValueKind::WholeNumbers(least, most), Value::Number(number)) => {
            whole(node, number, (least, most), field, out).map(one)
        }
        (ValueKind::Bools, Value::Bool(flag)) => Some(one((bool_text(*flag), node.span))),
        (ValueKind::Bools | ValueKind::WholeNumbers(..), Value::List(items)) => {
            several(list(node, items, field.key, out, |item, out| match (field.kind, &item.value) {
                (ValueKind::WholeNumbers(least, most), Value::Number(number)) => {
                    whole(item, number, (least, most), field, out)
                }
                (ValueKind::Bools, Value::Bool(flag)) => Some((bool_text(*flag), item.span)),
                (kind, _) => report(wrong_type(item, &format!("an item of `{}`", field.key), &kind.description()), out),
            }))
        }
        (ValueKind::WordOrTextOrTexts(words, _, _), Value::Text(found)) if words.contains(&found.as_str()) => {
            Some(one((found, node.span)))
        }
        (ValueKind::Text(rule), _)
        | (ValueKind::WordOrTextOrTexts(_, rule, _) | ValueKind::TextOrTexts(rule), Value::Text(_)) => {
            text(node, rule, out, &wrong).map(one)
        }
        (ValueKind::Word(words) | ValueKind::Words(words) | ValueKind::WordsOrTable(words, _), Value::Text(_)) => {
            word(node, words, field, out).map(one)
        }
        (ValueKind::Words(words) | ValueKind::WordsOrTable(words, _), Value::List(items)) => {
            several(list(node, items, field.key, out, |item, out| match item.value {
                Value::Text(_) => word(item, words, field, out),
                _ => report(
                    wrong_type(item, &format!("an item of `{}`", field.key), &format!("one of {}", words.join(", "))),
                    out,
                ),
            }))
        }
        (
            ValueKind::Texts(rule)
            | ValueKind::TextOrTexts(rule)
            | ValueKind::WordOrTexts(_, rule)
            | ValueKind::WordOrTextOrTexts(_, _, rule),
            Value::List(items),
        ) => several(list(node, items, field.key, out, |item, out| {
            text(item, rule, out, &|item| wrong_type(item, &format!("an item of `{}`", field.key), rule.name))
        })),
        (ValueKind::WordOrTexts(words, rule), Value::Text(found)) => {
            if words.contains(&found.as_str()) {
                return Some(one((found, node.span)));
            }
            let near = nearest(found, words.iter().copied());
            let options = format!("`{}` takes {}, or a list, each item {}", field.key, quoted(words), rule.name);
            report(
                Diagnostic::error(Code::UnknownWord, format!("\"{}\" is not a value of `{}`", quote(found), field.key))
                    .label(node.span, "unknown")
                    .help(near.map_or_else(|| options.clone(), |near| format!("did you mean \"{near}\"? {options}"))),
                out,
            )
        }
        (ValueKind::TextsByKey(key, rule), Value::Table(entries)) => by_key(node, entries, field, (key, rule), out),
        (ValueKind::Table(shape) | ValueKind::WordsOrTable(_, shape), Value::Table(_)) => {
            check(node, shape, out).map(|fields| Found::Table(Box::new(fields)))
        }
        (ValueKind::Tables(shape), Value::List(items)) => {
            Some(Found::Tables(items.iter().filter_map(|item| check(item, shape, out)).collect()))
        }
        _ => report(wrong(node), out),
    }
}

/// A whole number within bounds.
fn whole<'tree>(
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

/// Booleans are kept as texts, like all scalars of a checked table.
fn bool_text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// Checks a table with keys of the user's own. Each takes a text or a list of texts.
fn by_key<'tree>(
    node: &'tree Node,
    entries: &'tree [Entry],
    field: &Field,
    (key_rule, rule): (&TextRule, &TextRule),
    out: &mut Diagnostics,
) -> Option<Found<'tree>> {
    if entries.is_empty() {
        return report(empty(node, field.key, "an empty table"), out);
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut sound = Vec::with_capacity(entries.len());
    for Entry { key, key_span, value } in entries {
        if let Some(first) = seen.insert(key, *key_span) {
            out.push(twice(key, *key_span, first, &format!("`{}`", field.key)));
            continue;
        }
        let key_is_sound = check_text(key, *key_span, key_rule, out);
        let wrong = |node: &Node| {
            let what = format!("{} in `{}`", named(key), field.key);
            at_key_if_empty(wrong_type(node, &what, &format!("{}, or a list of them", rule.name)), node, *key_span)
        };
        let wrong_item = |node: &Node| wrong_type(node, &format!("an item of {}", named(key)), rule.name);
        let texts = match &value.value {
            Value::List(items) => list(value, items, key, out, |item, out| text(item, rule, out, &wrong_item)),
            _ => text(value, rule, out, &wrong).map(|one| vec![one]),
        };
        if let (true, Some(texts)) = (key_is_sound, texts) {
            sound.push((key.as_str(), *key_span, texts));
        }
    }
    (!sound.is_empty()).then_some(Found::ByKey(sound))
}

/// What to write in place of a value of the wrong type, where that is clear.
fn remediation(field: &Field, value: &Value) -> Option<String> {
    let scalar = match value {
        Value::Bool(flag) => Some(bool_text(*flag)),
        Value::Number(number) => Some(number.as_str()),
        _ => None,
    };
    if let Some(meant) = scalar.and_then(|scalar| field.meant(scalar)) {
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
        (ValueKind::Version(_) | ValueKind::Whole(..) | ValueKind::WholeNumbers(..), Value::Text(text))
            if is_whole(text) =>
        {
            Some(format!("write {} without quotes", quote(text)))
        }
        (ValueKind::Word(_), Value::List(_)) => Some("write one of them, not a list".to_owned()),
        (ValueKind::Tables(_), Value::Table(_)) => Some(format!(
            "make the table an item of a list: `- ` before its first key in YAML, [[{}]] in TOML, [ ] around it in JSON",
            field.key
        )),
        _ => None,
    }
}

fn is_whole(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reports a diagnostic; returns `None` in place of the value.
fn report<T>(diagnostic: Diagnostic, out: &mut Diagnostics) -> Option<T> {
    out.push(diagnostic);
    None
}

fn text<'tree>(
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
fn check_text(text: &str, span: Span, rule: &TextRule, out: &mut Diagnostics) -> bool {
    let Err(problem) = (rule.check)(text) else { return true };
    out.push(
        Diagnostic::error(rule.code, format!("\"{}\" is not {}: {problem}", quote(text), rule.name))
            .label(span, problem)
            .help(rule.help),
    );
    false
}

fn word<'tree>(node: &'tree Node, words: &[&str], field: &Field, out: &mut Diagnostics) -> Option<(&'tree str, Span)> {
    let Value::Text(found) = &node.value else { return None };
    if words.contains(&found.as_str()) {
        return Some((found, node.span));
    }
    let list = format!("`{}` takes {}", field.key, words.join(", "));
    let near = field.meant(found).or_else(|| nearest(found, words.iter().copied()));
    report(
        Diagnostic::error(Code::UnknownWord, format!("\"{}\" is not a value of `{}`", quote(found), field.key))
            .label(node.span, "unknown")
            .help(near.map_or_else(|| list.clone(), |near| format!("did you mean {near}? {list}"))),
        out,
    )
}

fn list<'tree>(
    node: &Node,
    items: &'tree [Node],
    key: &str,
    out: &mut Diagnostics,
    mut item: impl FnMut(&'tree Node, &mut Diagnostics) -> Option<(&'tree str, Span)>,
) -> Option<Vec<(&'tree str, Span)>> {
    if items.is_empty() {
        return report(empty(node, key, "an empty list"), out);
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut sound = Vec::with_capacity(items.len());
    for node in items {
        let Some((text, span)) = item(node, out) else { continue };
        if let Some(first) = seen.get(text).copied() {
            out.push(
                Diagnostic::error(Code::RepeatedItem, format!("\"{}\" appears twice in {}", quote(text), named(key)))
                    .label(span, "again here")
                    .label(first, "first here")
                    .help("remove one of them"),
            );
        } else {
            seen.insert(text, span);
            sound.push((text, span));
        }
    }
    (!sound.is_empty()).then_some(sound)
}

fn empty(node: &Node, key: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::EmptyList, format!("{} is {what}", named(key)))
        .label(node.span, "empty")
        .help(format!("add an item, or remove {}", named(key)))
}
