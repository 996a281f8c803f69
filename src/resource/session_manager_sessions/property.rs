//! Properties of a session: what a rule requires each session to have.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::Session;
use crate::model::{Accepted, AcceptedItem, SettingKind, Value};

/// How a rule about sessions is read.
#[derive(Debug, Clone, Copy)]
pub enum SessionRule {
    /// Each session has a property.
    Each(fn(&Session<'_>, SettingKind, Timestamp) -> Property),
    /// The sessions are counted.
    Count,
}

/// A property of a session, as read at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// Its value.
    Known(Value),
    /// A length of time.
    Length(SignedDuration),
    /// A length of time that is this at most: the session ended, and AWS does not say when.
    AtMost(SignedDuration),
    /// Nothing is known: what AWS's answer has or lacks.
    Unknown(&'static str),
}

/// Whether a session keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conformity {
    Kept,
    Violated,
    Unknown(&'static str),
}

/// The rule about how each session was started: `Standard`, `JustInTime`, or no access type.
pub(super) fn access_type(session: &Session<'_>, kind: SettingKind, _: Timestamp) -> Property {
    Property::Known(session.texts.access_type.map_or(Value::Unset, |word| known_or_text(word, kind)))
}

/// The document that a session was started with. One that was started without is never taken for one with the default document.
pub(super) fn document_name(session: &Session<'_>, _: SettingKind, _: Timestamp) -> Property {
    optional_text(session.texts.document_name)
}

/// The maximum duration in minutes. Its documented pattern excludes numbers that preferences allow, so any number counts.
///
/// Source: Systems Manager API Reference, Session, `MaxSessionDuration`.
pub(super) fn max_session_duration(session: &Session<'_>, _: SettingKind, _: Timestamp) -> Property {
    match session.texts.max_session_duration.map(str::parse) {
        None => Property::Known(Value::Unset),
        Some(Ok(minutes)) => Property::Known(Value::Number(minutes)),
        Some(Err(_)) => Property::Unknown("with a `MaxSessionDuration` that is no number"),
    }
}

/// Who started a session.
pub(super) fn owner(session: &Session<'_>, _: SettingKind, _: Timestamp) -> Property {
    required_text(session.texts.owner, "without an `Owner`")
}

/// The reason for a session.
pub(super) fn reason(session: &Session<'_>, _: SettingKind, _: Timestamp) -> Property {
    optional_text(session.texts.reason)
}

/// The status. A word that AWS adds is a text, which no rule accepts that names words.
pub(super) fn status(session: &Session<'_>, kind: SettingKind, _: Timestamp) -> Property {
    let word = session.texts.status.map(|word| Property::Known(known_or_text(word, kind)));
    word.unwrap_or(Property::Unknown("without a `Status`"))
}

/// The node.
pub(super) fn target(session: &Session<'_>, _: SettingKind, _: Timestamp) -> Property {
    required_text(session.texts.target, "without a `Target`")
}

/// The time from the start of a session to its end, or to the reading.
pub(super) fn duration(session: &Session<'_>, _: SettingKind, read_at: Timestamp) -> Property {
    let Some(started_at) = session.started_at else { return Property::Unknown("without a `StartDate`") };
    // One that started while sessions were listed has lasted for no time.
    let until_reading = read_at.duration_since(started_at).max(SignedDuration::ZERO);
    match session.ended_at.filter(|_| session.is_ended) {
        Some(ended_at) if ended_at < started_at => Property::Unknown("with an `EndDate` before the `StartDate`"),
        Some(ended_at) => Property::Length(ended_at.duration_since(started_at)),
        None if session.is_ended => Property::AtMost(until_reading),
        None => Property::Length(until_reading),
    }
}

fn optional_text(text: Option<&str>) -> Property {
    Property::Known(text.map_or(Value::Unset, Value::from_text))
}

fn required_text(text: Option<&str>, lacking: &'static str) -> Property {
    text.map_or(Property::Unknown(lacking), |text| Property::Known(Value::from_text(text)))
}

fn known_or_text(word: &str, kind: SettingKind) -> Value {
    kind.words()
        .iter()
        .find(|known| **known == word && *known != &Value::UNSET)
        .map_or_else(|| Value::from_text(word), |known| Value::from_word(known))
}

impl Property {
    /// Whether a session with it keeps a rule.
    pub(super) fn conformity(&self, accepted: &Accepted) -> Conformity {
        match self {
            Self::Known(value) if accepted.accepts(value) => Conformity::Kept,
            Self::Length(length) if accepted.items().iter().any(|item| accepts_length(item, *length)) => {
                Conformity::Kept
            }
            Self::Known(_) | Self::Length(_) => Conformity::Violated,
            Self::AtMost(most) if accepted.items().iter().all(|item| is_longer(item, *most)) => Conformity::Violated,
            Self::AtMost(_) => Conformity::Unknown("that ended without an `EndDate`"),
            Self::Unknown(why) => Conformity::Unknown(why),
        }
    }

    /// The value as reports show it: a length in minutes, rounded up. `None` if nothing is known.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Known(value) => Some(value.text()),
            Self::Length(length) => Some(minutes(*length).to_string().into()),
            Self::AtMost(most) => Some(AcceptedItem::AtMost(minutes(*most)).text().into_owned().into()),
            Self::Unknown(_) => None,
        }
    }
}

