//! The setting `finding_publishing_frequency`.

use strum::VariantNames as _;

use super::LiveSession;
use crate::model::{ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Value};
use crate::resource::{ReadBy, Setting};

/// The setting `finding_publishing_frequency`.
///
/// Source: Amazon Macie API Reference, `Member`, has no such field.
pub static FREQUENCY: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "finding_publishing_frequency",
        rule: "DL1002",
        summary: "How often updates of policy findings are published.",
        meaning: "How often Macie publishes updates of existing policy findings to Amazon EventBridge and AWS Security Hub. A list: any of its values is fine, and apply sets the first.",
        kind: SettingKind::Word(Frequency::VARIANTS),
        in_member_list: false,
        has_bare_waiver_words: true,
        absent: None,
        needs_resource: Some(NeedsResource { what: "a frequency", why: "a session that is off publishes nothing" }),
        read_actions: &[],
        change: ChangeMethod::ByPlanner,
    },
    read: ReadBy::Session { live, listed: None },
};

fn live(session: &LiveSession) -> Value {
    session.frequency.value()
}

/// How often updates of existing policy findings are published.
///
/// Source: Amazon Macie API Reference, `FindingPublishingFrequency`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every 6 hours.
    SixHours,
}

impl Frequency {
    /// The word for it, as the API spells it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The frequency that a word of the API stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// The frequency as a value of the setting.
    pub fn value(self) -> Value {
        Value::Word(self.as_str())
    }

    /// The frequency that a value of the setting stands for.
    pub fn from_value(value: &Value) -> Option<Self> {
        Self::from_word(&value.text())
    }
}
