//! Rules: a property that each session of a target must have, or the number of sessions.

use std::borrow::Cow;

use jiff::Timestamp;

use super::property::{Conformity, Property, SessionRule};
use super::{Session, SessionList};
use crate::model::{
    Accepted, DesiredSetting, DesiredSettings, LiveValue, RuleCount, Unread, UnreadReason, Value, Window, sha256,
};
use crate::resource::{ReadBy, Setting, SettingReading};

/// The sessions that violate a rule, as reports have them: the first by id, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolatingSessions {
    /// The first of them.
    pub sessions: Box<[ViolatingSession]>,
    /// The number of the others.
    pub more: usize,
    /// The digest of all ids, by which a report tells whether the set has changed.
    pub digest: Box<str>,
}

/// A session that violates a rule, as reports have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ViolatingSession {
    /// The `SessionId`.
    pub id: Box<str>,
    /// The `Target`: the node.
    pub target: Option<Box<str>>,
    /// The `Owner`: who started it.
    pub owner: Option<Box<str>>,
    /// The value that the rule does not accept; `None` if the rule is about the number of sessions.
    pub value: Option<Box<str>>,
    /// The `StartDate`.
    pub started_at: Option<Timestamp>,
    /// The `EndDate`; `None` of an active one.
    pub ended_at: Option<Timestamp>,
    /// The `Details`, which AWS reserves.
    pub details: Option<Box<str>>,
    /// The `S3OutputUrl`, which AWS reserves.
    pub s3_output_url: Option<Box<str>>,
    /// The `CloudWatchOutputUrl`, which AWS reserves.
    pub cloudwatch_output_url: Option<Box<str>>,
}

/// The most sessions that a report lists of a rule.
const LISTED_AT_MOST: usize = 100;

/// The numbers of the sessions that rules are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCounts {
    /// The active ones.
    pub active: usize,
    /// Those that ended within the window.
    pub ended: usize,
    /// The declared window; `None` if rules are about active sessions only.
    pub ended_within: Option<Window>,
    /// When the reading began.
    pub read_at: Timestamp,
}

/// A session that violates a rule, with its value.
type Violation<'a> = (Session<'a>, Option<String>);

/// What is known of a rule.
enum Finding<'a> {
    /// The violations, by id, and the value as reports show it.
    Known(Vec<Violation<'a>>, LiveValue),
    Unread(Unread),
}

/// The window of the rules of a target, which all of them share.
pub fn declared_window(declared: &DesiredSettings) -> Option<Window> {
    let longest = declared.reads_everything.then(Window::longest);
    declared.settings.iter().filter_map(|rule| rule.ended_within()).chain(longest).max()
}

impl SessionList {
    /// What is known of a rule.
    pub fn rule(&self, rule: &DesiredSetting) -> SettingReading {
        match self.find(rule) {
            Finding::Known(_, live) => SettingReading::Known(live),
            Finding::Unread(unread) => SettingReading::Unread(unread.into()),
        }
    }

    /// The sessions that violate a rule; `None` if that is not known.
    pub fn violating(&self, rule: &DesiredSetting) -> Option<ViolatingSessions> {
        match self.find(rule) {
            Finding::Known(violations, _) => Some(ViolatingSessions::new(&violations)),
            Finding::Unread(_) => None,
        }
    }

    /// Whether an active session is among those that violate a rule.
    pub(super) fn violates_while_active(&self, rule: &DesiredSetting) -> bool {
        match self.find(rule) {
            Finding::Known(violations, _) => violations.iter().any(|(session, _)| !session.is_ended),
            Finding::Unread(_) => false,
        }
    }

    /// The numbers of the sessions that rules with this window are about.
    pub fn counts(&self, window: Option<Window>) -> SessionCounts {
        let (mut active, mut ended) = (0, 0);
        for (session, _) in self.in_scope(window.as_ref()) {
            *(if session.is_ended { &mut ended } else { &mut active }) += 1;
        }
        SessionCounts { active, ended, ended_within: window, read_at: self.read_at() }
    }

