//! Accepted values: the items that a declaration lists, which value each accepts, and which one `apply` sets.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use wildmatch::WildMatch;

use super::placeholder::{fill_in, has_placeholder};
use super::{SettingKind, Target, TextForm, Value};

/// The values that a declaration accepts: never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted(Arc<[AcceptedItem]>);

/// An accepted value, or a rule that accepts several. Prints as reports show it: a bound as `at most 20`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AcceptedItem {
    /// This value.
    Value(Value),
    /// The texts that match: `*` is any number of characters, `?` is one.
    Pattern(TextPattern),
    /// A text with placeholders, which becomes a value or a pattern when they are filled in. Until then it accepts nothing.
    Template(Arc<str>),
    /// Any text or number: anything but [`Value::Unset`].
    Set,
    /// The numbers up to this one.
    AtMost(u32),
    /// The numbers from this one on.
    AtLeast(u32),
}

/// A pattern of texts. It is compiled once: a rule may hold thousands of sessions against it. Patterns compare by their text.
#[derive(Debug, Clone)]
pub struct TextPattern {
    text: Arc<str>,
    compiled: Arc<WildMatch>,
}

const AT_MOST: &str = "at most ";
const AT_LEAST: &str = "at least ";

impl TextPattern {
    fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: Arc::new(WildMatch::new(text)) }
    }
}

impl PartialEq for TextPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TextPattern {}

impl PartialOrd for TextPattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TextPattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for TextPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl SettingKind {
    /// The accepted item that a text stands for, as policies and reports write it, or `None` if the setting cannot have it.
    pub fn parse_item(self, text: &str) -> Option<AcceptedItem> {
        let bound = |number: &str| match self.parse(number) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        };
        match self {
            Self::Minutes { .. } | Self::Text(_) if text == AcceptedItem::SET => Some(AcceptedItem::Set),
            Self::Text(TextForm::Pattern) if text != Value::UNSET && !text.is_empty() => {
                Some(AcceptedItem::from_pattern_text(text))
            }
            Self::Minutes { .. } | Self::Amount { .. } => {
                if let Some(number) = text.strip_prefix(AT_MOST) {
                    bound(number).map(AcceptedItem::AtMost)
                } else if let Some(number) = text.strip_prefix(AT_LEAST) {
                    bound(number).map(AcceptedItem::AtLeast)
                } else {
                    self.parse(text).map(AcceptedItem::Value)
                }
            }
            Self::Word(_) | Self::Bool | Self::Text(_) | Self::AccountOr(_) | Self::Window => {
                self.parse(text).map(AcceptedItem::Value)
            }
        }
    }
}

impl AcceptedItem {
    /// The word for any value that is set.
    pub const SET: &'static str = "SET";

    fn from_pattern_text(text: &str) -> Self {
        if has_placeholder(text) {
            Self::Template(text.into())
        } else if text.contains(['*', '?']) {
            Self::Pattern(TextPattern::new(text))
        } else {
            Self::Value(Value::Text(text.into()))
        }
    }

    /// Whether a live value is accepted. What is unset is accepted by `UNSET` alone, not by a pattern such as `*`.
    pub fn accepts(&self, live: &Value) -> bool {
        match (self, live) {
            (_, Value::Parameter(_)) | (Self::Template(_), _) => false,
            (Self::Value(value), live) => live.is_same(value),
            (Self::Pattern(pattern), live) => live.texts().any(|text| pattern.compiled.matches(text)),
            (Self::Set, live) => *live != Value::Unset,
            (Self::AtMost(most), Value::Number(number)) => number <= most,
            (Self::AtLeast(least), Value::Number(number)) => number >= least,
            (Self::AtMost(_) | Self::AtLeast(_), _) => false,
        }
    }

    /// The value that `apply` would set: that of a literal or a bound.
    pub fn value_to_set(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::AtMost(number) | Self::AtLeast(number) => Some(Value::Number(*number)),
            Self::Pattern(_) | Self::Template(_) | Self::Set => None,
        }
    }

    /// The item as reports show it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Value(value) => value.text(),
            Self::Pattern(pattern) => Cow::Borrowed(&pattern.text),
            Self::Template(text) => Cow::Borrowed(text),
            Self::Set => Cow::Borrowed(Self::SET),
            Self::AtMost(number) => Cow::Owned(format!("{AT_MOST}{number}")),
            Self::AtLeast(number) => Cow::Owned(format!("{AT_LEAST}{number}")),
        }
    }
}

impl Accepted {
    /// Whether a live value is accepted.
    pub fn accepts(&self, live: &Value) -> bool {
        self.0.iter().any(|item| item.accepts(live))
    }

    /// The value that `apply` sets: that of the first item, if it has one.
    pub fn value_to_set(&self) -> Option<Value> {
        self.0.first().and_then(AcceptedItem::value_to_set)
    }

    /// The items, in the order of the declaration.
    pub fn items(&self) -> &[AcceptedItem] {
        &self.0
    }

    /// The items as reports show them.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.iter().map(AcceptedItem::text)
    }

    /// Whether a value is the only one that is accepted.
    pub fn is_only(&self, value: &Value) -> bool {
        self.0.iter().all(|item| matches!(item, AcceptedItem::Value(only) if only == value))
    }

    /// Whether both accept the same, whichever comes first.
    pub fn accepts_same(&self, other: &Self) -> bool {
        self.is_within(other) && other.is_within(self)
    }

    /// Whether an item of the other accepts whatever an item of this one does.
    fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|item| match item {
            AcceptedItem::Value(value) if !other.0.contains(item) => other.accepts(value),
            item => other.0.contains(item),
        })
    }

    /// Whether an item has placeholders that are not filled in.
    pub fn has_placeholders(&self) -> bool {
        self.0.iter().any(|item| matches!(item, AcceptedItem::Template(_)))
    }

    /// The items with the placeholders filled in for a target.
    #[must_use]
    pub fn filled_in(&self, target: &Target) -> Self {
        let filled = self.0.iter().map(|item| match item {
            AcceptedItem::Template(text) => AcceptedItem::from_pattern_text(&fill_in(text, target)),
            item => item.clone(),
        });
        if self.has_placeholders() { filled.collect() } else { self.clone() }
    }
}

