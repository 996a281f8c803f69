//! Sessions of a target, kept compactly: thousands of targets may have thousands of sessions each.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::model::Window;

/// Session of Session Manager, as AWS lists it. What is missing or empty there is `None` here.
///
/// Source: Systems Manager API Reference, Session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session<'a> {
    /// The `SessionId`, which is unique in an account and Region.
    pub id: &'a str,
    /// Whether it is in AWS's history, as opposed to the active sessions.
    pub is_ended: bool,
    /// The `StartDate`.
    pub started_at: Option<Timestamp>,
    /// The `EndDate`.
    pub ended_at: Option<Timestamp>,
    /// The other fields.
    pub texts: SessionTexts<Option<&'a str>>,
}

/// Fields of a session that are texts, or the places of these texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionTexts<T> {
    /// The `AccessType`.
    pub access_type: T,
    /// The `DocumentName`: missing where the session was started without one.
    pub document_name: T,
    /// The `MaxSessionDuration`, in minutes.
    pub max_session_duration: T,
    /// The `Owner`: the ARN of who started it.
    pub owner: T,
    /// The `Reason`.
    pub reason: T,
    /// The `Status`.
    pub status: T,
    /// The `Target`: the node.
    pub target: T,
    /// The `Details`, which AWS reserves.
    pub details: T,
    /// The `S3OutputUrl`, which AWS reserves.
    pub s3_output_url: T,
    /// The `CloudWatchOutputUrl`, which AWS reserves.
    pub cloudwatch_output_url: T,
}

impl<T> SessionTexts<T> {
    fn map<U>(self, mut each: impl FnMut(T) -> U) -> SessionTexts<U> {
        SessionTexts {
            access_type: each(self.access_type),
            document_name: each(self.document_name),
            max_session_duration: each(self.max_session_duration),
            owner: each(self.owner),
            reason: each(self.reason),
            status: each(self.status),
            target: each(self.target),
            details: each(self.details),
            s3_output_url: each(self.s3_output_url),
            cloudwatch_output_url: each(self.cloudwatch_output_url),
        }
    }
}

/// Every session of a target at one time: the active ones and, if they were listed, those that ended not long before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionList {
    /// When the reading began. Durations and windows count from it.
    read_at: Timestamp,
    /// How far back ended sessions are listed; `None` if only active ones are.
    ended_within: Option<Window>,
    /// The texts of the sessions, each once.
    texts: Box<[Box<str>]>,
    /// The sessions, by id.
    records: Box<[Record]>,
}

/// A session whose texts are places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    id: Box<str>,
    is_ended: bool,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// The place of each text, from 1; 0 for none.
    texts: SessionTexts<u32>,
}

impl SessionList {
    /// The sessions of a target that was read at a time. Of two with one id, the ended one counts: it ended while they were
    /// listed. Sessions that ended before the window are left out.
    pub fn new<'a>(
        read_at: Timestamp,
        ended_within: Option<Window>,
        sessions: impl IntoIterator<Item = Session<'a>>,
    ) -> Self {
        let mut by_id: BTreeMap<&str, Session<'a>> = BTreeMap::new();
        for session in sessions {
            let known = by_id.entry(session.id).or_insert(session);
            if session.is_ended {
                *known = session;
            }
        }
        by_id.retain(|_, session| session.scope(read_at, ended_within.as_ref()) != Scope::Outside);
        let (mut places, mut texts) = (HashMap::<&str, u32>::new(), Vec::<Box<str>>::new());
        let mut place = |text: Option<&'a str>| {
            let Some(text) = text.filter(|text| !text.is_empty()) else { return 0 };
            *places.entry(text).or_insert_with(|| {
                texts.push(text.into());
                u32::try_from(texts.len()).unwrap_or(0)
            })
        };
        let record = |session: Session<'a>| Record {
            id: session.id.into(),
            is_ended: session.is_ended,
            started_at: session.started_at,
            ended_at: session.ended_at,
            texts: session.texts.map(&mut place),
        };
        let records = by_id.into_values().map(record).collect();
        Self { read_at, ended_within, texts: texts.into(), records }
    }

    /// When the reading began.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// How far back ended sessions are listed; `None` if only active ones are.
    pub fn ended_within(&self) -> Option<&Window> {
        self.ended_within.as_ref()
    }

    /// Whether it lists every session that rules with this window are about.
    pub fn covers(&self, window: Option<&Window>) -> bool {
        window <= self.ended_within.as_ref()
    }

    /// The sessions, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Session<'_>> {
        let text = |place: u32| self.texts.get((place as usize).checked_sub(1)?).map(|text| &**text);
        self.records.iter().map(move |record| Session {
            id: &record.id,
            is_ended: record.is_ended,
            started_at: record.started_at,
            ended_at: record.ended_at,
            texts: record.texts.map(text),
        })
    }

    /// The sessions that rules with this window are about, each with whether that is certain.
    pub(super) fn in_scope<'a, 'w>(
        &'a self,
        window: Option<&'w Window>,
    ) -> impl Iterator<Item = (Session<'a>, bool)> + use<'a, 'w> {
        self.iter().filter_map(move |session| match session.scope(self.read_at, window) {
            Scope::Inside => Some((session, true)),
            Scope::Unclear => Some((session, false)),
            Scope::Outside => None,
        })
    }
}

