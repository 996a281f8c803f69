//! The envelope of every JSON document: format, format version, and the program that wrote it.

use std::borrow::Cow;

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{quote, truncate_line};

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

/// The fields of a document that are read before all others, of whatever type they are.
#[derive(Debug, Deserialize)]
pub struct DocumentHead {
    format: Option<Value>,
    format_version: Option<Value>,
    tool: Option<Value>,
}

/// Why a document is not one of a format that this program reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It claims another format, or none.
    #[error("{0}")]
    OtherFormat(String),
    /// It states no version.
    #[error("it has no `format_version`")]
    NoVersion,
    /// It has another version of the format.
    #[error(transparent)]
    OtherVersion(OtherVersion),
}

/// The version of a document that this program does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has format version {found}, and this driftline reads version {reads}{}",
    made_by.as_ref().map_or_else(String::new, |version| format!("; it was made by driftline {version}"))
)]
pub struct OtherVersion {
    found: String,
    reads: u32,
    /// The version of the program that made it, where the document states one.
    made_by: Option<String>,
}

impl OtherVersion {
    /// The version of a document of which no more than that is readable.
    pub fn new(found: &str, reads: u32) -> Self {
        Self { found: truncate_line(found), reads, made_by: None }
    }
}

impl DocumentHead {
    /// Whether the document says that it is one of driftline's, as opposed to a policy.
    pub fn claims_format(&self) -> bool {
        matches!(self.format, Some(Value::String(_)))
    }

    /// Checks format and version.
    ///
    /// # Errors
    ///
    /// If either is another.
    pub fn check(&self, format: &str, version: u32) -> Result<(), HeadError> {
        match &self.format {
            Some(Value::String(found)) if found == format => {}
            Some(Value::String(other)) => {
                return Err(HeadError::OtherFormat(format!("its `format` is \"{}\"", quote(other))));
            }
            Some(_) => return Err(HeadError::OtherFormat("its `format` is no text".to_owned())),
            None => return Err(HeadError::OtherFormat("it has no `format`".to_owned())),
        }
        match &self.format_version {
            Some(found) if *found == version => Ok(()),
            Some(found) => {
                let made_by = self.tool_version().map(quote);
                Err(HeadError::OtherVersion(OtherVersion { made_by, ..OtherVersion::new(&found.to_string(), version) }))
            }
            None => Err(HeadError::NoVersion),
        }
    }

    /// Why a part of the document may be unknown here, if a newer version of the program made it.
    pub fn newer(&self) -> Option<String> {
        let version = self.tool_version().filter(|version| is_newer(version))?;
        let this = env!("CARGO_PKG_VERSION");
        Some(format!("it was made by driftline {}, which is newer than this driftline {this}", quote(version)))
    }

    /// Fault of the document, with a remark if a newer version of the program made it.
    pub fn explain(&self, what: &str) -> String {
        let what = truncate_line(what);
        self.newer().map_or_else(|| what.clone(), |made_by| format!("{what}; {made_by}"))
    }

    /// The version of the program that made the document. A journal states it behind the name.
    fn tool_version(&self) -> Option<&str> {
        match self.tool.as_ref()? {
            Value::String(text) => text.strip_prefix("driftline "),
            tool => tool.get("version")?.as_str(),
        }
    }
}

/// Whether a version is higher than that of this program. A suffix of the patch number does not count.
fn is_newer(version: &str) -> bool {
    let numbers = |version: &str| -> Option<[u64; 3]> {
        let mut parts = version.splitn(3, '.');
        let mut next = || {
            let part = parts.next()?;
            let end = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
            part.get(..end)?.parse().ok()
        };
        Some([next()?, next()?, next()?])
    };
    numbers(version).zip(numbers(env!("CARGO_PKG_VERSION"))).is_some_and(|(made, this)| made > this)
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

#[cfg(test)]
mod tests {
    use super::is_newer;

    #[test]
    fn versions_are_compared_by_number() {
        for newer in ["0.2.0", "0.10.0", "1.0.0", "0.1.1", "0.2.0-rc.1", "18446744073709551615.0.0"] {
            assert!(is_newer(newer), "{newer}");
        }
        for other in ["0.1.0", "0.0.9", "0.1.0-rc.1", "", "next", "1", "1.x.0", "-1.0.0", "18446744073709551616.0.0"] {
            assert!(!is_newer(other), "{other}");
        }
    }
}
