//! How values are written in a world file: checked where they stand, so that a mistake is reported at its place.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_yaml::Spanned;

use crate::operation::OperationPattern;
use crate::region::Region;

/// A mapping whose keys keep their places, in the order of the file.
#[derive(Debug)]
pub(super) struct Entries<K, V>(pub(super) Vec<(Spanned<K>, V)>);

/// A Region that must be opted into.
#[derive(Debug, Clone)]
pub(super) struct OptInRegion(pub(super) Region);

/// A length of time, such as `100ms` or `2s`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause(pub(super) Duration);

/// How far a clock is ahead, such as `10m` or `-10m`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClockOffset(pub(super) SignedDuration);

/// A moment, such as `2025-01-31T12:00:00Z`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

/// How many there are of something.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count(pub(super) u32);

/// A pattern of operations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operations(pub(super) OperationPattern);

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Entries<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for InOrder<K, V> {
            type Value = Entries<K, V>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

impl<'de> Deserialize<'de> for OptInRegion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let region = Region::deserialize(deserializer)?;
        if region.is_opt_in() {
            Ok(Self(region))
        } else {
            Err(D::Error::custom(format_args!("{region} is no opt-in Region of the accounts here")))
        }
    }
}

impl<'de> Deserialize<'de> for Pause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let length: SignedDuration = parsed::<SignedDuration, D>(deserializer)?;
        Duration::try_from(length).map(Self).map_err(|_| D::Error::custom("a length of time cannot be negative"))
    }
}

impl<'de> Deserialize<'de> for ClockOffset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<SignedDuration, D>(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<Timestamp, D>(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let count = text.parse().map(Self);
        count.map_err(|_| D::Error::custom(format_args!("{text:?} is no count: a whole number from 0 to {}", u32::MAX)))
    }
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<OperationPattern, D>(deserializer).map(Self)
    }
}

/// The value that a string stands for.
pub(super) fn parsed<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| D::Error::custom(format_args!("{text:?}: {error}")))
}
