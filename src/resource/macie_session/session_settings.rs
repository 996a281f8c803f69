//! The settings that GetMacieSession holds: `status` and `finding_publishing_frequency`.

use strum::VariantNames as _;

use super::{Frequency, ListedSession, LiveSession, Status};
use crate::model::{ChangeMethod, DesiredSettings, NeedsResource, Resource, SettingKind, SettingSpec, Value};
use crate::resource::{ReadBy, Setting};

/// The setting `status`.
///
/// Source: Amazon Macie User Guide, "Reviewing Macie accounts for an organization": the relationship is `Enabled` or `Paused`.
pub static STATUS: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "status",
        rule: "DL1001",
        summary: "Whether Macie is on.",
        meaning: "Whether Macie is on: ENABLED, PAUSED (no monitoring, its classification jobs cancelled), or NOT_ENABLED (no session). A list: any of its values is fine, and apply sets the first.",
        kind: SettingKind::Word(Status::VARIANTS),
        in_member_list: true,
        has_bare_waiver_words: true,
        absent: Some(Value::Word("NOT_ENABLED")),
        needs_resource: None,
        read_actions: &[],
        change: ChangeMethod::ByPlanner,
        other_names: &["enabled", "state", "macie", "enable"],
        other_words: &[
            ("on", "ENABLED"),
            ("enable", "ENABLED"),
            ("active", "ENABLED"),
            ("true", "ENABLED"),
            ("yes", "ENABLED"),
            ("off", "NOT_ENABLED"),
            ("disable", "NOT_ENABLED"),
            ("disabled", "NOT_ENABLED"),
            ("inactive", "NOT_ENABLED"),
            ("false", "NOT_ENABLED"),
            ("no", "NOT_ENABLED"),
            ("pause", "PAUSED"),
            ("suspended", "PAUSED"),
        ],
    },
    read: ReadBy::Session { live: live_status, listed: Some(listed_status) },
};

/// Whether `apply` would give a target this status.
pub fn wants_status(desired: &DesiredSettings, status: Status) -> bool {
    let statuses = desired.settings.iter().filter(|desired| desired.setting == STATUS.id());
    let mut values = statuses.filter_map(|desired| desired.decided.accepted.value_to_set());
    values.any(|value| Status::from_value(&value) == Some(status))
}

fn live_status(session: &LiveSession) -> Value {
    session.status.as_status().value()
}

fn listed_status(session: &ListedSession) -> Value {
    session.status.as_status().value()
}

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
        needs_resource: Some(NeedsResource {
            what: "a frequency",
            why: "a session that is off publishes nothing",
            alone: None,
        }),
        read_actions: &[],
        change: ChangeMethod::ByPlanner,
        other_names: &["frequency", "publishing_frequency", "publish_frequency", "findingPublishingFrequency"],
        other_words: &[
            ("15", "FIFTEEN_MINUTES"),
            ("15m", "FIFTEEN_MINUTES"),
            ("15min", "FIFTEEN_MINUTES"),
            ("15 minutes", "FIFTEEN_MINUTES"),
            ("15_MINUTES", "FIFTEEN_MINUTES"),
            ("1h", "ONE_HOUR"),
            ("60m", "ONE_HOUR"),
            ("1 hour", "ONE_HOUR"),
            ("hourly", "ONE_HOUR"),
            ("6h", "SIX_HOURS"),
            ("6 hours", "SIX_HOURS"),
        ],
    },
    read: ReadBy::Session { live: live_frequency, listed: None },
};

fn live_frequency(session: &LiveSession) -> Value {
    session.frequency.value()
}
