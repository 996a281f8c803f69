//! Session Manager when the world begins: the versions of the preferences document, and sessions.

use std::borrow::Cow;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use strum::{EnumString, VariantNames};

use crate::account_id::AccountId;
use crate::region::{ByRegion, Region};
use crate::world::recipe::{ADMINISTRATOR, account};
use crate::world::session::{Sampler, mix};

/// The name of the document with the preferences of an account in a Region.
///
/// Source: AWS Systems Manager User Guide, "Create Session Manager preferences".
pub(crate) const PREFERENCES_DOCUMENT: &str = "SSM-SessionManagerRunShell";

/// The status of a version that can be used.
pub(crate) const ACTIVE: &str = "Active";

/// The streams of the preferences and of the sessions of a generated world, and of the form of preferences.
const PREFERENCES_STREAM: u64 = 2;
const SESSIONS_STREAM: u64 = 3;
const FORM_STREAM: u64 = 4;

/// Session Manager of one account.
#[derive(Debug)]
pub(crate) enum SessionManager {
    /// That of a world file. Without versions there is no document.
    Listed { preferences: ByRegion<Vec<DocumentVersion>>, sessions: ByRegion<SessionList> },
    /// That of a generated world, with the number of sessions that are active, and of those that ended.
    Sampled { sampler: Sampler, sessions: u32 },
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentVersion {
    pub(crate) content: String,
    pub(crate) format: DocumentFormat,
    /// `Session`, or that of another document under the name of the preferences.
    pub(crate) document_type: String,
    pub(crate) created_at: Option<Timestamp>,
    /// Source of the words: AWS Systems Manager API Reference, DocumentDescription, `Status`.
    pub(crate) status: String,
    /// The number of reads of the document after which the status is `Active`.
    pub(crate) active_after: Option<NonZeroU32>,
    pub(crate) status_information: Option<String>,
    pub(crate) is_default: bool,
}

/// The format of a document, as the API spells it. Session documents have no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, VariantNames)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum DocumentFormat {
    #[default]
    Json,
    Yaml,
}

/// The sessions of an account in a Region.
#[derive(Debug, Clone)]
pub(crate) enum SessionList {
    Listed(Vec<ManagedSession>),
    /// So many, made up.
    Counted(Counts),
}

/// The numbers of made-up sessions.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) active: u32,
    pub(crate) ended: u32,
    /// Whether the sessions differ in status and kind of target.
    #[serde(skip)]
    vary: bool,
    /// Whether the first session has no reason, is not just in time and lasts too long.
    #[serde(skip)]
    drifts: bool,
}

/// A session of Session Manager. What it does not have is missing in AWS's answer too.
///
/// Source: AWS Systems Manager API Reference, Session.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all(serialize = "PascalCase"))]
pub(crate) struct ManagedSession {
    /// Made up, if empty.
    #[serde(rename(serialize = "SessionId"))]
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<String>,
    pub(crate) output_url: OutputUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_session_duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_type: Option<String>,
    #[serde(skip_serializing)]
    pub(crate) started: Option<SessionTime>,
    #[serde(skip_serializing)]
    pub(crate) ended: Option<SessionTime>,
    /// The number of answers of DescribeSessions after which it ends.
    #[serde(skip_serializing)]
    pub(crate) ends_after: Option<NonZeroU32>,
}

/// Reserved by AWS.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OutputUrl {
    #[serde(rename(serialize = "S3OutputUrl"), skip_serializing_if = "Option::is_none")]
    s3: Option<String>,
    #[serde(rename(serialize = "CloudWatchOutputUrl"), skip_serializing_if = "Option::is_none")]
    cloudwatch: Option<String>,
}

/// A moment of a session: `2026-01-31T12:00:00Z`, or `90m` before the simulation started.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum SessionTime {
    At(Timestamp),
    Ago(SignedDuration),
}

impl TryFrom<String> for SessionTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let length = || text.parse().ok().filter(|length: &SignedDuration| !length.is_negative());
        let time = text.parse().map(Self::At).ok().or_else(|| length().map(Self::Ago));
        time.ok_or_else(|| {
            format!("{text:?} is neither a moment such as 2026-01-31T12:00:00Z nor a time ago such as 90m")
        })
    }
}

impl SessionTime {
    /// The moment in a simulation that started at another.
    pub(crate) fn moment(self, start: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(length) => start.saturating_sub(length).unwrap_or(start),
        }
    }
}

