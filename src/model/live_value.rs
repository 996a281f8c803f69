//! Live values: what a comparison holds against the accepted values.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Accepted, Resource, SettingId, Value};

/// Live value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveValue {
    /// One value.
    One(Value),
    /// Two values: the default and the latest version of a document differ, and AWS does not say which one counts.
    Versions(Box<VersionedValues>),
    /// The sessions of a target, held against a rule.
    Sessions(RuleCount),
}

/// Values of a setting in two versions of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedValues {
    /// The value in the default version.
    pub default: Value,
    /// The number of that version.
    pub default_version: Arc<str>,
    /// The value in the latest version.
    pub latest: Value,
    /// The number of that version.
    pub latest_version: Arc<str>,
}

/// Number of sessions that violate a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCount {
    /// The sessions that violate it.
    pub violating: usize,
    /// The sessions that it is about.
    pub total: usize,
}

impl LiveValue {
    /// Whether it is accepted: of two versions both, of sessions every one.
    pub fn is_accepted(&self, accepted: &Accepted) -> bool {
        match self {
            Self::Sessions(count) => count.violating == 0,
            Self::One(_) | Self::Versions(_) => self.values().all(|value| accepted.accepts(value)),
        }
    }

    /// The values behind it; none for sessions.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let (one, other) = match self {
            Self::One(value) => (Some(value), None),
            Self::Versions(versions) => (Some(&versions.default), Some(&versions.latest)),
            Self::Sessions(_) => (None, None),
        };
        one.into_iter().chain(other)
    }

    /// Whether exceptions for values cover it: of two versions both, and never the sessions of a rule.
    pub fn is_covered(&self, covers: impl FnMut(&Value) -> bool) -> bool {
        self.values().next().is_some() && self.values().all(covers)
    }

    /// The only value; `None` if there is none, or more than one.
    pub fn single(&self) -> Option<&Value> {
        match self {
            Self::One(value) => Some(value),
            Self::Versions(_) | Self::Sessions(_) => None,
        }
    }

    /// One value for it, as plans state what is live.
    pub fn to_value(&self) -> Value {
        self.single().cloned().unwrap_or_else(|| Value::Text(self.text().into()))
    }

    /// The value as reports show it: `20 (default, version 3), 60 (latest, version 5)`.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::One(value) => value.text(),
            Self::Versions(versions) => {
                let VersionedValues { default, default_version, latest, latest_version } = &**versions;
                Cow::Owned(format!(
                    "{default} (default, version {default_version}), {latest} (latest, version {latest_version})"
                ))
            }
            Self::Sessions(count) => Cow::Owned(count.text()),
        }
    }
}

impl LiveValue {
    /// The live value that a text of [`Self::text`] stands for, or `None` if the setting cannot have it.
    pub fn parse(setting: SettingId, text: &str) -> Option<Self> {
        let (is_rule, is_preference) = match setting.spec().resource {
            Resource::MacieSession => (false, false),
            Resource::SessionManagerPreferences => (false, true),
            Resource::SessionManagerSessions => (true, false),
        };
        if let Some(count) = RuleCount::parse(text).filter(|_| is_rule) {
            return Some(Self::Sessions(count));
        }
        let versions = || VersionedValues::parse(setting, text).map(|versions| Self::Versions(Box::new(versions)));
        let parsed = if is_preference { versions() } else { None };
        parsed.or_else(|| one(setting, text).map(Self::One))
    }
}

/// One live value. A document may hold numbers that no policy could declare, and parameters in place of any value.
fn one(setting: SettingId, text: &str) -> Option<Value> {
    let is_preference = setting.spec().resource == Resource::SessionManagerPreferences;
    let parameter = if is_preference { Value::parameter(text) } else { None };
    parameter.or_else(|| setting.parse(text)).or_else(|| setting.spec().kind.parse_number(text))
}

impl VersionedValues {
    /// The values that a text of [`LiveValue::text`] stands for.
    fn parse(setting: SettingId, text: &str) -> Option<Self> {
        let (rest, latest_version) = text.strip_suffix(')')?.rsplit_once(" (latest, version ")?;
        let (default, rest) = rest.split_once(" (default, version ")?;
        let (default_version, latest) = rest.split_once("), ")?;
        Some(Self {
            default: one(setting, default)?,
            default_version: default_version.into(),
            latest: one(setting, latest)?,
            latest_version: latest_version.into(),
        })
    }
}

impl RuleCount {
    /// The count that a text such as `3 of 352 sessions` stands for.
    fn parse(text: &str) -> Option<Self> {
        let (violating, rest) = text.split_once(" of ")?;
        let (total, _) = rest.split_once(' ')?;
        let count = Self { violating: violating.parse().ok()?, total: total.parse().ok()? };
        (count.violating <= count.total && Self::text(count) == text).then_some(count)
    }

    fn text(self) -> String {
        let Self { violating, total } = self;
        let sessions = if total == 1 { "session" } else { "sessions" };
        format!("{violating} of {total} {sessions}")
    }
}

impl From<Value> for LiveValue {
    fn from(value: Value) -> Self {
        Self::One(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_are_accepted_only_together() {
        let versions = |default, latest| {
            let (default_version, latest_version) = ("3".into(), "5".into());
            LiveValue::Versions(Box::new(VersionedValues { default, default_version, latest, latest_version }))
        };
        let accepted = Accepted::from([Value::Number(20), Value::Number(30)]);
        let both = versions(Value::Number(20), Value::Number(30));
        assert!(both.is_accepted(&accepted));
        assert_eq!(both.text(), "20 (default, version 3), 30 (latest, version 5)");
        assert!(!versions(Value::Number(20), Value::Unset).is_accepted(&accepted));
        assert!(!versions(Value::Unset, Value::Number(20)).is_accepted(&accepted));
        let timeout = crate::resource::session_manager_preferences::IDLE_SESSION_TIMEOUT.id();
        let parameter = Value::Parameter("{{timeout}}".into());
        for live in [both, versions(Value::Unset, Value::Number(90)), parameter.into(), Value::Number(90).into()] {
            assert_eq!(LiveValue::parse(timeout, &live.text()), Some(live));
        }
        assert_eq!(LiveValue::parse(timeout, "20 (default, version 3)"), None);
    }

    #[test]
    fn a_rule_is_kept_by_every_session_or_broken() {
        let rule = |violating, total| LiveValue::Sessions(RuleCount { violating, total });
        let accepted = Accepted::from([Value::Unset]);
        assert!(rule(0, 0).is_accepted(&accepted) && rule(0, 12).is_accepted(&accepted));
        assert!(!rule(1, 352).is_accepted(&accepted));
        for (live, text) in [(rule(3, 352), "3 of 352 sessions"), (rule(0, 1), "0 of 1 session")] {
            assert_eq!(live.text(), text);
            assert_eq!(RuleCount::parse(text).map(LiveValue::Sessions), Some(live));
        }
        for text in ["", "3", "3 of 352", "3 of 2 sessions", "03 of 4 sessions", "1 of 1 sessions"] {
            assert_eq!(RuleCount::parse(text), None, "{text}");
        }
    }
}
