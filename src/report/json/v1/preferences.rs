//! Session Manager preferences in the document, in both directions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::diagnostic::quote;
use crate::model::{Evidence, Target};
use crate::report::json::parse_time;
use crate::report::model::whole_seconds;
use crate::resource::session_manager_preferences::{
    DocumentVersion, Inputs, Preferences, PreferencesDocument, is_version_number,
};
use crate::resource::{CompactTimestamp, Reading};

/// Whether a document exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Presence {
    /// There is one.
    Present,
    /// There is none: every setting is unset.
    Absent,
}

/// The document with the Session Manager preferences, `SSM-SessionManagerRunShell`. All null where it was not read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PreferencesResult<'a> {
    /// Whether there is a document.
    pub document: Option<Presence>,
    /// The number of the default version.
    pub default_version: Option<Cow<'a, str>>,
    /// The number of the latest version.
    pub latest_version: Option<Cow<'a, str>>,
    /// The inputs of the default version, as AWS has them.
    #[schemars(with = "Option<BTreeMap<String, Json>>")]
    pub inputs: Option<Cow<'a, Map<String, Json>>>,
    /// The inputs of the latest version; null if that is the default version.
    #[schemars(with = "Option<BTreeMap<String, Json>>")]
    pub latest_inputs: Option<Cow<'a, Map<String, Json>>>,
    /// When the default version was made.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<Cow<'a, str>>,
}

/// The document behind a reading of preferences, without anything where nothing was read.
pub(super) fn preferences(reading: &Reading) -> PreferencesResult<'_> {
    let Reading::Preferences(preferences) = reading else { return PreferencesResult::default() };
    let Some(document) = preferences.document() else {
        return PreferencesResult { document: Some(Presence::Absent), ..PreferencesResult::default() };
    };
    let PreferencesDocument { default, latest, created_at, .. } = document;
    PreferencesResult {
        document: Some(Presence::Present),
        default_version: Some((&*default.number).into()),
        latest_version: Some((&*latest.as_ref().unwrap_or(default).number).into()),
        inputs: Some(Cow::Borrowed(default.inputs.as_json())),
        latest_inputs: latest.as_ref().map(|version| Cow::Borrowed(version.inputs.as_json())),
        created_at: created_at.map(|time| whole_seconds(time.timestamp()).to_string().into()),
    }
}

/// The reading behind the document, or behind the `answer` that there is none.
///
/// # Errors
///
/// What does not fit.
pub(super) fn reading(
    target: &Target,
    saved: &PreferencesResult<'_>,
    answer: Option<Evidence>,
) -> Result<Reading, String> {
    let preferences = match (saved.document, answer) {
        (Some(Presence::Present), None) => Preferences::Present(document(target, saved)?),
        (Some(Presence::Absent), Some(answer)) if saved.has_nothing_else() => Preferences::Absent(answer),
        (Some(Presence::Absent), _) => {
            return Err("`preferences`: there is no document, and how that is known makes no sense".to_owned());
        }
        (Some(Presence::Present), Some(_)) => {
            return Err("`evidence`: a document that was read needs none".to_owned());
        }
        (None, _) => return Err("`preferences.document`: it is neither there nor unread".to_owned()),
    };
    Ok(Reading::Preferences(preferences.into()))
}

impl PreferencesResult<'_> {
    /// Whether it says nothing of a document.
    fn has_nothing_else(&self) -> bool {
        *self == Self { document: self.document, ..Self::default() }
    }

    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.document.is_none() && self.has_nothing_else()
    }
}

fn document(target: &Target, saved: &PreferencesResult<'_>) -> Result<PreferencesDocument, String> {
    let PreferencesResult { default_version, latest_version, inputs, latest_inputs, .. } = saved;
    let default = version("", default_version.as_deref(), inputs.as_deref())?;
    let latest = match latest_inputs {
        Some(_) => Some(version("latest_", latest_version.as_deref(), latest_inputs.as_deref())?),
        None if latest_version == default_version => None,
        None => return Err("`preferences.latest_inputs`: the latest version is another one".to_owned()),
    };
    if latest.as_ref().is_some_and(|latest| latest.number == default.number) {
        return Err("`preferences.latest_inputs`: the latest version is the default one".to_owned());
    }
    let time = saved.created_at.as_deref().map(parse_time).transpose();
    let time = time.map_err(|what| format!("`preferences.created_at`: {what}"))?;
    let created_at = time.and_then(CompactTimestamp::from_timestamp);
    Ok(PreferencesDocument::new(target, default, latest).with_created_at(created_at))
}

fn version(prefix: &str, number: Option<&str>, inputs: Option<&Map<String, Json>>) -> Result<DocumentVersion, String> {
    let name = if prefix.is_empty() { "default_version" } else { "latest_version" };
    let number = number.unwrap_or_default();
    if !is_version_number(number) {
        return Err(format!("`preferences.{name}`: \"{}\" is no number of a version", quote(number)));
    }
    let Some(inputs) = inputs else { return Err(format!("`preferences.{prefix}inputs`: there are none")) };
    Ok(DocumentVersion { number: number.into(), inputs: Arc::new(Inputs::new(inputs.clone())) })
}
