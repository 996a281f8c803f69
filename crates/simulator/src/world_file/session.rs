//! Macie sessions, classification jobs and concurrent changes of a world file, and its Session Manager.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::{Map, Value};
use serde_yaml::Spanned;

use super::values::{Contradiction, Count, Entries, Moment};
use crate::account_id::AccountId;
use crate::region::{ByRegion, Region};
use crate::world::account::Account;
use crate::world::session::{
    ConcurrentChanges, Discovery, ExportDestination, Frequency, FurtherSettings, OrganizationSettings, Reveal,
    SecurityHub, SessionAtStart, SessionConfig, SessionStatus, is_enabled,
};
use crate::world::session_manager::{
    Counts, DocumentFormat, DocumentVersion, ManagedSession, SessionList, SessionManager,
};

/// The value of a session: `off`, or a mapping. Missing keys have the defaults of EnableMacie.
#[derive(Debug, Clone)]
pub(crate) struct WrittenSession(pub(crate) Option<SessionAtStart>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenConfig {
    #[serde(default)]
    status: SessionStatus,
    #[serde(default, deserialize_with = "frequency")]
    finding_publishing_frequency: Frequency,
    #[serde(default)]
    security_hub: SecurityHub,
    classification_export: Option<ExportDestination>,
    #[serde(default)]
    automated_discovery: Discovery,
    #[serde(default)]
    reveal: Reveal,
    #[serde(default)]
    organization: OrganizationSettings,
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
                let written = WrittenConfig::deserialize(MapAccessDeserializer::new(map))?;
                let config = SessionConfig { status: written.status, frequency: written.finding_publishing_frequency };
                let settings = FurtherSettings {
                    security_hub: written.security_hub,
                    classification_export: written.classification_export,
                    automated_discovery: written.automated_discovery,
                    reveal: written.reveal,
                    organization: written.organization,
                };
                Ok(WrittenSession(Some(SessionAtStart { config, settings })))
            }
        }

        deserializer.deserialize_any(OffOrSettings)
    }
}

/// The key of something by Region: a Region, or every Region without an entry.
#[derive(Debug, Clone)]
pub(crate) enum RegionKey {
    Everywhere,
    In(Region),
}

impl<'de> Deserialize<'de> for RegionKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        Region::deserialize(StringDeserializer::new(text)).map(Self::In)
    }
}

/// Values by Region. `check` gets each value with the Region that is named.
pub(crate) fn by_region<W, T: Default>(
    written: Entries<RegionKey, W>,
    mut check: impl FnMut(Option<Region>, W) -> Result<T, String>,
) -> Result<ByRegion<T>, Contradiction> {
    let mut values = ByRegion::default();
    for (key, value) in written.0 {
        let contradiction = |cause: String| Contradiction { at: key.referenced, cause };
        match key.value {
            RegionKey::Everywhere => values.elsewhere = check(None, value).map_err(contradiction)?,
            RegionKey::In(region) => {
                values.named.insert(region, check(Some(region), value).map_err(contradiction)?);
            }
        }
    }
    Ok(values)
}

/// The sessions of an account, where `is_on` knows the Regions.
pub(crate) fn sessions(
    id: AccountId,
    written: Entries<RegionKey, WrittenSession>,
    is_on: impl Fn(Region) -> bool,
) -> Result<ByRegion<Option<SessionAtStart>>, Contradiction> {
    by_region(written, |region, WrittenSession(session)| {
        let Some(region) = region else { return Ok(session) };
        let reveals = session.as_ref().is_some_and(|session| session.settings.reveal != Reveal::default());
        if !region.has_macie() {
            return Err(format!("Macie does not exist in {region}"));
        }
        if session.is_some() && !is_on(region) {
            return Err(format!("{region} is off in account {id}: name it in regions_on, or drop the session"));
        }
        if reveals && !region.has_reveal() {
            return Err(format!("Macie reveals no samples in {region}: drop reveal"));
        }
        Ok(session)
    })
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
    written: Entries<RegionKey, Count>,
    session_in: impl Fn(Region) -> Option<SessionConfig>,
) -> Result<ByRegion<u32>, Contradiction> {
    by_region(written, |region, Count(count)| match region {
        Some(region) if !region.has_macie() => Err(format!("Macie does not exist in {region}")),
        Some(region) if count > 0 && !is_enabled(session_in(region)) => {
            Err(format!("no job can be under way in {region}, where Macie is not enabled in account {id} at the start"))
        }
        _ => Ok(count),
    })
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

/// Session Manager of an account: the versions of the preferences document, and sessions.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WrittenSessionManager {
    preferences: Entries<RegionKey, Vec<WrittenVersion>>,
    sessions: Entries<RegionKey, WrittenSessions>,
}

