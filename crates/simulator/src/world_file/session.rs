//! Sessions, classification jobs and concurrent changes of a world file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde_yaml::Spanned;

use super::values::{Contradiction, Count, Entries};
use crate::account_id::AccountId;
use crate::region::Region;
use crate::world::account::Account;
use crate::world::session::{
    ConcurrentChanges, DiscoveryStatus, Frequency, JobsAtStart, SessionConfig, SessionStatus, is_enabled,
};

/// The value of a session: `off`, or a mapping. Missing keys have the defaults of EnableMacie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenSession(pub(crate) Option<SessionConfig>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenConfig {
    #[serde(default)]
    status: SessionStatus,
    #[serde(default, deserialize_with = "frequency")]
    finding_publishing_frequency: Frequency,
    #[serde(default)]
    automated_discovery: AutomatedDiscovery,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct AutomatedDiscovery {
    status: DiscoveryStatus,
}

fn frequency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Frequency, D::Error> {
    let word = String::deserialize(deserializer)?;
    Frequency::from_word(&word).ok_or_else(|| D::Error::unknown_variant(&word, Frequency::WORDS))
}

impl<'de> Deserialize<'de> for WrittenSession {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OffOrSettings;

        impl<'de> Visitor<'de> for OffOrSettings {
            type Value = WrittenSession;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("\"off\", or a mapping with status and finding_publishing_frequency")
            }

            // An unquoted `off` is a word in YAML 1.2 and false in YAML 1.1.
            fn visit_bool<E: Error>(self, on: bool) -> Result<Self::Value, E> {
                if on { Err(E::invalid_value(Unexpected::Bool(on), &self)) } else { Ok(WrittenSession(None)) }
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                if word == "off" {
                    Ok(WrittenSession(None))
                } else {
                    Err(E::invalid_value(Unexpected::Str(word), &self))
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let WrittenConfig { status, finding_publishing_frequency: frequency, automated_discovery } =
                    WrittenConfig::deserialize(MapAccessDeserializer::new(map))?;
                let discovery = automated_discovery.status;
                Ok(WrittenSession(Some(SessionConfig { status, frequency, discovery })))
            }
        }

        deserializer.deserialize_any(OffOrSettings)
    }
}

/// The key of a session: a Region with Macie, or every Region without an entry.
#[derive(Debug, Clone)]
pub(crate) enum SessionPlace {
    Everywhere,
    In(Region),
}

impl<'de> Deserialize<'de> for SessionPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let region = Region::deserialize(StringDeserializer::new(text))?;
        if region.has_macie() {
            Ok(Self::In(region))
        } else {
            Err(D::Error::custom(format_args!("Macie does not exist in {region}")))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenChange {
    account: Spanned<AccountId>,
    region: Spanned<Region>,
    after: Spanned<Count>,
    session: WrittenSession,
}

/// The classification jobs of an account. Macie must be enabled in a named Region; `"*"` skips Regions where it is not.
pub(crate) fn jobs_at_start(
    id: AccountId,
    written: Entries<SessionPlace, Count>,
    session_in: impl Fn(Region) -> Option<SessionConfig>,
) -> Result<JobsAtStart, Contradiction> {
    let mut jobs = JobsAtStart::default();
    for (place, Count(count)) in written.0 {
        match place.value {
            SessionPlace::Everywhere => jobs.elsewhere = count,
            SessionPlace::In(region) if count > 0 && !is_enabled(session_in(region)) => {
                let cause = format!(
                    "no job can be under way in {region}, where Macie is not enabled in account {id} at the start"
                );
                return Err(Contradiction { at: place.referenced, cause });
            }
            SessionPlace::In(region) => {
                jobs.named.insert(region, count);
            }
        }
    }
    Ok(jobs)
}

/// The concurrent changes of a world with these accounts.
pub(crate) fn concurrent_changes(
    written: Vec<WrittenChange>,
    accounts: &BTreeMap<AccountId, Account>,
) -> Result<ConcurrentChanges, Contradiction> {
    let mut all = ConcurrentChanges::default();
    for WrittenChange { account, region, after, session: WrittenSession(session) } in written {
        let (place, Count(number)) = (region.value, after.value);
        if number == 0 {
            let cause = "answers are counted from 1".to_owned();
            return Err(Contradiction { at: after.referenced, cause });
        }
        let Some(known) = accounts.get(&account.value) else {
            let cause = format!("account {} is not among the accounts", account.value);
            return Err(Contradiction { at: account.referenced, cause });
        };
        let contradiction = |cause: String| Err(Contradiction { at: region.referenced, cause });
        if !place.has_macie() {
            return contradiction(format!("Macie does not exist in {place}"));
        }
        if !known.is_on(place) {
            return contradiction(format!("{place} is off in account {}: name it in regions_on", account.value));
        }
        let changes = all.0.entry((account.value, place)).or_default();
        if changes.insert(number, session).is_some() {
            let cause = format!("two changes of {}/{place} follow answer {number}", account.value);
            return Err(Contradiction { at: after.referenced, cause });
        }
    }
    Ok(all)
}