    fn find(&self, rule: &DesiredSetting) -> Finding<'_> {
        let (window, accepted) = (rule.ended_within(), &rule.decided.accepted);
        if !self.covers(window.as_ref()) {
            let held =
                self.ended_within().map_or_else(|| "no ended ones".to_owned(), |held| format!("{held} of ended ones"));
            let asked = window.as_ref().map_or("", Window::as_str);
            let message = format!("the sessions that were saved hold {held}, and `ended_within` is {asked}");
            return Finding::Unread(Unread::local(UnreadReason::NotListed, &message));
        }
        match Setting::for_id(rule.setting).map(|setting| setting.read) {
            Some(ReadBy::Sessions(SessionRule::Each(property))) => {
                let read = |session: &Session<'_>| property(session, rule.setting.spec().kind, self.read_at());
                self.find_each(window.as_ref(), accepted, read)
            }
            Some(ReadBy::Sessions(SessionRule::Count)) => self.find_count(window.as_ref(), accepted),
            _ => Finding::Unread(Unread::local(UnreadReason::NotListed, "it is no rule about sessions")),
        }
    }

    /// Holds the property of each session against the accepted values. A violation is known whatever is unknown beside it.
    fn find_each(
        &self,
        window: Option<&Window>,
        accepted: &Accepted,
        property: impl Fn(&Session<'_>) -> Property,
    ) -> Finding<'_> {
        let (mut violations, mut unknown, mut total) = (Vec::new(), None, 0_usize);
        for (session, is_certain) in self.in_scope(window) {
            total += 1;
            let property = property(&session);
            match property.conformity(accepted) {
                Conformity::Kept => {}
                Conformity::Violated if is_certain => {
                    violations.push((session, property.text().map(Cow::into_owned)));
                }
                Conformity::Violated => unknown = unknown.or(Some(UNCLEAR)),
                Conformity::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        match unknown {
            Some(why) if violations.is_empty() => Finding::Unread(unintelligible(why)),
            _ => {
                let live = LiveValue::Sessions(RuleCount { violating: violations.len(), total });
                Finding::Known(violations, live)
            }
        }
    }

    /// Holds the number of sessions against the accepted numbers. Sessions that may have ended before the window must not decide.
    fn find_count(&self, window: Option<&Window>, accepted: &Accepted) -> Finding<'_> {
        let certain = self.in_scope(window).filter(|(_, is_certain)| *is_certain);
        let counted: Vec<Violation<'_>> = certain.map(|(session, _)| (session, None)).collect();
        let unclear = self.in_scope(window).filter(|(_, is_certain)| !is_certain).count();
        let accepts = |count: usize| accepted.accepts(&Value::Number(u32::try_from(count).unwrap_or(u32::MAX)));
        let is_accepted = accepts(counted.len());
        if (1..=unclear).any(|more| accepts(counted.len() + more) != is_accepted) {
            return Finding::Unread(unintelligible(UNCLEAR));
        }
        let count = Value::Number(u32::try_from(counted.len()).unwrap_or(u32::MAX));
        Finding::Known(if is_accepted { Vec::new() } else { counted }, LiveValue::One(count))
    }
}

impl ViolatingSessions {
    /// Those of a reading, which come by id.
    fn new(violations: &[Violation<'_>]) -> Self {
        let ids: Vec<&str> = violations.iter().map(|(session, _)| session.id).collect();
        let sessions: Box<[ViolatingSession]> =
            violations.iter().take(LISTED_AT_MOST).map(ViolatingSession::from).collect();
        Self { more: violations.len() - sessions.len(), sessions, digest: sha256(ids.join("\n")).into() }
    }
}

impl From<&Violation<'_>> for ViolatingSession {
    fn from((session, value): &Violation<'_>) -> Self {
        let Session { id, started_at, ended_at, texts, .. } = *session;
        let owned = |text: Option<&str>| text.map(Into::into);
        Self {
            id: id.into(),
            target: owned(texts.target),
            owner: owned(texts.owner),
            value: owned(value.as_deref()),
            started_at,
            ended_at,
            details: owned(texts.details),
            s3_output_url: owned(texts.s3_output_url),
            cloudwatch_output_url: owned(texts.cloudwatch_output_url),
        }
    }
}

/// What AWS's answer lacks of a session that may have ended before the window.
const UNCLEAR: &str = "that ended without an `EndDate`, maybe before the window";

/// Why a rule is unread. It names no session: messages appear where personal data may not.
fn unintelligible(why: &str) -> Unread {
    Unread::local(
        UnreadReason::Unintelligible,
        format!("AWS lists a session {why}, so that it is not known whether each keeps the rule"),
    )
}
