//! One call of a plan.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Origin, Setting, SettingValue, Severity, Status, Target};
use crate::session::SessionState;

/// One call that changes something about one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number in the plan, from 1.
    pub number: u32,
    /// The target that it changes.
    pub target: Target,
    /// The name of the target's account, where it is known.
    pub account_name: Option<Box<str>>,
    /// What is called.
    pub operation: Operation,
    /// The account whose credentials it is called with.
    pub calling_account: AccountId,
    /// What changes by it, in the order of the settings.
    pub changes: Vec<Change>,
    /// What the target is set to before it: as read, or as an earlier step of the plan leaves it. A setting without a value
    /// here has one that AWS chooses.
    pub expected: SessionState,
    /// When the session was last changed, as read; where it was read and AWS tells.
    pub session_updated_at: Option<jiff::Timestamp>,
    /// What may be lost by it.
    pub risk: Risk,
    /// What comes of it, in words.
    pub consequence: String,
    /// How many classification jobs it cancels for good, where it does and that could be read.
    pub classification_jobs: Option<usize>,
    /// The steps that must be done before it.
    pub after: Vec<u32>,
}

/// A setting that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The setting.
    pub setting: Setting,
    /// Its value before; `None` where it has none, or one that AWS chooses.
    pub before: Option<SettingValue>,
    /// Its value after.
    pub after: SettingValue,
    /// How much the drift matters; `None` where no declaration asks for the setting.
    pub severity: Option<Severity>,
    /// The declaration that wants it; `None` where none does, and AWS has to be told something.
    pub origin: Option<Origin>,
}

/// An operation of the Macie API that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The administrator adds an account of its organization, which enables Macie there.
    CreateMember {
        /// The address of the account that is added.
        email: Box<str>,
    },
    /// The account enables Macie itself.
    EnableMacie,
    /// The account changes its own session.
    UpdateMacieSession,
    /// The administrator pauses or resumes a member.
    UpdateMemberSession,
    /// The account disables Macie itself.
    DisableMacie,
}

/// What may be lost by a step.
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

impl Operation {
    /// The name, as the API has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateMember { .. } => "CreateMember",
            Self::EnableMacie => "EnableMacie",
            Self::UpdateMacieSession => "UpdateMacieSession",
            Self::UpdateMemberSession => "UpdateMemberSession",
            Self::DisableMacie => "DisableMacie",
        }
    }

    /// What may be lost by it, given what it sets.
    ///
    /// Source: Amazon Macie User Guide, "Suspending Macie" and "Disabling Macie".
    pub fn risk(&self, changes: &[Change]) -> Risk {
        let pauses = changes.iter().any(|change| change.after == SettingValue::Status(Status::Paused));
        match self {
            Self::DisableMacie => Risk::Destructive,
            Self::UpdateMacieSession | Self::UpdateMemberSession if pauses => Risk::Disruptive,
            Self::CreateMember { .. } | Self::EnableMacie | Self::UpdateMacieSession | Self::UpdateMemberSession => {
                Risk::Safe
            }
        }
    }

    /// Whether it makes a session where there was none.
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

impl Step {
    /// What the target is set to after it, as far as the step decides that.
    pub fn values_after(&self) -> impl Iterator<Item = SettingValue> {
        self.changes.iter().map(|change| change.after)
    }
}
