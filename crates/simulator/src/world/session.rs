//! Macie sessions with their settings when the world begins, and concurrent changes made by others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, VariantNames};

use super::recipe::{ADMINISTRATOR, Share, account};
use crate::account_id::AccountId;
use crate::region::{ByRegion, Region};

/// The configuration of a Macie session. The default is that of EnableMacie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SessionConfig {
    pub(crate) status: SessionStatus,
    pub(crate) frequency: Frequency,
}

/// A session when the world begins, or after a change made by others.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionAtStart {
    pub(crate) config: SessionConfig,
    pub(crate) settings: FurtherSettings,
}

/// The settings of a session beyond its configuration. The default is that of a new session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FurtherSettings {
    pub(crate) security_hub: SecurityHub,
    /// Bucket for classification results.
    pub(crate) classification_export: Option<ExportDestination>,
    pub(crate) automated_discovery: Discovery,
    pub(crate) reveal: Reveal,
    pub(crate) organization: OrganizationSettings,
}

/// The findings that are published to Security Hub.
///
/// Source of the defaults: Amazon Macie API Reference, SecurityHubConfiguration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(crate) struct SecurityHub {
    pub(crate) publish_policy_findings: bool,
    pub(crate) publish_classification_findings: bool,
}

impl Default for SecurityHub {
    fn default() -> Self {
        Self { publish_policy_findings: true, publish_classification_findings: false }
    }
}

/// The repository of classification results. Source: Amazon Macie API Reference, S3Destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(crate) struct ExportDestination {
    pub(crate) bucket_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_prefix: Option<String>,
    pub(crate) kms_key_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_bucket_owner: Option<String>,
}

/// Automated sensitive data discovery. A new session is without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Discovery {
    pub(crate) status: Toggle,
    pub(crate) auto_enable_organization_members: AutoEnable,
    /// The time of the last change since the world began.
    #[serde(skip)]
    pub(crate) changed_at: Option<Timestamp>,
}

/// The retrieval of sensitive data samples. Source: Amazon Macie API Reference, reveal configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Reveal {
    pub(crate) status: Toggle,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) retrieval_mode: RetrievalMode,
    pub(crate) role_name: Option<String>,
    pub(crate) external_id: Option<String>,
}

/// The settings of the delegated administrator for its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrganizationSettings {
    pub(crate) auto_enable: bool,
}

/// The status of discovery and of reveal, as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, VariantNames)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum Toggle {
    Enabled,
    #[default]
    Disabled,
}

/// The member accounts for which discovery is enabled automatically, as the API spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, VariantNames)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub(crate) enum AutoEnable {
    All,
    New,
    #[default]
    None,
}

/// The access by which samples are retrieved, as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, VariantNames)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RetrievalMode {
    #[default]
    CallerCredentials,
    AssumeRole,
}

/// The status of a Macie session, as the API spells it.
///
/// Source of the default: the Terraform AWS provider's acceptance tests, run on live AWS. The API reference does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SessionStatus {
    /// Macie is enabled.
    #[default]
    Enabled,
    /// Macie is suspended.
    Paused,
}

/// How often Macie publishes updates of existing policy findings, as the API spells it.
///
/// Source: Amazon Macie API Reference, `FindingPublishingFrequency`; of the default, as for the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frequency {
    /// Every 15 minutes.
    #[default]
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every 6 hours.
    SixHours,
}

impl SessionStatus {
    pub(crate) const ALL: [Self; 2] = [Self::Paused, Self::Enabled];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Paused => "PAUSED",
        }
    }
}

impl Frequency {
    pub(crate) const WORDS: &'static [&'static str] = &["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FifteenMinutes => "FIFTEEN_MINUTES",
            Self::OneHour => "ONE_HOUR",
            Self::SixHours => "SIX_HOURS",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::FifteenMinutes, Self::OneHour, Self::SixHours].into_iter().find(|frequency| frequency.as_str() == word)
    }
}

/// The sessions of an account. Whether a Region is on and has Macie is checked elsewhere.
#[derive(Debug)]
pub(crate) enum Sessions {
    /// Sessions of a world file.
    Listed(Box<ByRegion<Option<SessionAtStart>>>),
    /// Sessions of a generated world, computed on each request.
    Sampled(Sampler),
}

