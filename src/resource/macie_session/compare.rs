//! Whether what is live is among what is wanted, setting by setting.

use serde::{Deserialize, Serialize};

use super::{Reading, SettingReading};
use crate::model::{Accepted, SettingId};

/// What came of comparing one setting, or one target, with what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The live value is an accepted one.
    InSync,
    /// The live value is not an accepted one.
    Drifted,
    /// It drifts, and a declared exception covers that.
    Waived,
    /// There is nothing that the wish could be about.
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

/// Compares one setting.
///
/// A session that is off has a status and no frequency. So the frequency that is wanted of it does not apply: one fact is
/// one drift.
pub fn compare(setting: SettingId, accepted: &Accepted, reading: &Reading) -> Outcome {
    reading.setting(setting).outcome(accepted)
}

impl SettingReading {
    /// The outcome of comparing it with the accepted values.
    pub fn outcome(&self, accepted: &Accepted) -> Outcome {
        match self {
            Self::Known(live) if accepted.accepts(live) => Outcome::InSync,
            Self::Known(_) => Outcome::Drifted,
            Self::NotApplicable => Outcome::NotApplicable,
            Self::Unread(_) => Outcome::Unread,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FREQUENCY, Frequency, LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, STATUS};
    use super::*;
    use crate::model::{Evidence, Unread, UnreadReason, Value};

    const ENABLED: Value = Value::Word("ENABLED");
    const PAUSED: Value = Value::Word("PAUSED");
    const NOT_ENABLED: Value = Value::Word("NOT_ENABLED");
    const FIFTEEN: Value = Value::Word("FIFTEEN_MINUTES");
    const HOUR: Value = Value::Word("ONE_HOUR");

    fn on(status: LiveStatus) -> Reading {
        Reading::On(LiveSession {
            status,
            frequency: Frequency::OneHour,
            service_role: None,
            created_at: None,
            updated_at: None,
            note: None,
            further: None,
        })
    }

    #[test]
    fn the_whole_table() {
        let off = Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence::default()));
        let nowhere = Reading::NotApplicable(NotApplicable::RegionOff);
        let unread = Reading::Unread(Unread::local(UnreadReason::Throttled, ""));
        let (status, frequency) = (STATUS.id(), FREQUENCY.id());
        let rows: [(SettingId, &[Value], &Reading, Outcome); 13] = [
            (status, &[ENABLED], &on(LiveStatus::Enabled), Outcome::InSync),
            (status, &[ENABLED], &on(LiveStatus::Paused), Outcome::Drifted),
            (status, &[PAUSED, ENABLED], &on(LiveStatus::Enabled), Outcome::InSync),
            (status, &[ENABLED], &off, Outcome::Drifted),
            (status, &[PAUSED, NOT_ENABLED], &off, Outcome::InSync),
            (status, &[NOT_ENABLED], &on(LiveStatus::Paused), Outcome::Drifted),
            (status, &[ENABLED], &nowhere, Outcome::NotApplicable),
            (status, &[ENABLED], &unread, Outcome::Unread),
            (frequency, &[HOUR], &on(LiveStatus::Paused), Outcome::InSync),
            (frequency, &[FIFTEEN], &on(LiveStatus::Enabled), Outcome::Drifted),
            (frequency, &[FIFTEEN], &off, Outcome::NotApplicable),
            (frequency, &[FIFTEEN], &nowhere, Outcome::NotApplicable),
            (frequency, &[FIFTEEN], &unread, Outcome::Unread),
        ];
        for (setting, accepted, reading, outcome) in rows {
            let accepted: Accepted = accepted.iter().cloned().collect();
            assert_eq!(compare(setting, &accepted, reading), outcome, "{setting} {accepted} {reading:?}");
        }
    }
}