/// Whether an item accepts a length: a bound by the exact length, a number by the minutes that reports show.
fn accepts_length(item: &AcceptedItem, length: SignedDuration) -> bool {
    match item {
        AcceptedItem::AtLeast(least) => length >= SignedDuration::from_mins(i64::from(*least)),
        item => item.accepts(&Value::Number(minutes(length))),
    }
}

/// Whether an item accepts only lengths beyond this one.
fn is_longer(item: &AcceptedItem, most: SignedDuration) -> bool {
    match item {
        AcceptedItem::AtLeast(least) => most < SignedDuration::from_mins(i64::from(*least)),
        AcceptedItem::Value(Value::Number(number)) => minutes(most) < *number,
        _ => false,
    }
}

/// Minutes, rounded up.
fn minutes(length: SignedDuration) -> u32 {
    let minutes = length.as_mins();
    let is_whole = SignedDuration::from_mins(minutes) == length;
    u32::try_from(if is_whole { minutes } else { minutes.saturating_add(1) }).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::session_list::tests::{active, ended, read_at};
    use super::*;
    use crate::model::TextForm;
    use crate::resource::session_manager_sessions::SessionTexts;

    fn accepted(kind: SettingKind, items: &[&str]) -> Accepted {
        items.iter().filter_map(|item| kind.parse_item(item)).collect()
    }

    const AMOUNT: SettingKind = SettingKind::Amount { least: 0, most: 100_000 };

    #[test]
    fn durations_are_exact_and_shown_in_minutes_rounded_up() {
        let lasting = |seconds| Property::Length(SignedDuration::from_secs(seconds));
        for (seconds, text, item, kept) in [
            (1800, "30", "at most 30", true),
            (1801, "31", "at most 30", false),
            (1799, "30", "at least 30", false),
            (1800, "30", "at least 30", true),
            (1741, "30", "30", true),
            (1740, "29", "30", false),
            (0, "0", "at most 0", true),
        ] {
            let property = lasting(seconds);
            assert_eq!(property.text().as_deref(), Some(text), "{seconds}");
            let expected = if kept { Conformity::Kept } else { Conformity::Violated };
            assert_eq!(property.conformity(&accepted(AMOUNT, &[item])), expected, "{seconds} {item}");
        }
    }

    #[test]
    fn the_duration_of_a_session_ends_with_it_or_with_the_reading() {
        let of = |session: Session<'_>| duration(&session, AMOUNT, read_at());
        assert_eq!(of(active("a", 90)), Property::Length(SignedDuration::from_mins(90)));
        assert_eq!(of(ended("a", 90, 30)), Property::Length(SignedDuration::from_mins(60)));
        assert_eq!(of(active("a", -1)), Property::Length(SignedDuration::ZERO), "it started during the reading");
        assert!(matches!(of(Session { started_at: None, ..active("a", 1) }), Property::Unknown(_)));
        assert!(matches!(of(ended("a", 30, 90)), Property::Unknown(_)));
        let open = of(Session { ended_at: None, ..ended("a", 90, 0) });
        assert_eq!(open, Property::AtMost(SignedDuration::from_mins(90)));
        for (items, expected) in [
            (&["at least 91"][..], Conformity::Violated),
            (&["at least 91", "120"], Conformity::Violated),
            (&["at least 91", "at most 5"], Conformity::Unknown("that ended without an `EndDate`")),
            (&["at most 90"], Conformity::Unknown("that ended without an `EndDate`")),
        ] {
            assert_eq!(open.conformity(&accepted(AMOUNT, items)), expected, "{items:?}");
        }
    }

    #[test]
    fn what_is_missing_is_unset_or_unknown_and_never_a_default() {
        let nothing = active("a", 1);
        let text = SettingKind::Text(TextForm::Pattern);
        let words = SettingKind::Word(&["Standard", "JustInTime", "UNSET"]);
        for (property, kind) in [(access_type as Read, words), (document_name, text), (max_session_duration, text)] {
            assert_eq!(property(&nothing, kind, read_at()), Property::Known(Value::Unset));
        }
        assert_eq!(reason(&nothing, text, read_at()), Property::Known(Value::Unset));
        for property in [owner as Read, target, status] {
            assert!(matches!(property(&nothing, text, read_at()), Property::Unknown(_)));
        }
        let texts = SessionTexts {
            access_type: Some("Standard"),
            status: Some("Asleep"),
            max_session_duration: Some("1050"),
            reason: Some("UNSET"),
            ..SessionTexts::default()
        };
        let session = Session { texts, ..nothing };
        assert_eq!(access_type(&session, words, read_at()), Property::Known(Value::Word("Standard")));
        assert_eq!(status(&session, words, read_at()), Property::Known(Value::Text("Asleep".into())));
        assert_eq!(max_session_duration(&session, text, read_at()), Property::Known(Value::Number(1050)));
        assert_eq!(reason(&session, text, read_at()), Property::Known(Value::Text("UNSET".into())), "somebody's word");
        let odd = SessionTexts { max_session_duration: Some("an hour"), ..texts };
        let odd = max_session_duration(&Session { texts: odd, ..session }, text, read_at());
        assert!(matches!(odd.conformity(&accepted(AMOUNT, &["at most 5"])), Conformity::Unknown(_)));
    }

    type Read = fn(&Session<'_>, SettingKind, Timestamp) -> Property;
}
