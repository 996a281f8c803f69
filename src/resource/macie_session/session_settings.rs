//! The settings that GetMacieSession holds: `status` and `finding_publishing_frequency`.

use strum::VariantNames as _;

use super::{Frequency, ListedSession, LiveSession, Status};
use crate::model::{ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Value};
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
    },
    read: ReadBy::Session { live: live_status, listed: Some(listed_status) },
};

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
    },
    read: ReadBy::Session { live: live_frequency, listed: None },
};

fn live_frequency(session: &LiveSession) -> Value {
    session.frequency.value()
}
