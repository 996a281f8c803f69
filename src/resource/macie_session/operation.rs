//! The operations that change a session: what each sets, what it risks, and why a change may be blocked.

use serde::{Deserialize, Serialize};

use super::{FREQUENCY, Frequency, STATUS, Status};
use crate::model::{DesiredSetting, Origin, SettingId, Severity, Value};

/// The frequency that is sent when Macie is enabled and none is declared. AWS itself is known to choose this one.
///
/// Source: acceptance tests of the Terraform AWS provider, run on live AWS; the API reference does not say.
pub(super) const DEFAULT_FREQUENCY: Frequency = Frequency::FifteenMinutes;

/// The change of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The setting.
    pub setting: SettingId,
    /// Its value before; `None` where it has none, or one that AWS chooses.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Value,
    /// The severity of the drift; `None` where the setting is undeclared.
    pub severity: Option<Severity>,
    /// The declaration behind it; `None` where there is none and AWS requires a value.
    pub origin: Option<Origin>,
}

/// An operation of the Macie API that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The administrator adds an account of its organization. That enables Macie there.
    CreateMember {
        /// The email address of the account.
        email: Box<str>,
    },
    /// The account enables Macie.
    EnableMacie,
    /// The account changes its own session.
    UpdateMacieSession,
    /// The administrator pauses or resumes a member.
    UpdateMemberSession,
    /// The account disables Macie.
    DisableMacie,
}

/// What a step may destroy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing: another frequency, a session resumed or enabled.
    Safe,
    /// A pause: monitoring stops, and classification jobs are cancelled for good.
    Disruptive,
    /// The end of a session: everything that Macie holds there is deleted.
    Destructive,
}

impl Change {
    /// The frequency that EnableMacie sends where none is declared.
    pub(super) fn default_frequency() -> Self {
        Self { setting: FREQUENCY.id(), before: None, after: DEFAULT_FREQUENCY.value(), severity: None, origin: None }
    }

    /// The change that would remove a drift.
    pub fn for_drift(desired: &DesiredSetting, live: Option<Value>) -> Option<Self> {
        Some(Self {
            setting: desired.setting,
            before: live,
            after: desired.decided.accepted.value_to_set()?,
            severity: Some(desired.severity),
            origin: Some((*desired.decided.origin).clone()),
        })
    }

    /// The status that it sets, if it sets one.
    pub fn status_after(&self) -> Option<Status> {
        (self.setting == STATUS.id()).then(|| Status::from_value(&self.after)).flatten()
    }

    /// Whether it changes the status of a session that is off.
    pub fn is_from_off(&self) -> bool {
        self.setting == STATUS.id() && self.before.as_ref().and_then(Status::from_value) == Some(Status::NotEnabled)
    }
}

impl Operation {
    /// The name in the API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateMember { .. } => "CreateMember",
            Self::EnableMacie => "EnableMacie",
            Self::UpdateMacieSession => "UpdateMacieSession",
            Self::UpdateMemberSession => "UpdateMemberSession",
            Self::DisableMacie => "DisableMacie",
        }
    }

    /// The risk of setting these values.
    ///
    /// Source: Amazon Macie User Guide, "Suspending Macie" and "Disabling Macie".
    pub fn risk(&self, changes: &[Change]) -> Risk {
        let pauses = changes.iter().any(|change| change.status_after() == Some(Status::Paused));
        match self {
            Self::DisableMacie => Risk::Destructive,
            Self::UpdateMacieSession | Self::UpdateMemberSession if pauses => Risk::Disruptive,
            Self::CreateMember { .. } | Self::EnableMacie | Self::UpdateMacieSession | Self::UpdateMemberSession => {
                Risk::Safe
            }
        }
    }

    /// Whether AWS offers no way back, whatever the session holds: a member cannot disable Macie, and what a disabled session
    /// held is deleted.
    ///
    /// Source: Amazon Macie User Guide, "Administrator and member account relationships" and "Disabling Macie".
    pub fn is_one_way(&self) -> bool {
        matches!(self, Self::CreateMember { .. } | Self::DisableMacie)
    }

    /// Whether it creates a session.
    pub fn enables(&self) -> bool {
        matches!(self, Self::CreateMember { .. } | Self::EnableMacie)
    }
}

impl Risk {
    /// Every risk, the least first.
    pub const ALL: [Self; 3] = [Self::Safe, Self::Disruptive, Self::Destructive];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Disruptive => "disruptive",
            Self::Destructive => "destructive",
        }
    }
}

/// Why a change is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// An administrator cannot pause or disable Macie while accounts are associated with it.
    AdministratorWithMembers,
    /// A member cannot disable Macie while it is associated with its administrator.
    MemberCannotDisable,
    /// The Region is off for the account.
    RegionOff,
    /// Macie does not exist in the Region.
    NoMacieInRegion,
    /// The role of the account could not be read, so that it is unknown who may change its status.
    MembershipUnknown,
    /// The target has changed since the apply that is to be rolled back.
    ChangedSince,
    /// driftline reports this setting and does not change it.
    ReportOnly,
    /// It needs a step for a target that the plan does not cover.
    NeedsUnselectedStep,
}

impl BlockReason {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdministratorWithMembers => "administrator_with_members",
            Self::MemberCannotDisable => "member_cannot_disable",
            Self::RegionOff => "region_off",
            Self::NoMacieInRegion => "no_macie_in_region",
            Self::MembershipUnknown => "membership_unknown",
            Self::ChangedSince => "changed_since",
            Self::ReportOnly => "report_only",
            Self::NeedsUnselectedStep => "needs_unselected_step",
        }
    }
}
