//! The keys that a table in a file may hold: one description for the checker and the JSON Schema.

use serde_json::{Map, Value, json};

use crate::diagnostic::Code;

/// Schema of a table: its keys and their values.
#[derive(Debug)]
pub struct TableSchema {
    /// Name in messages, with its article: "a declaration".
    pub name: &'static str,
    /// Purpose.
    pub meaning: &'static str,
    /// Keys of which at least one is required; empty if there is no such rule. Part of the JSON Schema; the checker
    /// leaves it to the decoder, whose message is more specific.
    pub any_of: &'static [&'static str],
    /// Keys in the usual writing order.
    pub fields: &'static [Field],
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// Description.
    pub meaning: &'static str,
    /// Whether the key is required.
    pub required: bool,
    /// Kind of value.
    pub kind: ValueKind,
    /// Names and words of other tools, for the hint of an error.
    pub synonyms: Synonyms,
    /// Keys that the table must have beside this one, or must not have. Like [`TableSchema::any_of`], the decoder reports it.
    pub beside: Beside,
}

/// Words of other tools: never valid, and named in the hint of the error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Synonyms {
    /// Other names of the key.
    pub keys: &'static [&'static str],
    /// Other words for values, each with the accepted one.
    pub values: &'static [(&'static str, &'static str)],
}

/// Keys that a key needs beside it, or excludes.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// Keys of which at least one is required; empty if there is no such rule.
    pub any_of: &'static [&'static str],
    /// Keys that must not stand there.
    pub none_of: &'static [&'static str],
}

/// Kinds of values.
#[derive(Debug, Clone, Copy)]
pub enum ValueKind {
    /// The version of the format: exactly this number.
    Version(u32),
    /// A text.
    Text(&'static TextRule),
    /// A list of unique texts, not empty.
    Texts(&'static TextRule),
    /// One of some words.
    Word(&'static [&'static str]),
    /// One of some words, or a list of unique ones, not empty.
    Words(&'static [&'static str]),
    /// One of some words, or a list of them, or a table. The words are part of the JSON Schema; the checker leaves them to the
    /// decoder, which knows what stands beside them.
    WordsOrTable(&'static [&'static str], &'static TableSchema),
    /// `true` or `false`, or a list of unique ones, not empty.
    Bools,
    /// A number, a word or a bound in its place, or a list of unique ones, not empty.
    Numbers(&'static NumberRule),
    /// A text, or a list of unique texts, not empty.
    TextOrTexts(&'static TextRule),
    /// A table with keys of the user's own; each takes a text or a list of unique texts, not empty.
    TextsByKey(&'static TextRule, &'static TextRule),
    /// One of some words, or a list of texts.
    WordOrTexts(&'static [&'static str], &'static TextRule),
    /// One of some words, or a text, or a list of texts.
    WordOrTextOrTexts(&'static [&'static str], &'static TextRule, &'static TextRule),
    /// A whole number within inclusive bounds.
    Whole(u64, u64),
    /// A table.
    Table(&'static TableSchema),
    /// A list of tables.
    Tables(&'static TableSchema),
}

/// A rule for numbers, and for what may stand in the place of one.
#[derive(Debug)]
pub struct NumberRule {
    /// The smallest number.
    pub least: u64,
    /// The largest number.
    pub most: u64,
    /// Words that may stand in the place of a number.
    pub words: &'static [&'static str],
    /// Table of a bound that may stand there, such as `{at_most: 20}`: each key takes a number, and exactly one stands there.
    pub bound: Option<&'static TableSchema>,
}

/// A rule for texts.
#[derive(Debug)]
pub struct TextRule {
    /// Name in messages, with its article: "an account id".
    pub name: &'static str,
    /// Code of the diagnostic for a text that breaks the rule.
    pub code: Code,
    /// The rule as a regular expression for the JSON Schema (ECMA 262), at least as strict as a test can show.
    pub pattern: &'static str,
    /// Whether an unquoted number counts as the text that is written.
    pub number_is_text: bool,
    /// Validates a text.
    pub check: fn(&str) -> Result<(), &'static str>,
    /// The fix.
    pub help: &'static str,
}

impl Field {
    /// Creates an optional key.
    pub const fn new(key: &'static str, meaning: &'static str, kind: ValueKind) -> Self {
        let (synonyms, beside) = (Synonyms { keys: &[], values: &[] }, Beside { any_of: &[], none_of: &[] });
        Self { key, meaning, required: false, kind, synonyms, beside }
    }

    /// Sets what the table must or must not have beside the key.
    #[must_use]
    pub const fn with_beside(mut self, beside: Beside) -> Self {
        self.beside = beside;
        self
    }

    /// Adds names and words of other tools.
    #[must_use]
    pub const fn with_synonyms(
        mut self,
        keys: &'static [&'static str],
        values: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.synonyms = Synonyms { keys, values };
        self
    }

    /// The accepted word that another one stands for.
    pub fn meant(&self, word: &str) -> Option<&'static str> {
        let found = self.synonyms.values.iter().find(|(other, _)| other.eq_ignore_ascii_case(word.trim()));
        found.map(|(_, accepted)| *accepted)
    }

    /// Makes the key required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl TableSchema {
    /// The field of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The key that another name stands for.
    pub fn meant(&self, key: &str) -> Option<&'static str> {
        let is_other = |field: &&Field| field.synonyms.keys.iter().any(|other| other.eq_ignore_ascii_case(key));
        self.fields.iter().find(is_other).map(|field| field.key)
    }
}

