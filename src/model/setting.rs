//! Settings as data: what a policy can declare about a resource, and the values that settings take.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{RegionTable, Resource, Target};

/// One setting: a row of static data.
#[derive(Debug)]
pub struct SettingSpec {
    /// The resource that the setting belongs to.
    pub resource: Resource,
    /// The key in policy files and the name in reports. Nested tables are dotted: `automated_discovery.status`.
    pub key: &'static str,
    /// The id of the rule that a drift breaks, such as `DL1001`. An id is never reused, and the list is in rule order.
    pub rule: &'static str,
    /// What the setting is, in one sentence.
    pub summary: &'static str,
    /// What the setting means and takes, for the JSON Schema of policies and the documentation.
    pub meaning: &'static str,
    /// The values that it can have.
    pub kind: SettingKind,
    /// Whether the administrator's list of members holds it, so that the account itself need not be asked.
    pub in_member_list: bool,
    /// Whether a bare word under `while_live` can mean a value of it. Other settings are named there.
    pub has_bare_waiver_words: bool,
    /// The value that means that the resource does not exist. All other settings are then not applicable.
    pub absent: Option<Value>,
    /// What to say where the setting is declared beside an existence that can only be [`SettingSpec::absent`].
    pub needs_resource: Option<NeedsResource>,
    /// The IAM actions that reading it takes beside those that every target takes.
    pub read_actions: &'static [&'static str],
    /// How a drift of it is removed.
    pub change: ChangeMethod,
    /// Names that people have for it elsewhere, for the hint of an error.
    pub other_names: &'static [&'static str],
    /// Words that people have for its values elsewhere, each with the value's own.
    pub other_words: &'static [(&'static str, &'static str)],
}

/// The values that a setting can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One of some words, spelled as the API spells them.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number of minutes within bounds, both included.
    Minutes {
        /// The smallest number.
        least: u32,
        /// The largest number.
        most: u32,
    },
    /// Any text.
    Text,
}

/// The words for a setting that only an existing resource can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsResource {
    /// What is declared, with its article: "a frequency".
    pub what: &'static str,
    /// Why it makes no sense without the resource.
    pub why: &'static str,
    /// The warning where it is declared and the existence of the resource is not; `None` for no warning. The key stands before.
    pub alone: Option<&'static str>,
}

/// How a drift of a setting is removed.
#[derive(Debug, Clone, Copy)]
pub enum ChangeMethod {
    /// The planner of the resource plans a step.
    ByPlanner,
    /// driftline only reports the drift. The remedy tells the reader which command to run, for a target and the value to set.
    ReportOnly {
        /// Builds the instruction.
        remedy: fn(&Target, &Value) -> String,
    },
}

/// A setting, by reference to its row. Compares by rule; prints as its key.
#[derive(Clone, Copy)]
pub struct SettingId(&'static SettingSpec);

/// A list of settings in rule order.
#[derive(Debug, Clone, Copy)]
pub struct Settings(&'static [SettingId]);

/// What policies are checked against: the known Regions and the list of settings.
#[derive(Debug, Clone, Copy)]
pub struct Catalog<'a> {
    /// The known Regions.
    pub regions: &'a RegionTable,
    /// Every setting.
    pub settings: Settings,
}

impl SettingKind {
    /// The value that a text stands for, or `None` if the setting cannot have it.
    pub fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Word(words) => words.iter().find(|word| **word == text).map(|word| Value::Word(word)),
            Self::Bool => text.parse().ok().map(Value::Bool),
            _ if text == Value::UNSET => Some(Value::Unset),
            Self::Minutes { least, most } => {
                text.parse().ok().filter(|number| (least..=most).contains(number)).map(Value::Minutes)
            }
            Self::Text => Some(Value::Text(text.into())),
        }
    }

    /// The words of a setting that takes words; empty for any other.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Word(words) => words,
            Self::Bool | Self::Minutes { .. } | Self::Text => &[],
        }
    }
}

impl SettingId {
    /// The setting of a row.
    pub const fn new(spec: &'static SettingSpec) -> Self {
        Self(spec)
    }