/// A version of the preferences document: its inputs and parameters, or its whole text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenVersion {
    inputs: Option<Map<String, Value>>,
    parameters: Option<Map<String, Value>>,
    content: Option<String>,
    format: DocumentFormat,
    r#type: Option<String>,
    created_at: Option<Moment>,
    status: Option<String>,
    active_after: Option<NonZeroU32>,
    status_information: Option<String>,
    default: bool,
}

/// A list of sessions, or a mapping with their numbers.
#[derive(Debug)]
struct WrittenSessions(SessionList);

impl<'de> Deserialize<'de> for WrittenSessions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrCounts;

        impl<'de> Visitor<'de> for ListOrCounts {
            type Value = WrittenSessions;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of sessions, or a mapping with the numbers active and ended")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
                let sessions = Vec::<ManagedSession>::deserialize(SeqAccessDeserializer::new(sequence))?;
                Ok(WrittenSessions(SessionList::Listed(sessions)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let counts = Counts::deserialize(MapAccessDeserializer::new(map))?;
                Ok(WrittenSessions(SessionList::Counted(counts)))
            }
        }

        deserializer.deserialize_any(ListOrCounts)
    }
}

impl WrittenSessionManager {
    /// Checks what is written of an account, where `is_on` knows the Regions.
    pub(crate) fn check(self, id: AccountId, is_on: impl Fn(Region) -> bool) -> Result<SessionManager, Contradiction> {
        let check_region = |region: Option<Region>, is_empty: bool| match region {
            Some(region) if !region.is_commercial() => Err(format!("{region} is in another partition")),
            Some(region) if !is_empty && !is_on(region) => {
                Err(format!("{region} is off in account {id}: name it in regions_on"))
            }
            _ => Ok(()),
        };
        let preferences = by_region(self.preferences, |region, versions: Vec<WrittenVersion>| {
            check_region(region, versions.is_empty())?;
            if versions.iter().filter(|version| version.default).count() > 1 {
                return Err("two versions of the document are the default".to_owned());
            }
            versions.into_iter().map(WrittenVersion::check).collect()
        })?;
        let sessions = by_region(self.sessions, |region, WrittenSessions(sessions)| {
            check_region(region, matches!(&sessions, SessionList::Listed(sessions) if sessions.is_empty()))?;
            Ok(sessions)
        })?;
        Ok(SessionManager::Listed { preferences, sessions })
    }
}

impl WrittenVersion {
    fn check(self) -> Result<DocumentVersion, String> {
        let content = match (self.content, self.inputs, self.parameters) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return Err("a version has a content of its own, or inputs and parameters".to_owned());
            }
            (Some(content), None, None) => content,
            (None, inputs, parameters) => DocumentVersion::content(&inputs.unwrap_or_default(), parameters.as_ref()),
        };
        let version = DocumentVersion::new(content);
        Ok(DocumentVersion {
            format: self.format,
            document_type: self.r#type.unwrap_or_else(|| version.document_type.clone()),
            created_at: self.created_at.map(|Moment(moment)| moment),
            status: self.status.unwrap_or_else(|| version.status.clone()),
            active_after: self.active_after,
            status_information: self.status_information,
            is_default: self.default,
            ..version
        })
    }
}