impl Sessions {
    pub(crate) fn session(&self, region: Region) -> Option<SessionConfig> {
        match self {
            Self::Listed(sessions) => sessions.get(region).as_ref().map(|session| session.config),
            Self::Sampled(sampler) => sampler.session(region),
        }
    }

    /// The settings of a session beyond its configuration.
    pub(crate) fn settings(&self, region: Region) -> FurtherSettings {
        match self {
            Self::Listed(sessions) => sessions.get(region).clone().unwrap_or_default().settings,
            Self::Sampled(sampler) => sampler.settings(region),
        }
    }

    /// Whether any Region has a session.
    pub(crate) fn has_any(&self) -> bool {
        match self {
            Self::Listed(sessions) => sessions.elsewhere.is_some() || sessions.named.values().any(Option::is_some),
            Self::Sampled(sampler) => sampler.has_any(),
        }
    }
}

pub(crate) fn is_enabled(session: Option<SessionConfig>) -> bool {
    session.is_some_and(|session| session.status == SessionStatus::Enabled)
}

/// The pseudorandom sessions of one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampler {
    /// Differs by seed and account.
    stream: u64,
    /// The number of Regions with sessions: the first ones with Macie.
    regions: usize,
    drift: Share,
}

impl Sampler {
    /// The sampler of an account by its number.
    pub(crate) fn new(seed: u64, account: u32, regions: usize, drift: Share) -> Self {
        Self { stream: mix(mix(seed) ^ u64::from(account)), regions, drift }
    }

    /// Whether any Region has a session.
    pub(crate) fn has_any(self) -> bool {
        Region::with_macie().iter().any(|region| self.session(*region).is_some())
    }

    /// The session in a Region: a function of seed, account and Region.
    pub(crate) fn session(self, region: Region) -> Option<SessionConfig> {
        let number = self.number(region)?;
        let (share, kind) = Share::from_random(mix(self.stream ^ number));
        let usual = SessionConfig::default();
        match kind % 6 {
            _ if share >= self.drift => Some(usual),
            0 | 1 => Some(SessionConfig { status: SessionStatus::Paused, ..usual }),
            2 => Some(SessionConfig { frequency: Frequency::OneHour, ..usual }),
            3 => Some(SessionConfig { frequency: Frequency::SixHours, ..usual }),
            _ => None,
        }
    }

    /// The settings of a session in a Region: usually those of an account whose findings and results are all kept.
    fn settings(self, region: Region) -> FurtherSettings {
        let administrator = account(ADMINISTRATOR);
        let key_arn = format!("arn:aws:kms:{region}:{administrator}:key/00000000-0000-4000-8000-000000000000");
        let mut settings = FurtherSettings {
            security_hub: SecurityHub { publish_policy_findings: true, publish_classification_findings: true },
            classification_export: Some(ExportDestination {
                bucket_name: format!("macie-results-{region}"),
                kms_key_arn: key_arn.clone(),
                ..ExportDestination::default()
            }),
            automated_discovery: Discovery {
                status: Toggle::Enabled,
                auto_enable_organization_members: AutoEnable::New,
                changed_at: None,
            },
            organization: OrganizationSettings { auto_enable: true },
            ..FurtherSettings::default()
        };
        match self.drift(SETTINGS_STREAM, region).map(|kind| kind % 4) {
            Some(0) => settings.security_hub.publish_classification_findings = false,
            Some(1) => settings.classification_export = None,
            Some(2) => settings.automated_discovery.status = Toggle::Disabled,
            Some(_) => {
                settings.reveal = Reveal { status: Toggle::Enabled, kms_key_id: Some(key_arn), ..Reveal::default() };
            }
            None => {}
        }
        settings
    }

    /// Whether anything of this kind drifts in a Region of the recipe: a random number, if so.
    pub(crate) fn drift(self, stream: u64, region: Region) -> Option<u64> {
        let (share, kind) = Share::from_random(self.random(stream, region)?);
        (share < self.drift).then_some(kind)
    }

    /// A random number of a Region of the recipe.
    pub(crate) fn random(self, stream: u64, region: Region) -> Option<u64> {
        Some(mix(mix(self.stream ^ stream) ^ self.number(region)?))
    }