impl Default for SessionManager {
    fn default() -> Self {
        Self::Listed { preferences: ByRegion::default(), sessions: ByRegion::default() }
    }
}

impl Default for SessionList {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl SessionManager {
    /// The versions of the preferences document, oldest first.
    pub(crate) fn preferences(&self, id: AccountId, region: Region) -> Vec<DocumentVersion> {
        match self {
            Self::Listed { preferences, .. } => preferences.get(region).clone(),
            Self::Sampled { sampler, .. } => sampled_preferences(*sampler, id, region),
        }
    }

    /// The sessions, active and ended ones.
    pub(crate) fn sessions(&self, region: Region) -> Cow<'_, SessionList> {
        match self {
            Self::Listed { sessions, .. } => Cow::Borrowed(sessions.get(region)),
            Self::Sampled { sampler, sessions } => {
                let count = if sampler.number(region).is_some() { *sessions } else { 0 };
                let drifts = sampler.drift(SESSIONS_STREAM, region).is_some();
                Cow::Owned(SessionList::Counted(Counts { active: count, ended: count, vary: true, drifts }))
            }
        }
    }
}

impl DocumentVersion {
    /// An active version in JSON.
    pub(crate) fn new(content: String) -> Self {
        Self {
            content,
            format: DocumentFormat::Json,
            document_type: "Session".to_owned(),
            created_at: None,
            status: ACTIVE.to_owned(),
            active_after: None,
            status_information: None,
            is_default: false,
        }
    }

    /// The content with these inputs and parameters that the console writes.
    ///
    /// Source: AWS Systems Manager User Guide, "Create Session Manager preferences".
    pub(crate) fn content(inputs: &Map<String, Value>, parameters: Option<&Map<String, Value>>) -> String {
        let mut content = json!({
            "schemaVersion": "1.0",
            "description": "Document to hold regional settings for Session Manager",
            "sessionType": "Standard_Stream",
            "inputs": inputs,
        });
        if let Some(parameters) = parameters {
            content["parameters"] = json!(parameters);
        }
        format!("{content:#}")
    }
}

/// A document that logs all sessions and ends them in time; of those that drift, a quarter each lacks, logs nowhere, ends
/// idle sessions late, or does so only by default.
fn sampled_preferences(sampler: Sampler, id: AccountId, region: Region) -> Vec<DocumentVersion> {
    let Some(form) = sampler.random(FORM_STREAM, region) else { return Vec::new() };
    let log_group = format!("/session-manager/{id}");
    let version = |log_group: &str, idle_timeout: &str| {
        let inputs = written_inputs(form, console_inputs(region, log_group, idle_timeout));
        DocumentVersion::new(DocumentVersion::content(&inputs, None))
    };
    let default = |version: DocumentVersion| DocumentVersion { is_default: true, ..version };
    match sampler.drift(PREFERENCES_STREAM, region).map(|kind| kind % 4) {
        // A document that has been corrected.
        None if form % 8 == 0 => vec![version("", "60"), default(version(&log_group, "20"))],
        None => vec![version(&log_group, "20")],
        Some(0) => Vec::new(),
        Some(1) => vec![version("", "20")],
        Some(2) => vec![version(&log_group, "60")],
        Some(_) => vec![default(version(&log_group, "60")), version(&log_group, "20")],
    }
}

/// All inputs, as the console writes them.
fn console_inputs(region: Region, log_group: &str, idle_timeout: &str) -> Map<String, Value> {
    let inputs = json!({
        "s3BucketName": "",
        "s3KeyPrefix": "",
        "s3EncryptionEnabled": true,
        "cloudWatchLogGroupName": log_group,
        "cloudWatchEncryptionEnabled": true,
        "cloudWatchStreamingEnabled": true,
        "kmsKeyId": format!("arn:aws:kms:{region}:{}:alias/session-manager", account(ADMINISTRATOR)),
        "runAsEnabled": false,
        "runAsDefaultUser": "",
        "idleSessionTimeout": idle_timeout,
        "maxSessionDuration": "720",
        "shellProfile": {"windows": "", "linux": ""},
    });
    inputs.as_object().cloned().unwrap_or_default()
}

