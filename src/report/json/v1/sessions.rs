//! Session Manager sessions in the document: their numbers, and those that violate a rule.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::quote;
use crate::report::json::parse_time;
use crate::report::model::whole_seconds;
use crate::resource::session_manager_sessions::{self as sessions, ViolatingSessions};

/// The numbers of the sessions that the rules of a target are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SessionCounts<'a> {
    /// The active ones.
    pub active: usize,
    /// Those that ended within the declared window before the reading.
    pub ended: usize,
    /// The declared window, such as `24h`; null where rules are about active sessions only.
    pub ended_within: Option<Cow<'a, str>>,
    /// When the reading began: durations and the window count from it. UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    pub read_at: Cow<'a, str>,
}

/// A session that violates a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ViolatingSession<'a> {
    /// The `SessionId`, which is unique in an account and Region.
    pub id: Cow<'a, str>,
    /// The node.
    pub target: Option<Cow<'a, str>>,
    /// The ARN of who started it.
    pub owner: Option<Cow<'a, str>>,
    /// The value that the rule does not accept; null where the rule is about the number of sessions.
    pub value: Option<Cow<'a, str>>,
    /// When it started.
    #[schemars(extend("format" = "date-time"))]
    pub started_at: Option<Cow<'a, str>>,
    /// When it ended; null of an active one.
    #[schemars(extend("format" = "date-time"))]
    pub ended_at: Option<Cow<'a, str>>,
    /// What AWS has in `Details`, which it reserves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Cow<'a, str>>,
    /// What AWS has in `OutputUrl`, which it reserves.
    #[serde(default, skip_serializing_if = "OutputUrl::is_empty")]
    pub output_url: OutputUrl<'a>,
}

/// Where the output of a session is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OutputUrl<'a> {
    /// That in Amazon S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<Cow<'a, str>>,
    /// That in Amazon CloudWatch Logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloudwatch: Option<Cow<'a, str>>,
}

impl OutputUrl<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.s3.is_none() && self.cloudwatch.is_none()
    }
}

impl<'m> From<&'m sessions::SessionCounts> for SessionCounts<'m> {
    fn from(counts: &'m sessions::SessionCounts) -> Self {
        Self {
            active: counts.active,
            ended: counts.ended,
            ended_within: counts.ended_within.as_ref().map(|window| window.as_str().into()),
            read_at: seconds(counts.read_at),
        }
    }
}

impl<'m> From<&'m sessions::ViolatingSession> for ViolatingSession<'m> {
    fn from(session: &'m sessions::ViolatingSession) -> Self {
        Self {
            id: (&*session.id).into(),
            target: borrowed(session.target.as_deref()),
            owner: borrowed(session.owner.as_deref()),
            value: borrowed(session.value.as_deref()),
            started_at: session.started_at.map(seconds),
            ended_at: session.ended_at.map(seconds),
            details: borrowed(session.details.as_deref()),
            output_url: OutputUrl {
                s3: borrowed(session.s3_output_url.as_deref()),
                cloudwatch: borrowed(session.cloudwatch_output_url.as_deref()),
            },
        }
    }
}

impl SessionCounts<'_> {
    /// The numbers behind it.
    ///
    /// # Errors
    ///
    /// The field that makes no sense.
    pub(super) fn parse(&self) -> Result<sessions::SessionCounts, String> {
        let window = |text: &str| {
            text.parse().map_err(|_| format!("`sessions.ended_within`: \"{}\" is no window such as 24h", quote(text)))
        };
        let ended_within = self.ended_within.as_deref().map(window).transpose()?;
        if ended_within.is_none() && self.ended > 0 {
            return Err("`sessions.ended`: there are ended sessions, and no `ended_within`".to_owned());
        }
        let read_at = parse_time(&self.read_at).map_err(|what| format!("`sessions.read_at`: {what}"))?;
        Ok(sessions::SessionCounts { active: self.active, ended: self.ended, ended_within, read_at })
    }
}

impl ViolatingSession<'_> {
    fn parse(&self) -> Result<sessions::ViolatingSession, String> {
        let time = |text: Option<&str>| text.map(parse_time).transpose();
        Ok(sessions::ViolatingSession {
            id: (&*self.id).into(),
            target: owned(self.target.as_deref()),
            owner: owned(self.owner.as_deref()),
            value: owned(self.value.as_deref()),
            started_at: time(self.started_at.as_deref())?,
            ended_at: time(self.ended_at.as_deref())?,
            details: owned(self.details.as_deref()),
            s3_output_url: owned(self.output_url.s3.as_deref()),
            cloudwatch_output_url: owned(self.output_url.cloudwatch.as_deref()),
        })
    }
}

/// The sessions that violate a rule; `None` where the document has none of the three fields.
///
/// # Errors
///
/// The field that makes no sense, or is missing beside the others.
pub(super) fn violating(
    saved: Option<&[ViolatingSession<'_>]>,
    more: Option<usize>,
    digest: Option<&str>,
) -> Result<Option<ViolatingSessions>, String> {
    match (saved, more, digest) {
        (None, None, None) => Ok(None),
        (Some(saved), Some(more), Some(digest)) => {
            let sessions: Result<_, String> = saved.iter().map(ViolatingSession::parse).collect();
            let sessions = sessions.map_err(|what| format!("`sessions`: {what}"))?;
            Ok(Some(ViolatingSessions { sessions, more, digest: digest.into() }))
        }
        _ => Err("`sessions`, `sessions_more` and `sessions_digest`: one stands without the others".to_owned()),
    }
}

fn seconds(time: Timestamp) -> Cow<'static, str> {
    whole_seconds(time).to_string().into()
}

fn borrowed(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

fn owned(text: Option<&str>) -> Option<Box<str>> {
    text.map(Into::into)
}
