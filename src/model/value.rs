//! Values of settings, and the lists of values that a declaration accepts.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

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