impl FromIterator<AcceptedItem> for Accepted {
    fn from_iter<I: IntoIterator<Item = AcceptedItem>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl FromIterator<Value> for Accepted {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        values.into_iter().map(AcceptedItem::Value).collect()
    }
}

impl<const N: usize> From<[Value; N]> for Accepted {
    fn from(values: [Value; N]) -> Self {
        values.into_iter().collect()
    }
}

impl fmt::Display for AcceptedItem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text())
    }
}

/// For people: `ENABLED or PAUSED`.
impl fmt::Display for Accepted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, text) in self.texts().enumerate() {
            out.write_str(if nth == 0 { "" } else { " or " })?;
            out.write_str(&text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Resource;

    const MINUTES: SettingKind = SettingKind::Minutes { least: 1, most: 60 };
    const AMOUNT: SettingKind = SettingKind::Amount { least: 0, most: 60 };
    const PATTERN: SettingKind = SettingKind::Text(TextForm::Pattern);
    const LITERAL: SettingKind = SettingKind::Text(TextForm::Literal);

    #[test]
    fn an_item_accepts_what_it_says_and_sets_what_is_certain() {
        type Row<'a> = (SettingKind, &'a str, &'a [&'a str], &'a [&'a str], Option<&'a str>);
        let rows: [Row<'_>; 14] = [
            (SettingKind::Bool, "true", &["true"], &["false"], Some("true")),
            (MINUTES, "20", &["20"], &["21", "UNSET"], Some("20")),
            (MINUTES, "at most 20", &["1", "20"], &["21", "UNSET"], Some("20")),
            (MINUTES, "at least 20", &["20", "60"], &["19", "UNSET"], Some("20")),
            (MINUTES, "SET", &["1"], &["UNSET"], None),
            (MINUTES, "UNSET", &["UNSET"], &["1"], Some("UNSET")),
            (AMOUNT, "at most 0", &["0"], &["1"], Some("0")),
            (PATTERN, "logs-?/*", &["logs-a/", "logs-a/b/c"], &["logs-/", "Logs-a/", "UNSET"], None),
            (PATTERN, "*", &["a"], &["UNSET"], None),
            (PATTERN, "SET", &["a", "set"], &["UNSET"], None),
            (PATTERN, "UNSET", &["UNSET", ""], &["unset"], Some("UNSET")),
            (LITERAL, "echo * {account}", &["echo * {account}"], &["echo a"], Some("echo * {account}")),
            (LITERAL, "SET", &["a"], &["UNSET"], None),
            (SettingKind::AccountOr("NONE"), "NONE", &["NONE"], &["111122223333"], Some("NONE")),
        ];
        for (kind, item, good, bad, first) in rows {
            let accepted: Accepted = kind.parse_item(item).into_iter().collect();
            assert_eq!(accepted.to_string(), item, "printed as it was written");
            for (lives, expected) in [(good, true), (bad, false)] {
                for live in lives {
                    let value = kind.parse(live).expect("a value");
                    assert_eq!(accepted.accepts(&value), expected, "{item}: {live}");
                }
            }
            assert_eq!(accepted.value_to_set().map(|value| value.to_string()).as_deref(), first, "{item}");
            assert!(!accepted.accepts(&Value::Parameter("{{a}}".into())), "{item}");
        }
        for (kind, bad) in [(MINUTES, "at most 61"), (MINUTES, "at most "), (AMOUNT, "SET"), (SettingKind::Bool, "SET")]
        {
            assert_eq!(kind.parse_item(bad), None, "{bad}");
        }
    }

    #[test]
    fn placeholders_stand_for_what_the_target_has() {
        let accepted =
            |items: &[&str]| -> Accepted { items.iter().filter_map(|text| PATTERN.parse_item(text)).collect() };
        let target = Target {
            account: "111122223333".parse().expect("an account"),
            region: "us-gov-west-1".parse().expect("a Region"),
            resource: Resource::default(),
        };
        let written = accepted(&["/sm/{account}", "arn:{partition}:kms:{region}:{account}:key/*", "SET"]);
        let filled = written.filled_in(&target);
        assert!(written.has_placeholders() && !filled.has_placeholders());
        assert!(!accepted(&["/sm/{account}"]).accepts(&Value::Text("/sm/{account}".into())), "not before");
        assert_eq!(
            filled,
            accepted(&["/sm/111122223333", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*", "SET"])
        );
        assert_eq!(filled.value_to_set(), Some(Value::Text("/sm/111122223333".into())));
    }

    #[test]
    fn the_order_of_items_does_not_change_what_is_accepted() {
        let accepted =
            |items: &[&str]| -> Accepted { items.iter().filter_map(|text| MINUTES.parse_item(text)).collect() };
        for (one, two, same) in [
            (&["20", "UNSET"][..], &["UNSET", "20"][..], true),
            (&["at most 20"], &["at most 20", "5"], true),
            (&["at most 20"], &["20"], false),
            (&["SET"], &["SET", "UNSET"], false),
        ] {
            assert_eq!(accepted(one).accepts_same(&accepted(two)), same, "{one:?} {two:?}");
        }
    }
}