    /// The row.
    pub const fn spec(self) -> &'static SettingSpec {
        self.0
    }

    /// The key as a policy file has it at the top of a declaration: that of the table, if it is nested.
    pub fn top_key(self) -> &'static str {
        self.0.key.split_once('.').map_or(self.0.key, |(table, _)| table)
    }

    /// The key in policy files and the name in reports.
    pub const fn key(self) -> &'static str {
        self.0.key
    }

    /// The value that a text stands for, or `None` if the setting cannot have it.
    pub fn parse(self, text: &str) -> Option<Value> {
        self.0.kind.parse(text)
    }
}

impl Settings {
    /// A list of settings, which must be in rule order.
    pub const fn new(list: &'static [SettingId]) -> Self {
        Self(list)
    }

    /// Every setting, in rule order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = SettingId> + Clone {
        self.0.iter().copied()
    }

    /// The settings of a resource, in rule order.
    pub fn for_resource(self, resource: Resource) -> impl DoubleEndedIterator<Item = SettingId> + Clone {
        self.iter().filter(move |setting| setting.0.resource == resource)
    }

    /// The setting of a resource that has this key.
    pub fn find(self, resource: Resource, key: &str) -> Option<SettingId> {
        self.for_resource(resource).find(|setting| setting.key() == key)
    }
}

impl PartialEq for SettingId {
    fn eq(&self, other: &Self) -> bool {
        self.0.rule == other.0.rule
    }
}

impl Eq for SettingId {}

impl PartialOrd for SettingId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SettingId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.rule.cmp(other.0.rule)
    }
}

impl Hash for SettingId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.rule.hash(state);
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.key())
    }
}

impl fmt::Debug for SettingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.key())
    }
}

impl Serialize for SettingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

/// A value of some setting. Prints as a policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A word of the API.
    Word(&'static str),
    /// `true` or `false`.
    Bool(bool),
    /// A number of minutes.
    Minutes(u32),
    /// A text.
    Text(Arc<str>),
    /// The key is missing or empty.
    Unset,
}

/// The values that a declaration accepts: never empty.
///
/// Every item is a literal. Patterns, `SET` and bounds are further kinds of items, and belong here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted(Arc<[Value]>);

impl Value {
    /// The word for a value that is not set.
    pub const UNSET: &'static str = "UNSET";

    /// The value as a policy writes it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Word(word) => Cow::Borrowed(word),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Minutes(minutes) => Cow::Owned(minutes.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Unset => Cow::Borrowed(Self::UNSET),
        }
    }
}

impl Accepted {
    /// Whether a live value is accepted.
    pub fn accepts(&self, live: &Value) -> bool {
        self.0.contains(live)
    }

    /// The value that `apply` sets: the first.
    pub fn value_to_set(&self) -> Option<&Value> {
        self.0.first()
    }

    /// The items as a policy writes them.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.iter().map(Value::text)
    }

    /// Whether a value is the only one that is accepted.
    pub fn is_only(&self, value: &Value) -> bool {
        self.0.iter().all(|item| item == value)
    }

    /// Whether both accept the same, whichever comes first.
    pub fn accepts_same(&self, other: &Self) -> bool {
        self.0.iter().all(|item| other.accepts(item)) && other.0.iter().all(|item| self.accepts(item))
    }
}

impl FromIterator<Value> for Accepted {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<const N: usize> From<[Value; N]> for Accepted {
    fn from(values: [Value; N]) -> Self {
        Self(Arc::from(values))
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

    #[test]
    fn a_text_is_parsed_by_the_kind_of_its_setting() {
        let minutes = SettingKind::Minutes { least: 1, most: 60 };
        let rows = [
            (SettingKind::Word(&["ENABLED", "DISABLED"]), "ENABLED", Some(Value::Word("ENABLED"))),
            (SettingKind::Word(&["ENABLED"]), "enabled", None),
            (SettingKind::Bool, "true", Some(Value::Bool(true))),
            (SettingKind::Bool, "UNSET", None),
            (minutes, "60", Some(Value::Minutes(60))),
            (minutes, "61", None),
            (minutes, "UNSET", Some(Value::Unset)),
            (SettingKind::Text, "logs", Some(Value::Text("logs".into()))),
        ];
        for (kind, text, value) in rows {
            assert_eq!(kind.parse(text), value, "{kind:?} {text}");
            assert!(value.is_none_or(|value| value.to_string() == text), "{text} is printed as it was written");
        }
    }
}