/// The same inputs in one of the forms in which they are found: mostly as the console writes them, else without what is empty,
/// or with texts in place of booleans.
fn written_inputs(form: u64, mut inputs: Map<String, Value>) -> Map<String, Value> {
    match form % 8 {
        1 => inputs.retain(|key, value| value != "" && key != "shellProfile"),
        2 => {
            for value in inputs.values_mut() {
                if let Value::Bool(is_on) = *value {
                    *value = is_on.to_string().into();
                }
            }
        }
        _ => {}
    }
    inputs
}

impl SessionList {
    /// Whether one of the sessions ends while the simulation runs.
    pub(crate) fn changes(&self) -> bool {
        matches!(self, Self::Listed(sessions) if sessions.iter().any(|session| session.ends_after.is_some()))
    }

    /// The sessions of a target from a number on, each with its number. Of those made up, only the ended or the active ones.
    pub(crate) fn candidates(
        &self,
        (id, region): (AccountId, Region),
        first: usize,
        are_ended: bool,
    ) -> impl Iterator<Item = (usize, ManagedSession)> {
        let stream = format!("{id} {region}").bytes().fold(0, |stream, byte| mix(stream ^ u64::from(byte)));
        let numbers = match self {
            Self::Listed(sessions) => first..sessions.len(),
            Self::Counted(Counts { active, .. }) if !are_ended => first..*active as usize,
            Self::Counted(Counts { active, ended, .. }) => {
                let active = *active as usize;
                first.max(active)..active + *ended as usize
            }
        };
        numbers.map(move |number| {
            let random = mix(stream ^ number as u64);
            let session = match self {
                Self::Listed(sessions) => sessions.get(number).cloned().unwrap_or_default().with_defaults(random),
                Self::Counted(counts) => counts.session(id, number, random),
            };
            (number, session)
        })
    }
}

/// 17 hexadecimal digits, as ids of AWS have.
fn digits(random: u64) -> String {
    format!("{random:017x}")
}

impl Counts {
    fn session(self, id: AccountId, number: usize, random: u64) -> ManagedSession {
        let name = format!("person-{:02}@example.com", random % 40);
        let minutes = |count: u64| SignedDuration::from_mins(i64::try_from(count).unwrap_or(0));
        let length = minutes(1 + (random >> 8) % 400);
        let ended = (number >= self.active as usize).then(|| minutes(1 + (random >> 20) % (29 * 24 * 60)));
        let is_drifting = self.drifts && number == 0;
        let longer = if is_drifting { minutes(3000) } else { SignedDuration::ZERO };
        let session = ManagedSession {
            id: format!("{name}-{}", digits(random)),
            target: Some(format!("i-{}", digits(mix(random)))),
            owner: Some(format!("arn:aws:sts::{id}:assumed-role/AWSReservedSSO_Operator_0123456789abcdef/{name}")),
            document_name: random.is_multiple_of(2).then(|| PREFERENCES_DOCUMENT.to_owned()),
            reason: (!is_drifting).then(|| format!("CHG-{:06}", (random >> 40) % 1_000_000)),
            max_session_duration: Some("720".to_owned()),
            access_type: Some(if is_drifting { "Standard" } else { "JustInTime" }.to_owned()),
            started: Some(SessionTime::Ago(ended.unwrap_or_default() + length + longer)),
            ended: ended.map(SessionTime::Ago),
            ..ManagedSession::default()
        };
        let session = if self.vary { session.varied(mix(random)) } else { session };
        session.with_defaults(random)
    }
}

impl ManagedSession {
    /// Whether it is in AWS's history when the world begins.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.is_some() || matches!(self.status.as_deref(), Some("Terminated" | "Failed"))
    }

    /// The same session, in a quarter of cases with another status, on a hybrid node or in a container.
    fn varied(mut self, random: u64) -> Self {
        match random % 16 {
            0 => self.status = Some(if self.is_ended() { "Failed" } else { "Disconnected" }.to_owned()),
            1 | 2 => self.target = Some(format!("mi-{}", digits(random))),
            3 => {
                self.target = Some(format!("ecs:applications_{random:016x}{0:016x}_{0:016x}-1", mix(random)));
                self.document_name = Some("AmazonECS-ExecuteInteractiveCommand".to_owned());
            }
            _ => {}
        }
        self
    }

    /// With an id and a status, which every session has.
    fn with_defaults(mut self, random: u64) -> Self {
        if self.id.is_empty() {
            self.id = format!("operator-{}", digits(random));
        }
        if self.status.is_none() {
            self.status = Some(if self.is_ended() { "Terminated" } else { "Connected" }.to_owned());
        }
        self
    }
}
