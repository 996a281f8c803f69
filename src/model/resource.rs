//! Resources, with the words for each.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A resource that policies declare and driftline reads.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    strum::IntoStaticStr,
    strum::VariantNames,
    strum::VariantArray,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Resource {
    /// The Macie session of an account in a Region.
    #[default]
    MacieSession,
    /// The Session Manager preferences of an account in a Region: the document `SSM-SessionManagerRunShell`.
    SessionManagerPreferences,
    /// The Session Manager sessions of an account in a Region.
    SessionManagerSessions,
}

impl Resource {
    /// Every resource.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for it in JSON and in waivers.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The noun for it in sentences: `Macie session`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::MacieSession => "Macie session",
            Self::SessionManagerPreferences => "Session Manager preferences",
            Self::SessionManagerSessions => "Session Manager sessions",
        }
    }

    /// The noun before what belongs to it: `Macie session's`.
    pub fn possessive(self) -> &'static str {
        match self {
            Self::MacieSession => "Macie session's",
            Self::SessionManagerPreferences => "Session Manager preferences'",
            Self::SessionManagerSessions => "Session Manager sessions'",
        }
    }

    /// The service that it belongs to.
    pub fn service(self) -> &'static str {
        match self {
            Self::MacieSession => "Amazon Macie",
            Self::SessionManagerPreferences | Self::SessionManagerSessions => "Session Manager",
        }
    }

    /// The word in reports for a target as a whole, and in identities. No setting has it as its key.
    pub fn subject(self) -> &'static str {
        match self {
            Self::MacieSession => "session",
            Self::SessionManagerPreferences => "preferences",
            Self::SessionManagerSessions => "sessions",
        }
    }

    /// The label of a setting for people: its key, with the subject before it unless the resource is a Macie session. Resources share
    /// keys. Of the subject it is the subject.
    pub fn label(self, key: &str) -> Cow<'_, str> {
        match self {
            Self::MacieSession => Cow::Borrowed(key),
            _ if key == self.subject() => Cow::Borrowed(key),
            _ => Cow::Owned(format!("{} {key}", self.subject())),
        }
    }

    /// Its type in the manner of AWS CloudFormation, which has none for sessions of Session Manager.
    ///
    /// Sources: AWS CloudFormation User Guide, `AWS::Macie::Session` and `AWS::SSM::Document`; Service Authorization Reference,
    /// "AWS Systems Manager", resource type `session`.
    pub fn aws_type(self) -> &'static str {
        match self {
            Self::MacieSession => "AWS::Macie::Session",
            Self::SessionManagerPreferences => "AWS::SSM::Document",
            Self::SessionManagerSessions => "AWS::SSM::Session",
        }
    }

    /// The key of its declarations in a policy file.
    pub fn policy_key(self) -> &'static str {
        match self {
            Self::MacieSession => "macie_sessions",
            Self::SessionManagerPreferences => "session_manager_preferences",
            Self::SessionManagerSessions => "session_manager_sessions",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}
