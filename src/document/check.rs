//! Checks a tree against a table schema and reports every error.

use std::collections::BTreeMap;

use super::check_item::{
    at_key_if_empty, bool_text, check_text, empty, list, named, report, scalar, text, whole, with_remediation, word,
    wrong_type,
};
use super::checked_table::{CheckedTable, Found};
use super::table_schema::quoted;
use super::{Entry, Field, Node, NumberRule, SpannedItem, TableSchema, TextRule, Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, is_misspelling, nearest, quote};

/// Cap on diagnostics with a spelling hint, which are expensive.
const HINTS_AT_MOST: usize = 1000;

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
    for entry in entries {
        let errors = diagnostics.len();
        let first = seen.get(entry.key.as_str()).copied();
        match first {
            Some(first) => diagnostics.push(twice(&entry.key, entry.key_span, first, shape.name)),
            None => drop(seen.insert(&entry.key, entry.key_span)),
        }
        let Some(field) = shape.field(&entry.key) else {
            if first.is_none() {
                unknown(entry, &mut fields, diagnostics);
            }
            continue;
        };
        fields.mention(field.key, entry.key_span);
        match check_value(&entry.value, entry.key_span, field, diagnostics) {
            Some(found) if first.is_none() => fields.add(field.key, found),
            Some(found) => fields.add_doubtful(field.key, found),
            None => {}
        }
        if diagnostics.len() > errors || entry.value.value == Value::Faulty {
            fields.distrust(field.key);
        }
    }
    for field in shape.fields.iter().filter(|field| field.required) {
        if fields.has_key(field.key) {
            continue;
        }
        fields.distrust(field.key);
        diagnostics.push(
            Diagnostic::error(Code::MissingKey, format!("{} needs `{}`", shape.name, field.key))
                .label(node.span, format!("`{}` is missing here", field.key))
                .help(format!("`{}`: {}", field.key, field.meaning)),
        );
    }
    Some(fields)
}

/// Reports an unknown key. If the key that is meant is certain enough, and the value fits there, its errors are reported as well.
fn unknown<'tree>(entry: &'tree Entry, fields: &mut CheckedTable<'tree>, diagnostics: &mut Diagnostics) {
    let with_hint = diagnostics.len() < HINTS_AT_MOST;
    let (near, error) = unknown_key(entry, fields.shape, with_hint);
    diagnostics.push(error);
    let Some(field) = near.and_then(|near| fields.shape.field(near)) else {
        fields.has_unknown_key = true;
        return;
    };
    // The key that is meant is not missing besides.
    fields.mention(field.key, entry.key_span);
    fields.distrust(field.key);
    // The value of a key that merely resembles another may mean something else.
    if fields.shape.meant(&entry.key).is_some() || is_misspelling(&entry.key, field.key) {
        let errors = diagnostics.len();
        let found = check_value(&entry.value, entry.key_span, field, diagnostics);
        if found.is_none() && diagnostics.len() == errors + 1 {
            // So may one of another type.
            diagnostics.pop_if(|last| last.code == Code::WrongType);
        }
        if let Some(found) = found {
            fields.add_doubtful(field.key, found);
        }
    }
}

fn twice(key: &str, again: Span, first: Span, place: &str) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("{} appears twice in {place}", named(key)))
        .label(again, "again here")
        .label(first, "first here")
        .help("remove one of them; parsers disagree on which one counts")
}

/// The error about an unknown key, and the key that is probably meant.
fn unknown_key(entry: &Entry, shape: &TableSchema, with_hint: bool) -> (Option<&'static str>, Diagnostic) {
    let Entry { key, key_span, .. } = entry;
    let known: Vec<&'static str> = shape.fields.iter().map(|field| field.key).collect();
    let list = format!("{} takes these keys: {}", shape.name, known.join(", "));
    let nearest = || if with_hint { nearest(key, known.iter().copied()) } else { None };
    let (near, help) = match nested(entry, shape) {
        Some((table, nested)) => {
            let others = format!("other keys of `{table}` belong in the same table");
            (Some(table), format!("write the nested table `{nested}`; {others}"))
        }
        None => match shape.meant(key).or_else(nearest) {
            Some(near) => (Some(near), format!("did you mean `{near}`? {list}")),
            None => (None, list),
        },
    };
    let error = Diagnostic::error(Code::UnknownKey, format!("{} is not a key of {}", named(key), shape.name))
        .label(*key_span, "unknown")
        .help(help);
    (near, error)
}

/// The table that a key with a dot stands for, and how it is written: `security_hub: {publish_policy_findings: true}`.
fn nested(entry: &Entry, shape: &TableSchema) -> Option<(&'static str, String)> {
    let (table, leaf) = entry.key.split_once('.')?;
    let field = shape.field(table)?;
    let (ValueKind::Table(inner) | ValueKind::WordsOrTable(_, inner)) = field.kind else { return None };
    let leaf = inner.field(leaf)?.key;
    let is_plain = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let value = match &entry.value.value {
        Value::Bool(flag) => bool_text(*flag).to_owned(),
        Value::Number(number) => quote(number),
        Value::Text(text) if is_plain(text) && !text.starts_with(|first: char| first.is_ascii_digit()) => text.clone(),
        Value::Text(text) => format!("\"{}\"", quote(text)),
        _ => "…".to_owned(),
    };
    Some((field.key, format!("{}: {{{leaf}: {value}}}", field.key)))
}

