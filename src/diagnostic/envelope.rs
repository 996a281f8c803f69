//! The envelope of every JSON document: format, format version, and the program that wrote it.

use std::borrow::Cow;

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The program that made the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
}

impl Tool<'static> {
    /// This program.
    pub const CURRENT: Self =
        Self { name: Cow::Borrowed(env!("CARGO_PKG_NAME")), version: Cow::Borrowed(env!("CARGO_PKG_VERSION")) };
}

/// The fields of a document that are read before all others.
#[derive(Debug, Deserialize)]
pub struct DocumentHead {
    /// The format that the document claims.
    pub format: Option<String>,
    /// The major version of the format.
    pub format_version: Option<u64>,
}

/// A kind of JSON document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentKind {
    /// The format, such as `driftline.report`.
    pub format: &'static str,
    /// The major version of the format.
    pub version: u32,
    /// The title of the JSON Schema, without the version.
    pub title: &'static str,
}

/// A JSON document: what all documents share, and the body of one kind.
#[derive(Debug, Serialize)]
pub struct Envelope<'a, T> {
    format: &'static str,
    format_version: u32,
    tool: Tool<'a>,
    #[serde(flatten)]
    body: T,
}

impl<'a, T: Serialize> Envelope<'a, T> {
    /// A document that this program makes.
    pub fn new(kind: DocumentKind, body: T) -> Self {
        Self::from_tool(kind, Tool::CURRENT, body)
    }

    /// A document that another version of the program has made.
    pub fn from_tool(kind: DocumentKind, tool: Tool<'a>, body: T) -> Self {
        Self { format: kind.format, format_version: kind.version, tool, body }
    }
}

impl DocumentKind {
    /// The JSON Schema (draft 2020-12) of documents with this body. It allows unknown fields, which readers must ignore.
    pub fn schema<T: JsonSchema>(self) -> Value {
        let Self { format, version, title } = self;
        let mut generator = SchemaGenerator::default();
        let tool = generator.subschema_for::<Tool<'_>>().to_value();
        let mut schema = generator.into_root_schema_for::<T>();
        let name = format.trim_start_matches("driftline.");
        schema.insert("$id".to_owned(), format!("urn:driftline:schema:{name}:{version}").into());
        schema.insert("title".to_owned(), format!("{title}, version {version}").into());
        let mut schema = schema.to_value();
        let shared = [
            ("format", json!({"type": "string", "const": format, "description": format!("Always `{format}`.")})),
            (
                "format_version",
                json!({
                    "type": "integer", "format": "uint32", "minimum": 0, "const": version,
                    "description": "The major version: readers must refuse one that they do not know.",
                }),
            ),
            ("tool", tool),
        ];
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.splice(0..0, shared.iter().map(|(name, _)| Value::from(*name)));
        }
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.extend(shared.map(|(name, property)| (name.to_owned(), property)));
        }
        schema
    }
}