impl NumberRule {
    /// Description of one item for messages.
    pub(super) fn description(&self) -> String {
        let mut kinds = vec![format!("a whole number from {} to {}", self.least, self.most)];
        let bounds = self.bound.iter().flat_map(|bound| bound.fields).map(|field| format!("{{{}: N}}", field.key));
        kinds.extend(bounds.chain(self.words.iter().map(|word| (*word).to_owned())));
        match kinds.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => kinds.concat(),
        }
    }
}

impl ValueKind {
    /// Description of the accepted values for messages.
    pub fn description(self) -> String {
        match self {
            Self::Version(version) => format!("the number {version}"),
            Self::Text(rule) => rule.name.to_owned(),
            Self::Texts(rule) => format!("a list, each item {}", rule.name),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Words(words) => format!("one of {}, or a list of them", words.join(", ")),
            Self::WordsOrTable(words, _) => {
                format!("one of {}, or a list of them, or a table by setting", words.join(", "))
            }
            Self::Bools => "true or false, or a list of them".to_owned(),
            Self::Numbers(rule) => format!("{}, or a list of them", rule.description()),
            Self::TextOrTexts(rule) => format!("{}, or a list of them", rule.name),
            Self::TextsByKey(key, rule) => {
                format!("a table, each key {} with {} or a list of them", key.name, rule.name)
            }
            Self::WordOrTexts(words, rule) => format!("{}, or a list, each item {}", quoted(words), rule.name),
            Self::WordOrTextOrTexts(words, text, item) => {
                format!("{}, or {}, or a list, each item {}", quoted(words), text.name, item.name)
            }
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Table(_) => "a table".to_owned(),
            Self::Tables(_) => "a list of tables".to_owned(),
        }
    }
}

/// Words in quotes: `"a", "b"`.
pub(super) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// The JSON Schema (draft 2020-12) of a file whose root is `shape`.
pub fn json_schema(shape: &TableSchema, id: &str, title: &str) -> Value {
    let mut schema = table(shape);
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".to_owned(), json!(id));
    root.insert("title".to_owned(), json!(title));
    if let Some(object) = schema.as_object_mut() {
        root.append(object);
    }
    Value::Object(root)
}

fn table(shape: &TableSchema) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|field| (field.key.to_owned(), described(field))).collect();
    let required: Vec<&str> = shape.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let mut schema = json!({
        "type": "object",
        "description": shape.meaning,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let any = |keys: &[&str]| -> Vec<Value> { keys.iter().map(|key| json!({"required": [key]})).collect() };
    let Some(object) = schema.as_object_mut() else { return schema };
    if !shape.any_of.is_empty() {
        object.insert("anyOf".to_owned(), any(shape.any_of).into());
    }
    let mut dependent = Map::new();
    for Field { key, beside, .. } in shape.fields {
        let mut rules = Map::new();
        if !beside.any_of.is_empty() {
            rules.insert("anyOf".to_owned(), any(beside.any_of).into());
        }
        if !beside.none_of.is_empty() {
            rules.insert("not".to_owned(), json!({"anyOf": any(beside.none_of)}));
        }
        if !rules.is_empty() {
            dependent.insert((*key).to_owned(), rules.into());
        }
    }
    if !dependent.is_empty() {
        object.insert("dependentSchemas".to_owned(), dependent.into());
    }
    schema
}

fn described(field: &Field) -> Value {
    let mut schema = value(field.kind);
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(field.meaning));
    }
    schema
}

fn value(kind: ValueKind) -> Value {
    match kind {
        ValueKind::Version(version) => json!({"const": version}),
        ValueKind::Text(rule) => text(rule),
        ValueKind::Texts(rule) => list(&text(rule)),
        ValueKind::Word(words) => json!({"enum": words}),
        ValueKind::Words(words) => one_or_list(&json!({"enum": words})),
        ValueKind::WordsOrTable(words, shape) => {
            json!({"anyOf": [{"enum": words}, list(&json!({"enum": words})), table(shape)]})
        }
        ValueKind::Bools => one_or_list(&json!({"type": "boolean"})),
        ValueKind::Numbers(rule) => one_or_list(&number(rule)),
        ValueKind::TextOrTexts(rule) => one_or_list(&text(rule)),
        ValueKind::TextsByKey(key, rule) => json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": key.pattern},
            "additionalProperties": {"anyOf": [text(rule), list(&text(rule))]},
        }),
        ValueKind::WordOrTexts(words, rule) => json!({"anyOf": [{"enum": words}, list(&text(rule))]}),
        ValueKind::WordOrTextOrTexts(words, one, item) => {
            json!({"anyOf": [{"enum": words}, text(one), list(&text(item))]})
        }
        ValueKind::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        ValueKind::Table(shape) => table(shape),
        ValueKind::Tables(shape) => json!({"type": "array", "items": table(shape)}),
    }
}

fn number(rule: &NumberRule) -> Value {
    let number = json!({"type": "integer", "minimum": rule.least, "maximum": rule.most});
    let words = (!rule.words.is_empty()).then(|| json!({"enum": rule.words}));
    let bound = rule.bound.map(|bound| {
        let mut bound = table(bound);
        if let Some(object) = bound.as_object_mut() {
            object.insert("maxProperties".to_owned(), json!(1));
        }
        bound
    });
    let others: Vec<Value> = words.into_iter().chain(bound).collect();
    if others.is_empty() {
        return number;
    }
    let all: Vec<Value> = std::iter::once(number).chain(others).collect();
    json!({"anyOf": all})
}

fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item, "minItems": 1, "uniqueItems": true})
}

fn one_or_list(item: &Value) -> Value {
    json!({"anyOf": [item, list(item)]})
}

fn text(rule: &TextRule) -> Value {
    json!({"type": "string", "pattern": rule.pattern})
}
