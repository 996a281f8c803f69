//! The values of settings, and the kinds of values that a setting can have.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{AccountId, Window};

/// The values that a setting can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One of some words, spelled as the API spells them. [`Value::UNSET`] among them stands for a missing value.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number of minutes within bounds, both included; or unset.
    Minutes {
        /// The smallest number.
        least: u32,
        /// The largest number.
        most: u32,
    },
    /// A whole number within bounds, both included; never unset.
    Amount {
        /// The smallest number.
        least: u32,
        /// The largest number.
        most: u32,
    },
    /// Any text; or unset.
    Text(TextForm),
    /// An account id, or this word.
    AccountOr(&'static str),
    /// A stretch of time that ends with the reading.
    Window,
}

/// How a policy writes texts of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// As literals or patterns, with placeholders.
    Pattern,
    /// As literals alone: every character stands for itself.
    Literal,
}

/// A value of some setting. Prints as a policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A word of the API.
    Word(&'static str),
    /// `true` or `false`.
    Bool(bool),
    /// A number, such as one of minutes.
    Number(u32),
    /// A text. A word that the API did not have before is one, too.
    Text(Arc<str>),
    /// A KMS key of the target's own account and Region.
    OwnKey(Arc<OwnKey>),
    /// A text that takes a value from whoever uses it, such as `{{name}}` in a document. It has no value of its own, so that
    /// nothing accepts it.
    Parameter(Arc<str>),
    /// A stretch of time.
    Window(Window),
    /// The key is missing or empty.
    Unset,
}

/// A KMS key of a target's own account and Region, which its bare id and its ARN name alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnKey {
    /// The name that is used.
    pub written: Arc<str>,
    /// The other name.
    pub other: Arc<str>,
}

impl SettingKind {
    /// The value that a text stands for, or `None` if the setting cannot have it.
    pub fn parse(self, text: &str) -> Option<Value> {
        let is_unset = text == Value::UNSET;
        match self {
            Self::Word(words) => words.iter().find(|word| **word == text).map(|word| Value::from_word(word)),
            Self::Bool => text.parse().ok().map(Value::Bool),
            Self::Minutes { .. } | Self::Text(_) if is_unset => Some(Value::Unset),
            Self::Minutes { least, most } | Self::Amount { least, most } => {
                text.parse().ok().filter(|number| (least..=most).contains(number)).map(Value::Number)
            }
            Self::Text(_) if text.is_empty() => Some(Value::Unset),
            Self::Text(_) => Some(Value::Text(text.into())),
            Self::AccountOr(word) if text == word => Some(Value::Word(word)),
            Self::AccountOr(_) => text.parse::<AccountId>().ok().map(|_| Value::Text(text.into())),
            Self::Window => text.parse().ok().map(Value::Window),
        }
    }

    /// The words of a setting that takes words; empty for any other.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Word(words) => words,
            _ => &[],
        }
    }

    /// The live number that a text stands for, if the setting takes numbers: digits alone, and also one beyond the bounds.
    pub fn parse_number(self, text: &str) -> Option<Value> {
        let is_number = self.bounds().is_some() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).map(Value::Number)
    }

    /// The bounds of a setting that takes numbers.
    pub fn bounds(self) -> Option<(u32, u32)> {
        match self {
            Self::Minutes { least, most } | Self::Amount { least, most } => Some((least, most)),
            Self::Word(_) | Self::Bool | Self::Text(_) | Self::AccountOr(_) | Self::Window => None,
        }
    }
}

impl Value {
    /// The word for a value that is not set.
    pub const UNSET: &'static str = "UNSET";

    /// The value of a word, which is [`Self::Unset`] for [`Self::UNSET`].
    pub fn from_word(word: &'static str) -> Self {
        if word == Self::UNSET { Self::Unset } else { Self::Word(word) }
    }

    /// The value of a text, which is [`Self::Unset`] for an empty one.
    pub fn from_text(text: &str) -> Self {
        if text.is_empty() { Self::Unset } else { Self::Text(text.into()) }
    }