    /// The number of a Region in the recipe.
    pub(crate) fn number(self, region: Region) -> Option<u64> {
        let regions = Region::with_macie().iter().take(self.regions);
        regions.zip(0..).find(|(known, _)| **known == region).map(|(_, number)| number)
    }
}

/// The stream of the settings beyond the configuration of a session.
const SETTINGS_STREAM: u64 = 1;

/// Spreads a number over all 64 bits, so that neighbours have nothing in common.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014: the step and the mixer of SplitMix64.
pub(crate) fn mix(number: u64) -> u64 {
    let stepped = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let once = (stepped ^ (stepped >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    twice ^ (twice >> 31)
}

/// The session of a target after a change made by others. `None` disables Macie.
pub(crate) type ConcurrentChange = Option<SessionAtStart>;

/// Concurrent changes by target, and by the number of the answer that each follows.
#[derive(Debug, Default)]
pub(crate) struct ConcurrentChanges(pub(crate) BTreeMap<(AccountId, Region), BTreeMap<u32, ConcurrentChange>>);

impl ConcurrentChanges {
    /// Whether a target has any.
    pub(crate) fn has_any(&self, account: AccountId, region: Region) -> bool {
        !self.0.is_empty() && self.0.contains_key(&(account, region))
    }

    /// The change of a target right after its answer with this number to GetMacieSession.
    pub(crate) fn after(&self, account: AccountId, region: Region, answers: u32) -> Option<ConcurrentChange> {
        self.0.get(&(account, region))?.get(&answers).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many targets of 2,000 accounts by 22 Regions are enabled as they should be, paused, of another frequency, off.
    fn counts(seed: u64, drift: &str) -> [usize; 4] {
        let drift = drift.parse().expect("a share");
        let mut counts = [0; 4];
        for account in 0..2000 {
            let sampler = Sampler::new(seed, account, 22, drift);
            for region in Region::with_macie() {
                let kind = match sampler.session(*region) {
                    Some(SessionConfig { status: SessionStatus::Paused, .. }) => 1,
                    Some(SessionConfig { frequency, .. }) if frequency != Frequency::default() => 2,
                    Some(_) => 0,
                    None => 3,
                };
                counts[kind] += 1;
            }
        }
        counts
    }

    #[test]
    fn the_mixer_is_the_one_that_others_use() {
        // The first numbers of SplitMix64 from the seed 0, as its implementations list them.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn drift_has_its_share_and_its_three_kinds_a_third_each() {
        // Four times the deviation that chance has.
        let near = |count: usize, expected: usize| count.abs_diff(expected).pow(2) <= 16 * expected;
        for seed in [1, 2, u64::MAX] {
            let [fine, paused, other, off] = counts(seed, "30");
            assert!(near(fine, 30_800) && [paused, other, off].iter().all(|count| near(*count, 4400)), "{seed}");
        }
        assert_eq!(counts(1, "0"), [44_000, 0, 0, 0]);
        assert_eq!(counts(1, "100")[0], 0);
        let [fine, ..] = counts(1, "0.5");
        assert!(near(44_000 - fine, 220), "{fine}");
    }

    #[test]
    fn a_seed_is_a_world() {
        assert_eq!(counts(7, "5"), counts(7, "5"));
        let sessions = |seed| -> Vec<_> {
            let sampler = |account| Sampler::new(seed, account, 22, "50".parse().expect("a share"));
            (0..50)
                .flat_map(|account| Region::with_macie().iter().map(move |region| sampler(account).session(*region)))
                .collect()
        };
        let differing = sessions(1).iter().zip(&sessions(2)).filter(|(one, other)| one != other).count();
        assert!((500..800).contains(&differing), "{differing} of 1100");
    }

    #[test]
    fn with_fewer_regions_the_first_stay_as_they_are() {
        let drift = "50".parse().expect("a share");
        let (few, all) = (Sampler::new(1, 3, 4, drift), Sampler::new(1, 3, 22, drift));
        for (number, region) in Region::with_macie().iter().enumerate() {
            assert_eq!(few.session(*region), all.session(*region).filter(|_| number < 4), "{region}");
        }
    }
}
