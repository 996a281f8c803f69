//! Outcomes: what is known of a setting, and what comparing it with the accepted values gives.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Accepted, LiveValue, Unread};

/// What is known of one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingReading {
    /// Its live value.
    Known(LiveValue),
    /// The target has no such setting: the Macie session is off, or the Region is.
    NotApplicable,
    /// It could not be read.
    Unread(Arc<Unread>),
}

/// Outcome of comparing one setting, or one target, with the desired state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The live value is an accepted one.
    InSync,
    /// The live value is not an accepted one.
    Drifted,
    /// It drifts, and a declared exception covers that.
    Waived,
    /// The target does not have the setting.
    NotApplicable,
    /// Nothing is known: never in sync, never drift.
    Unread,
}

impl Outcome {
    /// Every outcome, in the order of the ledger.
    pub const ALL: [Self; 5] = [Self::InSync, Self::Drifted, Self::Waived, Self::NotApplicable, Self::Unread];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Drifted => "drifted",
            Self::Waived => "waived",
            Self::NotApplicable => "not_applicable",
            Self::Unread => "unread",
        }
    }
}

impl SettingReading {
    /// The outcome of comparing it with the accepted values.
    pub fn outcome(&self, accepted: &Accepted) -> Outcome {
        match self {
            Self::Known(live) if live.is_accepted(accepted) => Outcome::InSync,
            Self::Known(_) => Outcome::Drifted,
            Self::NotApplicable => Outcome::NotApplicable,
            Self::Unread(_) => Outcome::Unread,
        }
    }
}
