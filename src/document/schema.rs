//! The JSON Schema of a file, drawn from the same table that the checker uses.

use serde_json::{Map, Value, json};

use super::{Field, TableSchema, TextRule, ValueKind};

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
    if let (Some(object), false) = (schema.as_object_mut(), shape.any_of.is_empty()) {
        let any: Vec<Value> = shape.any_of.iter().map(|key| json!({"required": [key]})).collect();
        object.insert("anyOf".to_owned(), Value::Array(any));
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
        ValueKind::Words(words) => json!({"anyOf": [{"enum": words}, list(&json!({"enum": words}))]}),
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

fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item, "minItems": 1, "uniqueItems": true})
}

fn text(rule: &TextRule) -> Value {
    json!({"type": "string", "pattern": rule.pattern})
}
