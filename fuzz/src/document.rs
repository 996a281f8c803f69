//! Any text in one of the languages: a tree whose places are sound, or a mistake that can be read.

use driftline::diagnostic::{Code, Diagnostics, SourceId, Sources};
use driftline::document::{Entry, Node, Syntax, Value, check, parse};
use driftline::policy::policy_schema;
use driftline::resource::settings;
use serde::de::IgnoredAny;

use super::told::{can_be_read, is_sound};

/// What is tried of one text.
pub fn try_text(language: Syntax, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut sources = Sources::default();
    let source = sources.add("policy".to_owned(), text.to_owned());
    let mut told = Diagnostics::default();
    let tree = parse(language, source, &sources, &mut told);
    assert!(tree.is_some() || told.has_errors(), "a tree, or a mistake");
    // TOML has both where a mistake leaves no doubt about the rest.
    assert!(tree.is_none() || told.is_empty() || language == Syntax::Toml, "and never both");
    can_be_read(&told, &sources);
    if language == Syntax::Json {
        agrees_on_json(text, &told, &sources);
    }
    let Some(tree) = tree else { return };
    places_are_sound(&tree, source, &sources);
    means_the_same_in_json(&tree);
    let mut told = Diagnostics::default();
    let fields = check(&tree, policy_schema(settings()), &mut told);
    assert!(fields.is_some() || told.has_errors());
    can_be_read(&told, &sources);
}

fn places_are_sound(node: &Node, source: SourceId, sources: &Sources) {
    is_sound(node.span, source, sources);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| places_are_sound(item, source, sources)),
        Value::Table(entries) => {
            for Entry { key_span, value, .. } in entries {
                is_sound(*key_span, source, sources);
                places_are_sound(value, source, sources);
            }
        }
        // A number is the text at its place, unless it stands behind an alias.
        Value::Number(number) => assert!(!number.is_empty(), "{node:?}"),
        Value::Null | Value::Bool(_) | Value::Date(_) | Value::Text(_) | Value::Faulty => {}
    }
}

/// Somebody else's parser knows what RFC 8259 allows.
fn agrees_on_json(text: &str, told: &Diagnostics, sources: &Sources) {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let is_empty = text.chars().all(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'));
    let codes: Vec<Code> = told.sorted(sources).into_iter().map(|diagnostic| diagnostic.code).collect();
    match codes.as_slice() {
        [] => assert!(is_json || is_empty, "accepted, and no JSON: {text:?}"),
        // Half of a pair of surrogates is JSON by its grammar, and no text.
        [Code::Syntax] => {
            let may_be_no_text = text.to_ascii_lowercase().contains("\\ud");
            assert!(!is_json || may_be_no_text, "JSON, and refused: {text:?}");
        }
        [Code::TooComplex] => {}
        other => panic!("{other:?}"),
    }
}

/// Written as JSON, a tree from any language is read as the same tree.
fn means_the_same_in_json(tree: &Node) {
    let mut text = String::new();
    if !write_json(tree, &mut text) {
        return;
    }
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let source = sources.add("again.json".to_owned(), text);
    let again = parse(Syntax::Json, source, &sources, &mut told).expect("JSON is read");
    assert!(told.is_empty() && is_same(tree, &again), "{tree:?}\n{again:?}");
}

/// Whether all of the tree can be written as JSON: numbers such as `0x1F` and dates cannot.
fn write_json(node: &Node, out: &mut String) -> bool {
    let text = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    let mut all = true;
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            all = serde_json::from_str::<IgnoredAny>(number).is_ok() && !number.contains(char::is_whitespace);
            out.push_str(number);
        }
        Value::Date(_) | Value::Faulty => all = false,
        Value::Text(found) => out.push_str(&text(found)),
        Value::List(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { ", " });
                all &= write_json(item, out);
            }
            out.push(']');
        }
        Value::Table(entries) => {
            out.push('{');
            for (nth, Entry { key, value, .. }) in entries.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { ", " });
                out.push_str(&text(key));
                out.push_str(": ");
                all &= write_json(value, out);
            }
            out.push('}');
        }
    }
    all
}

/// Whether two trees are the same but for their places.
fn is_same(one: &Node, two: &Node) -> bool {
    match (&one.value, &two.value) {
        (Value::List(one), Value::List(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two))
        }
        (Value::Table(one), Value::Table(two)) => {
            one.len() == two.len()
                && one.iter().zip(two).all(|(one, two)| one.key == two.key && is_same(&one.value, &two.value))
        }
        (one, two) => one == two,
    }
}