fn check_value<'tree>(node: &'tree Node, key_span: Span, field: &Field, out: &mut Diagnostics) -> Option<Found<'tree>> {
    let wrong = |node: &Node| {
        let diagnostic = wrong_type(node, &format!("`{}`", field.key), &field.kind.description());
        with_remediation(at_key_if_empty(diagnostic, node, key_span), field, &node.value)
    };
    let several = |items: Option<Vec<(&'tree str, Span)>>| Some(Found::Texts(items?, node.span));
    let one = |item: (&'tree str, Span)| Found::Texts(vec![item], node.span);
    match (field.kind, &node.value) {
        (_, Value::Faulty) => None,
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
        (ValueKind::Whole(least, most), Value::Number(number)) => {
            whole(node, number, (least, most), field, out).map(one)
        }
        (ValueKind::Numbers(rule), _) => numbers(node, rule, field, out, &wrong),
        (ValueKind::Bools, Value::Bool(flag)) => Some(one((bool_text(*flag), node.span))),
        (ValueKind::Bools, Value::List(items)) => several(list(node, items, field.key, out, |item, out| {
            if let Value::Bool(flag) = &item.value {
                return Some((bool_text(*flag), item.span));
            }
            let error = wrong_type(item, &format!("an item of `{}`", field.key), "true or false");
            report(with_remediation(error, field, &item.value), out)
        })),
        (ValueKind::WordOrTextOrTexts(words, _, _), Value::Text(found)) if words.contains(&found.as_str()) => {
            Some(one((found, node.span)))
        }
        (ValueKind::Text(rule), _)
        | (ValueKind::WordOrTextOrTexts(_, rule, _) | ValueKind::TextOrTexts(rule), Value::Text(_)) => {
            text(node, rule, out, &wrong).map(one)
        }
        (ValueKind::TextOrTexts(rule), Value::Number(_)) if rule.number_is_text => {
            text(node, rule, out, &wrong).map(one)
        }
        (ValueKind::Word(words) | ValueKind::Words(words), Value::Text(_)) => word(node, words, field, out).map(one),
        // Which words there are depends on other keys of the table: the decoder checks them.
        (ValueKind::WordsOrTable(..), Value::Text(_) | Value::Number(_) | Value::Bool(_)) => {
            scalar(&node.value).map(|text| one((text, node.span)))
        }
        (ValueKind::WordsOrTable(words, _), Value::List(items)) => {
            several(list(node, items, field.key, out, |item, out| match scalar(&item.value) {
                Some(text) => Some((text, item.span)),
                None => report(
                    wrong_type(item, &format!("an item of `{}`", field.key), &format!("one of {}", words.join(", "))),
                    out,
                ),
            }))
        }
        (ValueKind::Words(words), Value::List(items)) => {
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
            let tables: Vec<CheckedTable<'_>> = items.iter().filter_map(|item| check(item, shape, out)).collect();
            let is_complete = tables.len() == items.len();
            Some(Found::Tables(tables, is_complete))
        }
        _ => report(wrong(node), out),
    }
}

/// Checks numbers and what stands in the place of one.
fn numbers<'tree>(
    node: &'tree Node,
    rule: &NumberRule,
    field: &Field,
    out: &mut Diagnostics,
    wrong: &dyn Fn(&Node) -> Diagnostic,
) -> Option<Found<'tree>> {
    let what = format!("an item of `{}`", field.key);
    let found = match &node.value {
        Value::List(items) => list(node, items, field.key, out, |item, out| {
            number(item, rule, field, out, &|item| {
                with_remediation(wrong_type(item, &what, &rule.description()), field, &item.value)
            })
        }),
        _ => number(node, rule, field, out, wrong).map(|one| vec![one]),
    };
    Some(Found::Items(found?, node.span))
}

/// Checks a number, or a word or a bound in its place.
fn number<'tree>(
    node: &'tree Node,
    rule: &NumberRule,
    field: &Field,
    out: &mut Diagnostics,
    wrong: &dyn Fn(&Node) -> Diagnostic,
) -> Option<SpannedItem<'tree>> {
    match (&node.value, rule.bound) {
        (Value::Number(found), _) => {
            whole(node, found, (rule.least, rule.most), field, out).map(|(text, span)| (text.into(), span))
        }
        (Value::Text(word), _) if rule.words.contains(&word.as_str()) => Some((word.into(), node.span)),
        (Value::Table(_), Some(shape)) => bound(node, shape, field, out),
        _ => report(wrong(node), out),
    }
}

/// Checks a bound, such as `{at_most: 20}`. Its text is `at most 20`.
fn bound<'tree>(
    node: &'tree Node,
    shape: &'static TableSchema,
    field: &Field,
    out: &mut Diagnostics,
) -> Option<SpannedItem<'tree>> {
    let errors = out.len();
    let found = check(node, shape, out)?;
    let keys: Vec<&str> = shape.fields.iter().map(|field| field.key).filter(|key| found.has_key(key)).collect();
    match keys.as_slice() {
        [key] => {
            let (number, _) = found.text(key)?;
            Some((format!("{} {number}", key.replace('_', " ")).into(), node.span))
        }
        // An unknown key has been reported.
        [] if out.len() > errors => None,
        [] => report(empty(node, field.key, "an empty table"), out),
        [..] => report(
            Diagnostic::error(Code::ConflictingKeys, format!("an item of `{}` has one bound", field.key))
                .label(node.span, format!("{} bounds", keys.len()))
                .help(
                    "keep one of them; the items of a list are alternatives, so a list of both would accept any number",
                ),
            out,
        ),
    }
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
        if value.value == Value::Faulty {
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
