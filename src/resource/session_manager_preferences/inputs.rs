//! The inputs of a version of the preferences document, and the values that they give settings.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::aws::twice;
use crate::model::{AccountId, OwnKey, Region, SettingKind, Value};

/// The schema version of Session documents; AWS refuses any other.
///
/// Source: AWS Systems Manager User Guide, "Session document schema".
const SCHEMA_VERSION: &str = "1.0";

/// The type of the session documents that hold preferences.
///
/// Source: AWS Systems Manager User Guide, "Session document schema", `sessionType`.
const SESSION_TYPE: &str = "Standard_Stream";

/// The inputs of a version, as AWS sent them: keys in camel case, types kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inputs(Map<String, Json>);

impl Inputs {
    /// Inputs that are an object already.
    pub fn new(inputs: Map<String, Json>) -> Self {
        Self(inputs)
    }

    /// The inputs of a version's content.
    ///
    /// # Errors
    ///
    /// Why the content is not that of a preferences document, in words that follow on its name.
    pub fn from_content(content: &str) -> Result<Self, String> {
        let document: Json = serde_json::from_str(content).map_err(|_| "is not JSON".to_owned())?;
        if let Some(repeated) = twice(content.as_bytes()) {
            return Err(format!("is ambiguous: {repeated}"));
        }
        let Json::Object(mut document) = document else { return Err("is not a JSON object".to_owned()) };
        for (key, only) in [("schemaVersion", SCHEMA_VERSION), ("sessionType", SESSION_TYPE)] {
            match document.get(key) {
                Some(Json::String(found)) if found == only => {}
                Some(found) => return Err(format!("has the {key} {found}, and preferences have \"{only}\"")),
                None => return Err(format!("has no {key}")),
            }
        }
        match document.remove("inputs") {
            Some(Json::Object(inputs)) => Ok(Self(inputs)),
            Some(_) => Err("has inputs that are not an object".to_owned()),
            None => Err("has no inputs".to_owned()),
        }
    }

    /// The inputs as AWS sent them.
    pub fn as_json(&self) -> &Map<String, Json> {
        &self.0
    }

    /// The value of an input, of a setting of this kind. A key that is missing and an empty text are the same; of a boolean they are `false`, as Systems
    /// Manager's agent reads it.
    ///
    /// Source: `parameters.go` of amazon-ssm-agent, `ConvertToBool`; AWS Systems Manager User Guide, "Session document schema".
    ///
    /// # Errors
    ///
    /// Why the input has no value that is understood.
    pub(super) fn value(&self, input: Input, kind: SettingKind, own: OwnTarget<'_>) -> Result<Value, String> {
        let found = match (self.0.get(input.key), input.part) {
            (found, None) => found,
            (None, Some(_)) => None,
            (Some(Json::Object(parts)), Some(part)) => parts.get(part),
            (Some(other), Some(_)) => return Err(unknown(input, other)),
        };
        let value = match found {
            None => Some(absent(kind)),
            Some(Json::String(text)) if text.is_empty() => Some(absent(kind)),
            Some(Json::String(text)) => Value::parameter(text)
                .or_else(|| if input.names_key { Some(own.key(text)) } else { from_text(kind, text) }),
            Some(Json::Bool(on)) => Some(Value::Bool(*on)).filter(|_| kind == SettingKind::Bool),
            Some(Json::Number(number)) => {
                Some(number.to_string()).filter(|_| kind.bounds().is_some()).and_then(|text| from_text(kind, &text))
            }
            Some(Json::Null | Json::Array(_) | Json::Object(_)) => None,
        };
        value.ok_or_else(|| found.map_or_else(String::new, |found| unknown(input, found)))
    }
}

/// The value of a setting whose key is missing, or whose document is.
pub(super) fn absent(kind: SettingKind) -> Value {
    if kind == SettingKind::Bool { Value::Bool(false) } else { Value::Unset }
}

fn from_text(kind: SettingKind, text: &str) -> Option<Value> {
    match kind {
        SettingKind::Text(_) => Some(Value::from_text(text)),
        SettingKind::Minutes { .. } => kind.parse_number(text),
        _ => kind.parse(text),
    }
}

fn unknown(input: Input, found: &Json) -> String {
    format!("the input {} is {found}, which is not understood", input.path())
}

/// The place of a setting among the inputs.
///
/// Source: AWS Systems Manager User Guide, "Session document schema", `inputs`.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    key: &'static str,
    part: Option<&'static str>,
    /// Whether its text names a KMS key, which has an id and an ARN.
    names_key: bool,
}

impl Input {
    /// The input of this key.
    pub(super) const fn new(key: &'static str) -> Self {
        Self { key, part: None, names_key: false }
    }

    /// A part of the input.
    pub(super) const fn part(self, part: &'static str) -> Self {
        Self { part: Some(part), ..self }
    }

    /// The input, whose text names a KMS key.
    pub(super) const fn naming_key(self) -> Self {
        Self { names_key: true, ..self }
    }

    /// The path of the input: `shellProfile.linux`.
    pub(super) fn path(self) -> String {
        let Self { key, part, .. } = self;
        part.map_or_else(|| key.to_owned(), |part| format!("{key}.{part}"))
    }
}

/// The account and Region that a document belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnTarget<'a> {
    pub(super) account: AccountId,
    pub(super) region: &'a Region,
}

impl OwnTarget<'_> {
    /// The value of a text that names a KMS key: of a key in the own account and Region, the bare id and the ARN are the same.
    /// An alias is only itself, since KMS alone knows its key.
    ///
    /// Source: AWS Key Management Service Developer Guide, "Key identifiers (KeyId)".
    fn key(self, text: &str) -> Value {
        let start = format!("arn:{}:kms:{}:{}:key/", self.region.partition().as_str(), self.region, self.account);
        let other = match text.strip_prefix(&start) {
            Some(id) => Some(id.to_owned()).filter(|id| is_key_id(id)),
            None => is_key_id(text).then(|| format!("{start}{text}")),
        };
        match other {
            Some(other) => Value::OwnKey(Arc::new(OwnKey { written: text.into(), other: other.into() })),
            None => Value::from_text(text),
        }
    }
}

/// Whether a text is the id of a key, as opposed to an ARN or an alias.
fn is_key_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