/// Whether rules are about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Inside,
    /// It ended, and AWS does not say when.
    Unclear,
    Outside,
}

impl Session<'_> {
    /// Whether rules with this window are about the session.
    ///
    /// Source: Systems Manager API Reference, DescribeSessions, `State`: the history holds the sessions of the last 30 days.
    fn scope(&self, read_at: Timestamp, window: Option<&Window>) -> Scope {
        let Some(window) = window.filter(|_| self.is_ended) else {
            return if self.is_ended { Scope::Outside } else { Scope::Inside };
        };
        let length = SignedDuration::from_mins(i64::from(window.minutes()));
        let is_within = |time: Timestamp| read_at.duration_since(time) <= length;
        match self.ended_at {
            Some(ended_at) if is_within(ended_at) => Scope::Inside,
            Some(_) => Scope::Outside,
            // It ended after it started, and AWS keeps no older ones.
            None if self.started_at.is_some_and(is_within) || *window == Window::longest() => Scope::Inside,
            None => Scope::Unclear,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The time of reading in tests.
    pub(crate) fn read_at() -> Timestamp {
        "2026-11-28T12:00:00Z".parse().expect("a time")
    }

    /// A time before the reading.
    pub(crate) fn ago(minutes: i64) -> Option<Timestamp> {
        read_at().checked_sub(SignedDuration::from_mins(minutes)).ok()
    }

    /// A session that started and ended so many minutes ago.
    pub(crate) fn ended(id: &str, started: i64, ended: i64) -> Session<'_> {
        Session { is_ended: true, ended_at: ago(ended), ..active(id, started) }
    }

    /// An active session that started so many minutes ago.
    pub(crate) fn active(id: &str, started: i64) -> Session<'_> {
        Session { id, is_ended: false, started_at: ago(started), ended_at: None, texts: SessionTexts::default() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a list may have no window")]
    fn window(text: &str) -> Option<Window> {
        Some(text.parse().expect("a window"))
    }

    #[test]
    fn a_session_that_ends_while_it_is_read_is_listed_once_as_ended() {
        let twice = [active("a", 60), active("b", 60), ended("b", 60, 0), ended("a", 60, 0), active("a", 60)];
        let list = SessionList::new(read_at(), window("1h"), twice);
        let ids: Vec<(&str, bool)> = list.iter().map(|session| (session.id, session.is_ended)).collect();
        assert_eq!(ids, [("a", true), ("b", true)]);
    }

    #[test]
    fn texts_are_held_once_and_given_back() {
        let texts = SessionTexts { owner: Some("o"), reason: Some(""), target: Some("i-1"), ..SessionTexts::default() };
        let sessions = ["a", "b", "c"].map(|id| Session { texts, ..active(id, 1) });
        let list = SessionList::new(read_at(), None, sessions);
        assert_eq!(list.texts.len(), 2);
        let expected = SessionTexts { reason: None, ..texts };
        assert!(list.iter().all(|session| session.texts == expected), "an empty text is none");
    }

    #[test]
    fn a_window_ends_with_the_reading() {
        let sessions =
            [active("active", 90_000), ended("hour", 90, 60), ended("day", 2000, 1440), ended("old", 3000, 1441)];
        let unclear = Session { ended_at: None, ..ended("unclear", 3000, 0) };
        let recent = Session { ended_at: None, ..ended("recent", 30, 0) };
        let list = SessionList::new(read_at(), window("30d"), sessions.into_iter().chain([unclear, recent]));
        let in_scope = |text: Option<&str>| -> Vec<(String, bool)> {
            let window = text.and_then(window);
            list.in_scope(window.as_ref()).map(|(session, certain)| (session.id.to_owned(), certain)).collect()
        };
        let ids =
            |ids: &[(&str, bool)]| ids.iter().map(|(id, certain)| ((*id).to_owned(), *certain)).collect::<Vec<_>>();
        assert_eq!(in_scope(None), ids(&[("active", true)]));
        assert_eq!(
            in_scope(Some("1h")),
            ids(&[("active", true), ("hour", true), ("recent", true), ("unclear", false)])
        );
        let day = [("active", true), ("day", true), ("hour", true), ("recent", true), ("unclear", false)];
        assert_eq!(in_scope(Some("24h")), ids(&day));
        assert_eq!(in_scope(Some("30d")).len(), 6);
        assert!(in_scope(Some("30d")).iter().all(|(_, certain)| *certain), "AWS keeps no older ones");
        let narrow = SessionList::new(read_at(), window("24h"), list.iter());
        assert!(narrow.covers(None) && narrow.covers(window("1d").as_ref()) && !narrow.covers(window("25h").as_ref()));
        assert_eq!(narrow.iter().len(), 5, "what no rule can be about is not kept");
    }
}
