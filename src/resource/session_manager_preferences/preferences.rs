//! The Session Manager preferences of an account in a Region, as they were read.

use std::sync::Arc;

use super::inputs::{Input, Inputs, OwnTarget, absent};
use crate::model::{
    AccountId, Evidence, LiveValue, Region, Resource, SettingId, SettingKind, Settings, Target, Unread, UnreadReason,
    Value, VersionedValues,
};
use crate::resource::macie_session::CompactTimestamp;
use crate::resource::{ReadBy, Setting};

/// The beginning of a message about an input of a version.
const IN_VERSION: &str = "in version ";

/// The beginning of a message about a whole version.
const DOCUMENT: &str = "the document SSM-SessionManagerRunShell, version ";

/// The message about a version that is none of preferences.
pub(super) fn fault_of_document(version: &str, what: &str) -> String {
    format!("{DOCUMENT}{version}, {what}")
}

/// Whether preferences are unread for what the account itself wrote into the document, as opposed to an answer that makes no sense.
pub fn is_fault_of_document(resource: Resource, unread: &Unread) -> bool {
    let Evidence { code, message, .. } = &unread.evidence;
    let is_about_document = |message: &str| message.starts_with(IN_VERSION) || message.starts_with(DOCUMENT);
    resource == Resource::SessionManagerPreferences
        && unread.reason == UnreadReason::Unintelligible
        && code.is_none()
        && message.as_deref().is_some_and(is_about_document)
}

/// What was read of the preferences document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preferences {
    /// There is none, by this answer. Every setting is unset then; Session Manager works without.
    Absent(Evidence),
    /// There is one.
    Present(PreferencesDocument),
}

/// The versions of a preferences document that may take effect: the default and the latest one. AWS does not document from which
/// of them a session takes its preferences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferencesDocument {
    account: AccountId,
    region: Region,
    /// The default version.
    pub default: DocumentVersion,
    /// The latest version, if it is another one.
    pub latest: Option<DocumentVersion>,
    /// When the default version was made, if AWS says so.
    pub created_at: Option<CompactTimestamp>,
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Its number.
    pub number: Arc<str>,
    /// Its inputs.
    pub inputs: Arc<Inputs>,
}

/// The input that holds a setting; `None` if it is no setting of this resource.
pub(super) fn input_of(setting: SettingId) -> Option<Input> {
    match Setting::for_id(setting)?.read {
        ReadBy::Input(input) => Some(input),
        _ => None,
    }
}

impl PreferencesDocument {
    /// The document of a target.
    pub fn new(target: &Target, default: DocumentVersion, latest: Option<DocumentVersion>) -> Self {
        let Target { account, region, .. } = target;
        Self { account: *account, region: region.clone(), default, latest, created_at: None }
    }

    /// The document, whose default version was made at this time.
    #[must_use]
    pub fn with_created_at(self, created_at: Option<CompactTimestamp>) -> Self {
        Self { created_at, ..self }
    }

    fn value(&self, version: &DocumentVersion, input: Input, kind: SettingKind) -> Result<Value, Unread> {
        let own = OwnTarget { account: self.account, region: &self.region };
        version.inputs.value(input, kind, own).map_err(|what| {
            Unread::local(UnreadReason::Unintelligible, format!("{IN_VERSION}{}, {what}", version.number))
        })
    }

    /// The live value: one, or that of each version where they differ.
    fn live(&self, input: Input, kind: SettingKind) -> Result<LiveValue, Unread> {
        let default = self.value(&self.default, input, kind)?;
        let Some(version) = &self.latest else { return Ok(default.into()) };
        let latest = self.value(version, input, kind)?;
        if default.is_same(&latest) {
            return Ok(default.into());
        }
        Ok(LiveValue::Versions(Box::new(VersionedValues {
            default,
            default_version: Arc::clone(&self.default.number),
            latest,
            latest_version: Arc::clone(&version.number),
        })))
    }
}

impl Preferences {
    /// What is live of one setting, or why that was not understood; `None` if it is no setting of this resource.
    pub fn live(&self, setting: SettingId) -> Option<Result<LiveValue, Unread>> {
        let (input, kind) = (input_of(setting)?, setting.spec().kind);
        Some(match self {
            Self::Absent(_) => Ok(absent(kind).into()),
            Self::Present(document) => document.live(input, kind),
        })
    }

    /// Whether the value of some of these settings was not understood.
    pub fn is_partly_unread(&self, settings: Settings) -> bool {
        settings.iter().any(|setting| matches!(self.live(setting), Some(Err(_))))
    }

    /// The answer that says that there is no document.
    pub fn absence(&self) -> Option<&Evidence> {
        match self {
            Self::Absent(evidence) => Some(evidence),
            Self::Present(_) => None,
        }
    }

    /// The document, if there is one.
    pub fn document(&self) -> Option<&PreferencesDocument> {
        match self {
            Self::Absent(_) => None,
            Self::Present(document) => Some(document),
        }
    }
}
