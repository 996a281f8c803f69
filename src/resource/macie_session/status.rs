//! The setting `status`.

use strum::VariantNames as _;

use super::{ListedSession, LiveSession};
use crate::model::{ChangeMethod, Resource, SettingKind, SettingSpec, Value};
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
    read: ReadBy::Session { live, listed: Some(listed) },
};

fn live(session: &LiveSession) -> Value {
    session.status.as_status().value()
}

fn listed(session: &ListedSession) -> Value {
    session.status.as_status().value()
}

/// Whether Macie is on in a target.
///
/// Source: Amazon Macie API Reference, GetMacieSession: `status` is `ENABLED` or `PAUSED`; an account without a session
/// answers with an error, for which driftline's own word is `NOT_ENABLED`.
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
pub enum Status {
    /// Macie monitors.
    Enabled,
    /// Macie is suspended: its settings and findings are kept for a while.
    Paused,
    /// There is no session.
    NotEnabled,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The status as a value of the setting.
    pub fn value(self) -> Value {
        Value::Word(self.as_str())
    }

    /// The status that a value of the setting stands for.
    pub fn from_value(value: &Value) -> Option<Self> {
        value.text().parse().ok()
    }
}
