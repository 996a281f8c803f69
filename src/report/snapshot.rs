//! Readings in a file: what `driftline snapshot` saves, for policies that are tried without AWS.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::json::{
    BySetting, Caller, EvidenceResult, Live, PreferencesResult, ReadingFields, UnreadEvidence, evidence, live,
    not_applicable_settings, parse, parse_time, preferences, unread, unread_settings, with_not_applicable_settings,
    with_unread_settings,
};
use super::model::whole_seconds;
use super::saved_sessions::SavedSessions;
use crate::diagnostic::{
    DocumentHead, DocumentKind, Envelope, HeadError, OtherVersion, truncate_line, write_json_line,
};
use crate::model::{AccountId, Environment, Resource, Target};
use crate::resource::session_manager_sessions::Sessions;
use crate::resource::{Reading, SettingKey};

/// The version of the snapshot format.
pub const SNAPSHOT_VERSION: u32 = 1;

const SNAPSHOT: DocumentKind =
    DocumentKind { format: "driftline.snapshot", version: SNAPSHOT_VERSION, title: "driftline snapshot" };

/// Readings of targets, and how they came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// When the first question was asked.
    pub taken_at: Timestamp,
    /// Which AWS it was.
    pub source: Environment,
    /// Whose credentials the run started with.
    pub caller: Option<crate::aws::Caller>,
    /// The readings.
    pub readings: BTreeMap<Target, Reading>,
}

/// What was learnt of targets at one time, without any policy. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// When the first question was asked: UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    taken_at: Cow<'a, str>,
    /// Which AWS it was.
    source: Environment,
    /// Null if that was not learnt.
    caller: Option<Caller<'a>>,
    /// Each target once, sorted by account, Region, resource.
    #[schemars(with = "Vec<Taken<'a>>")]
    targets: EachTarget<'a>,
}

/// The reading of one target.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Taken<'a> {
    /// The resource.
    #[serde(default)]
    resource: Resource,
    /// The account.
    account: AccountId,
    /// The Region.
    region: Cow<'a, str>,
    /// What is live; null where nothing is known or the target does not apply.
    live: Option<Live<'a>>,
    /// The document with the Session Manager preferences; left out for any other resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preferences: Option<PreferencesResult<'a>>,
    /// The sessions of Session Manager; left out of other resources and where nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sessions: Option<SavedSessions<'a>>,
    /// Why nothing is known; null where something is.
    unread: Option<UnreadEvidence<'a>>,
    /// Why the session is known to be off, the document not to exist, or the target not to apply, or the source of its status; null
    /// elsewhere.
    evidence: Option<EvidenceResult<'a>>,
    /// Why a setting is unread of a target that is known otherwise, by the key of the setting; left out where there is none.
    #[serde(default, skip_serializing_if = "BySetting::is_empty")]
    unread_settings: BySetting<UnreadEvidence<'a>>,
    /// The settings that a target does not have although its session is on; left out where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_applicable_settings: Vec<SettingKey>,
}

impl Taken<'_> {
    /// The target in words. Macie sessions come without their resource, as in snapshots that have none.
    fn place(&self) -> String {
        let resource =
            if self.resource == Resource::default() { String::new() } else { format!(", {}", self.resource) };
        format!("{}/{}{resource}", self.account, self.region.escape_debug())
    }

    fn reading(&self, target: &Target) -> Result<Reading, String> {
        let saved = ReadingFields {
            target,
            live: self.live.as_ref(),
            preferences: self.preferences.as_ref(),
            sessions: self.sessions.as_ref().map(SavedSessions::parse).transpose()?.map(Sessions::Listed),
            evidence: self.evidence.as_ref(),
            unread: self.unread.as_ref(),
        };
        let reading = with_unread_settings(saved.reading()?, &self.unread_settings)?;
        with_not_applicable_settings(reading, &self.not_applicable_settings)
    }
}

/// Targets are converted one by one while they are written: there may be hundreds of thousands.
struct EachTarget<'a>(&'a BTreeMap<Target, Reading>);

impl Serialize for EachTarget<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(target, reading)| Taken {
            resource: target.resource,
            account: target.account,
            region: target.region.as_str().into(),
            live: live(reading),
            preferences: preferences(target.resource, reading),
            sessions: match reading {
                Reading::Sessions(sessions) => sessions.listed().map(SavedSessions::from),
                _ => None,
            },
            unread: match reading {
                Reading::Unread(why) => Some(unread(why)),
                _ => None,
            },
            evidence: evidence(reading),
            unread_settings: unread_settings(reading),
            not_applicable_settings: not_applicable_settings(reading),
        }))
    }
}

#[derive(Deserialize)]
struct Saved {
    taken_at: String,
    source: Environment,
    caller: Option<Caller<'static>>,
    targets: Vec<Taken<'static>>,
}

/// Why a text is no snapshot that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, or not to its end.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// Something else than a snapshot.
    #[error("it is not a snapshot of driftline: {0}")]
    NotASnapshot(String),
    /// One of another version.
    #[error(transparent)]
    OtherVersion(OtherVersion),
    /// One that is not sound.
    #[error("it is not a sound snapshot: {0}")]
    Unsound(String),
}

impl Snapshot {
    /// Reads a snapshot back.
    ///
    /// # Errors
    ///
    /// Why there is none in the text.
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        let head: DocumentHead =
            serde_json::from_str(text).map_err(|error| SnapshotError::NotJson(truncate_line(&error.to_string())))?;
        head.check(SNAPSHOT.format, SNAPSHOT.version).map_err(|error| match error {
            HeadError::OtherVersion(version) => SnapshotError::OtherVersion(version),
            other => SnapshotError::NotASnapshot(other.to_string()),
        })?;
        let unsound = |what: String| SnapshotError::Unsound(head.explain(&what));
        let saved: Saved = parse(text).map_err(unsound)?;
        let taken_at = parse_time(&saved.taken_at).map_err(|what| unsound(format!("`taken_at`: {what}")))?;
        let mut readings = BTreeMap::new();
        for taken in saved.targets {
            let place = taken.place();
            let region =
                taken.region.parse().map_err(|_| unsound(format!("{place} is no target: that is no Region")))?;
            let target = Target::new(taken.resource, taken.account, region);
            let reading = taken.reading(&target).map_err(|what| unsound(format!("{place}: {what}")))?;
            if readings.insert(target, reading).is_some() {
                return Err(unsound(format!("{place} stands twice")));
            }
        }
        let caller = match saved.caller {
            Some(caller) => {
                let known = crate::aws::Caller::from_arn(&caller.arn).filter(|known| known.account == caller.account);
                Some(known.ok_or_else(|| unsound("its caller is no user or role of that account".to_owned()))?)
            }
            None => None,
        };
        Ok(Self { taken_at, source: saved.source, caller, readings })
    }

    /// Writes the snapshot as one JSON object and a line feed.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let body = Document {
            taken_at: whole_seconds(self.taken_at).to_string().into(),
            source: self.source,
            caller: self.caller.as_ref().map(Caller::from),
            targets: EachTarget(&self.readings),
        };
        write_json_line(&Envelope::new(SNAPSHOT, body), out)
    }
}

/// The JSON Schema (draft 2020-12) of a snapshot. It lets unknown fields pass, as readers must.
pub fn snapshot_schema() -> serde_json::Value {
    SNAPSHOT.schema::<Document<'_>>()
}
