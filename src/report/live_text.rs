//! Desired and live values for people, in the words that every format shares: a value with what it does not say by itself, and a
//! rule about sessions as what it is, not as a value.

use std::borrow::Cow;
use std::fmt;

use super::escape::value;
use super::messages::pluralize;
use super::model::SettingRow;
use crate::model::{AcceptedItem, LiveValue, Resource, RuleCount, SettingId, Value};
use crate::resource::Outcome;

/// What a value means that holds a parameter of the preferences document.
///
/// Source: Systems Manager User Guide, "Update Session Manager preferences (command line)".
const CHOSEN: &str = "chosen by the user who starts the session";

/// What a key means that is compared with an alias.
const ALIAS: &str = "KMS was not asked about the alias";

/// A live value in words that follow "is". It prints without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LiveText<'a> {
    text: Cow<'a, str>,
    /// Whether the text is one of driftline's own that stands for a value, and takes no quotes.
    is_clause: bool,
    /// What the value does not say by itself.
    pub(super) remark: Option<&'static str>,
}

impl<'a> LiveText<'a> {
    /// The words for what is live of a setting.
    pub(super) fn new(setting: SettingId, live: &'a str) -> Self {
        match rule_count(setting, live) {
            Some(count) => Self::clause(rule_clause(count)),
            None => Self::value(live),
        }
    }

    /// A value.
    pub(super) fn value(live: &'a str) -> Self {
        Self { text: value(live), is_clause: false, remark: None }
    }

    /// A clause that stands for a value.
    pub(super) fn clause(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), is_clause: true, remark: None }
    }

    /// The clause that stands for the value, if one does.
    pub(super) fn as_clause(&self) -> Option<&str> {
        Some(&*self.text).filter(|_| self.is_clause)
    }

    /// The value or the clause, without the remark.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The words with the value as a format marks values. Neither a clause nor the remark is part of the value.
    pub(super) fn marked(&self, mark: impl Fn(&str) -> String) -> String {
        let text = self.as_clause().map_or_else(|| mark(&self.text), str::to_owned);
        match self.remark {
            Some(remark) => format!("{text} ({remark})"),
            None => text,
        }
    }
}

impl fmt::Display for LiveText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.marked(str::to_owned))
    }
}

/// The accepted values for people.
pub(super) fn wanted(desired: &[impl AsRef<str>]) -> String {
    desired.iter().map(|item| value(item.as_ref())).collect::<Vec<_>>().join(" or ")
}

impl SettingRow<'_> {
    /// The accepted values for people.
    pub fn wanted(&self) -> String {
        wanted(&self.desired)
    }

    /// The live value for people, with a remark where it needs one.
    pub(super) fn shown_live(&self) -> LiveText<'_> {
        LiveText { remark: self.remark(), ..LiveText::new(self.setting, self.live()) }
    }

    /// Both in one clause: `want ENABLED, is PAUSED`.
    pub(super) fn difference(&self) -> String {
        format!("want {}, is {}", self.wanted(), self.shown_live())
    }

    /// Whether the setting is a rule that every session of its target keeps or some violate.
    pub(super) fn is_rule_about_sessions(&self) -> bool {
        self.live.as_deref().is_some_and(|live| rule_count(self.setting, live).is_some())
    }

    fn remark(&self) -> Option<&'static str> {
        let live = self.live.as_deref()?;
        let spec = self.setting.spec();
        if spec.resource == Resource::SessionManagerPreferences && live.contains("{{") {
            return Some(CHOSEN);
        }
        let is_key = spec.key.rsplit('.').next().is_some_and(|key| key.starts_with("kms_key"));
        let drifts = matches!(self.outcome, Outcome::Drifted | Outcome::Waived);
        let desired: Vec<&str> = self.desired.iter().map(|item| &**item).collect();
        (is_key && drifts && may_be_desired(self.setting, live, &desired)).then_some(ALIAS)
    }
}

/// Whether a live key that is not desired may be a desired one by another name: an alias stands for a key.
fn may_be_desired(setting: SettingId, live: &str, desired: &[&str]) -> bool {
    let is_literal = |item: &&&str| **item != Value::UNSET && **item != AcceptedItem::SET && !item.contains(['*', '?']);
    let is_other_name = |key: &str| {
        let is_known = key == Value::UNSET || desired.contains(&key);
        !is_known && desired.iter().filter(is_literal).any(|item| is_alias(item) || is_alias(key))
    };
    let live = LiveValue::parse(setting, live);
    live.iter().flat_map(LiveValue::values).any(|value| is_other_name(&value.text()))
}

fn is_alias(key: &str) -> bool {
    key.starts_with("alias/") || key.contains(":alias/")
}

/// The number of sessions that violate a rule, if that is what is live.
fn rule_count(setting: SettingId, live: &str) -> Option<RuleCount> {
    match LiveValue::parse(setting, live)? {
        LiveValue::Sessions(count) => Some(count),
        LiveValue::One(_) | LiveValue::Versions(_) => None,
    }
}

/// What has become of a rule: `violated by 1 of 2 sessions`.
fn rule_clause(RuleCount { violating, total }: RuleCount) -> String {
    match (violating, total) {
        (0, 0) => "kept, as there is no session".to_owned(),
        (0, 1) => "kept by the only session".to_owned(),
        (0, _) => format!("kept by every one of {total} sessions"),
        _ => format!("violated by {violating} of {}", pluralize(total, "session")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::settings;

    fn setting(resource: Resource, key: &str) -> SettingId {
        settings().find(resource, key).expect("a setting")
    }

    #[test]
    fn a_rule_is_no_value() {
        let reason = setting(Resource::SessionManagerSessions, "reason");
        for (live, words) in [
            ("1 of 2 sessions", "violated by 1 of 2 sessions"),
            ("1 of 1 session", "violated by 1 of 1 session"),
            ("0 of 11 sessions", "kept by every one of 11 sessions"),
            ("0 of 1 session", "kept by the only session"),
            ("0 of 0 sessions", "kept, as there is no session"),
        ] {
            assert_eq!(LiveText::new(reason, live).marked(|value| format!("'{value}'")), words);
        }
        let user = setting(Resource::SessionManagerPreferences, "run_as_default_user");
        let quoted = |live: &str| LiveText::new(user, live).marked(|value| format!("'{value}'"));
        assert_eq!(quoted("1 of 2 sessions"), "'1 of 2 sessions'");
        assert_eq!(quoted("a\nb\t\u{1b}"), "'a\\nb\\t\\u{1b}'");
    }

    #[test]
    fn an_alias_may_be_a_desired_key_and_nothing_else_may() {
        let key = setting(Resource::SessionManagerPreferences, "kms_key_id");
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1";
        let other = "arn:aws:kms:eu-west-1:111122223333:alias/b";
        for (live, desired, expected) in [
            ("alias/a", &[arn][..], true),
            (arn, &["alias/a"], true),
            ("alias/a", &[other, "UNSET"], true),
            ("UNSET", &["alias/a"], false),
            ("alias/a", &["UNSET"], false),
            ("alias/a", &["arn:aws:kms:*:alias/*"], false),
            (arn, &["alias/*", "SET"], false),
            (arn, &["arn:aws:kms:eu-west-1:111122223333:key/2"], false),
            ("UNSET (default, version 1), alias/a (latest, version 2)", &["alias/a"], false),
            ("UNSET (default, version 1), alias/b (latest, version 2)", &["alias/a"], true),
        ] {
            assert_eq!(may_be_desired(key, live, desired), expected, "{live} {desired:?}");
        }
    }
}
