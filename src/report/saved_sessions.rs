//! Session Manager sessions in a snapshot: all of them, so that any rule can be tried.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::quote;
use crate::resource::session_manager_sessions::{Session, SessionList, SessionTexts};

/// The sessions of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct SavedSessions<'a> {
    /// When the reading began: durations and windows count from it. UTC, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    read_at: Cow<'a, str>,
    /// How far back ended sessions are listed, such as `30d`; null where only active ones are.
    ended_within: Option<Cow<'a, str>>,
    /// The sessions, sorted by id.
    list: Vec<SavedSession<'a>>,
}

/// A session, as AWS lists it. What is missing there is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct SavedSession<'a> {
    /// The `SessionId`.
    id: Cow<'a, str>,
    /// Whether it is in AWS's history, as opposed to the active sessions.
    ended: bool,
    /// The `StartDate`: UTC, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    started_at: Option<Cow<'a, str>>,
    /// The `EndDate`: UTC, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    ended_at: Option<Cow<'a, str>>,
    /// The `AccessType`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_type: Option<Cow<'a, str>>,
    /// The `DocumentName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document_name: Option<Cow<'a, str>>,
    /// The `MaxSessionDuration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_session_duration: Option<Cow<'a, str>>,
    /// The `Owner`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Cow<'a, str>>,
    /// The `Reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    /// The `Status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Cow<'a, str>>,
    /// The `Target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<Cow<'a, str>>,
    /// The `Details`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<Cow<'a, str>>,
    /// The `S3OutputUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s3_output_url: Option<Cow<'a, str>>,
    /// The `CloudWatchOutputUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cloudwatch_output_url: Option<Cow<'a, str>>,
}

impl<'a> From<&'a SessionList> for SavedSessions<'a> {
    fn from(list: &'a SessionList) -> Self {
        Self {
            read_at: list.read_at().to_string().into(),
            ended_within: list.ended_within().map(|window| window.as_str().into()),
            list: list.iter().map(SavedSession::from).collect(),
        }
    }
}

impl<'a> From<Session<'a>> for SavedSession<'a> {
    fn from(Session { id, is_ended, started_at, ended_at, texts }: Session<'a>) -> Self {
        let text = |text: Option<&'a str>| text.map(Cow::Borrowed);
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string().into());
        Self {
            id: id.into(),
            ended: is_ended,
            started_at: time(started_at),
            ended_at: time(ended_at),
            access_type: text(texts.access_type),
            document_name: text(texts.document_name),
            max_session_duration: text(texts.max_session_duration),
            owner: text(texts.owner),
            reason: text(texts.reason),
            status: text(texts.status),
            target: text(texts.target),
            details: text(texts.details),
            s3_output_url: text(texts.s3_output_url),
            cloudwatch_output_url: text(texts.cloudwatch_output_url),
        }
    }
}

impl SavedSessions<'_> {
    /// The sessions behind it.
    ///
    /// # Errors
    ///
    /// The field that makes no sense.
    pub(super) fn parse(&self) -> Result<SessionList, String> {
        let window = |text: &str| {
            text.parse().map_err(|_| format!("`sessions.ended_within`: \"{}\" is no window such as 24h", quote(text)))
        };
        let ended_within = self.ended_within.as_deref().map(window).transpose()?;
        let read_at = time("sessions.read_at", &self.read_at)?;
        let sessions = self.list.iter().map(SavedSession::session).collect::<Result<Vec<_>, String>>()?;
        let list = SessionList::new(read_at, ended_within, sessions);
        if list.iter().len() == self.list.len() {
            Ok(list)
        } else {
            Err("`sessions.list`: a session stands twice, or ended before `ended_within`".to_owned())
        }
    }
}

impl SavedSession<'_> {
    fn session(&self) -> Result<Session<'_>, String> {
        let optional =
            |field: &str, text: &Option<Cow<'_, str>>| text.as_deref().map(|text| time(field, text)).transpose();
        Ok(Session {
            id: &self.id,
            is_ended: self.ended,
            started_at: optional("started_at", &self.started_at)?,
            ended_at: optional("ended_at", &self.ended_at)?,
            texts: SessionTexts {
                access_type: self.access_type.as_deref(),
                document_name: self.document_name.as_deref(),
                max_session_duration: self.max_session_duration.as_deref(),
                owner: self.owner.as_deref(),
                reason: self.reason.as_deref(),
                status: self.status.as_deref(),
                target: self.target.as_deref(),
                details: self.details.as_deref(),
                s3_output_url: self.s3_output_url.as_deref(),
                cloudwatch_output_url: self.cloudwatch_output_url.as_deref(),
            },
        })
    }
}

/// A time with whatever fraction of a second AWS gave.
fn time(field: &str, text: &str) -> Result<Timestamp, String> {
    let time = text.parse::<Timestamp>().ok().filter(|time| time.to_string() == text);
    time.ok_or_else(|| format!("`{field}`: \"{}\" is no time such as 2027-03-31T12:00:00Z", quote(text)))
}