    /// The value of a text of a document that takes a part from the user who starts the session: `{{name}}`, or `{{ssm:name}}` from
    /// Parameter Store; `None` for any other text.
    ///
    /// Source: AWS Systems Manager User Guide, "Create a Session Manager preferences document (command line)".
    pub fn parameter(text: &str) -> Option<Self> {
        let is_one = text.split_once("{{").is_some_and(|(_, after)| after.contains("}}"));
        is_one.then(|| Self::Parameter(text.into()))
    }

    /// Whether both are the same value, however it is written.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OwnKey(key), other) | (other, Self::OwnKey(key)) => {
                other.texts().any(|text| *text == key.written || *text == key.other)
            }
            (one, other) => one == other,
        }
    }

    /// The texts that name it; none if it is no text.
    pub fn texts(&self) -> impl Iterator<Item = &Arc<str>> {
        let (written, other) = match self {
            Self::Text(text) => (Some(text), None),
            Self::OwnKey(key) => (Some(&key.written), Some(&key.other)),
            _ => (None, None),
        };
        written.into_iter().chain(other)
    }

    /// The value as a policy writes it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Word(word) => Cow::Borrowed(word),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) | Self::Parameter(text) => Cow::Borrowed(text),
            Self::OwnKey(key) => Cow::Borrowed(&key.written),
            Self::Window(window) => Cow::Borrowed(window.as_str()),
            Self::Unset => Cow::Borrowed(Self::UNSET),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_by_the_kind_of_its_setting() {
        let minutes = SettingKind::Minutes { least: 1, most: 60 };
        let amount = SettingKind::Amount { least: 0, most: 9 };
        let text = SettingKind::Text(TextForm::Pattern);
        let rows = [
            (SettingKind::Word(&["ENABLED", "DISABLED"]), "ENABLED", Some(Value::Word("ENABLED"))),
            (SettingKind::Word(&["ENABLED"]), "enabled", None),
            (SettingKind::Word(&["Standard", "UNSET"]), "UNSET", Some(Value::Unset)),
            (SettingKind::Word(&["Standard"]), "UNSET", None),
            (SettingKind::Bool, "true", Some(Value::Bool(true))),
            (SettingKind::Bool, "UNSET", None),
            (minutes, "60", Some(Value::Number(60))),
            (minutes, "61", None),
            (minutes, "UNSET", Some(Value::Unset)),
            (amount, "0", Some(Value::Number(0))),
            (amount, "UNSET", None),
            (text, "logs", Some(Value::Text("logs".into()))),
            (text, "UNSET", Some(Value::Unset)),
            (SettingKind::AccountOr("NONE"), "NONE", Some(Value::Word("NONE"))),
            (SettingKind::AccountOr("NONE"), "012345678901", Some(Value::Text("012345678901".into()))),
            (SettingKind::AccountOr("NONE"), "none", None),
            (SettingKind::Window, "24h", "24h".parse().ok().map(Value::Window)),
        ];
        for (kind, text, value) in rows {
            assert_eq!(kind.parse(text), value, "{kind:?} {text}");
            assert!(value.is_none_or(|value| value.to_string() == text), "{text} is printed as it was written");
        }
        assert_eq!(text.parse(""), Some(Value::Unset), "an empty text is a missing one");
    }

    #[test]
    fn a_key_is_the_same_by_id_and_by_arn() {
        let (id, arn) = ("1234abcd", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd");
        let key = |written: &str, other: &str| {
            Value::OwnKey(Arc::new(OwnKey { written: written.into(), other: other.into() }))
        };
        let text = |text: &str| Value::Text(text.into());
        for same in [text(id), text(arn), key(id, arn), key(arn, id)] {
            assert!(key(id, arn).is_same(&same) && same.is_same(&key(id, arn)), "{same:?}");
        }
        let elsewhere = "arn:aws:kms:eu-west-2:111122223333:key/1234abcd";
        for other in [text(elsewhere), text("alias/1234abcd"), Value::Unset, Value::Parameter(id.into())] {
            assert!(!key(id, arn).is_same(&other) && !other.is_same(&key(id, arn)), "{other:?}");
        }
        assert_eq!(key(id, arn).text(), id);
    }
}
