//! The reading of a target, and its comparison with the accepted values.

use std::sync::Arc;

use super::macie_session::{CompactTimestamp, ListedSession, LiveSession};
use super::session_manager_preferences::Preferences;
use super::session_manager_sessions::Sessions;
use super::{LastChange, Outcome, ReadBy, Setting, SettingReading};
use crate::model::{
    Accepted, AccountId, DesiredSetting, Evidence, LiveValue, Resource, SettingId, Settings, Unread, UnreadReason,
    Value,
};

/// Reading of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// There is a session, and its status and frequency are known.
    On(LiveSession),
    /// There is a session, and its status is known from Macie's administrator. Only the account itself knows the rest.
    Listed(ListedSession),
    /// There is no session.
    NotEnabled(NotEnabledEvidence),
    /// The Session Manager preferences, which may be those of no document.
    Preferences(Arc<Preferences>),
    /// The sessions of Session Manager are known.
    Sessions(Arc<Sessions>),
    /// Macie cannot be on here, and no declaration names this Region: the target asks for nothing.
    NotApplicable(NotApplicable),
    /// Nothing is known.
    Unread(Unread),
}

/// Why it is known that there is no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotEnabledEvidence {
    /// Macie said so.
    Answer(Evidence),
    /// The Region, which a declaration names, is off for the account: account:ListRegions said so.
    RegionOff,
    /// The same, as Macie's administrator lists its member.
    RegionOffListed(AccountId),
    /// The Region, which a declaration names, has no Macie.
    NoMacieInRegion,
}

/// Why a target that came from a pattern or from "all" asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplicable {
    /// Macie does not exist in the Region, by the Region table.
    NoMacieInRegion,
    /// The Region is off for the account: account:ListRegions said so.
    RegionOff,
    /// The Region is off for the account: Macie's administrator lists it so.
    RegionOffListed(AccountId),
    /// The Region is off for the account: inferred, because it refused a token that works in another Region.
    RegionOffInferred,
}

impl Reading {
    /// Stands for a reading that should be there and is not: a fault in driftline, and no reason to lose the target.
    pub fn missing() -> Self {
        Self::Unread(Unread::local(
            UnreadReason::Unintelligible,
            "driftline lost sight of this target; this is a fault in driftline",
        ))
    }

    /// The reading of a Region that has no Macie, which a declaration names or not.
    pub fn without_macie(named: bool) -> Self {
        if named {
            Self::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
        } else {
            Self::NotApplicable(NotApplicable::NoMacieInRegion)
        }
    }

    /// The reading of a Region that is off according to account:ListRegions. A named Region has no Macie session then; of Systems
    /// Manager nothing is known.
    pub fn region_off(resource: Resource, named: bool) -> Self {
        match resource {
            _ if !named => Self::NotApplicable(NotApplicable::RegionOff),
            Resource::MacieSession => Self::NotEnabled(NotEnabledEvidence::RegionOff),
            Resource::SessionManagerPreferences | Resource::SessionManagerSessions => Self::Unread(Unread::local(
                UnreadReason::RegionOff,
                "the Region is off for the account, according to account:ListRegions",
            )),
        }
    }

    /// The reading as another declaration of the same target means it: what a Region that is off amounts to depends on whether a
    /// declaration names it.
    #[must_use]
    pub fn reinterpreted(self, resource: Resource, named: bool) -> Self {
        match (self, named) {
            (Self::NotEnabled(NotEnabledEvidence::RegionOff) | Self::NotApplicable(NotApplicable::RegionOff), _) => {
                Self::region_off(resource, named)
            }
            (Self::NotEnabled(NotEnabledEvidence::RegionOffListed(by)), false) => {
                Self::NotApplicable(NotApplicable::RegionOffListed(by))
            }
            (Self::NotApplicable(NotApplicable::RegionOffListed(by)), true) => {
                Self::NotEnabled(NotEnabledEvidence::RegionOffListed(by))
            }
            (
                Self::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
                | Self::NotApplicable(NotApplicable::NoMacieInRegion),
                _,
            ) => Self::without_macie(named),
            // What account:ListRegions said of a named Region, which is not named any more.
            (Self::Unread(unread), false)
                if resource != Resource::MacieSession
                    && unread.reason == UnreadReason::RegionOff
                    && unread.evidence.code.is_none() =>
            {
                Self::region_off(resource, false)
            }
            (Self::NotApplicable(NotApplicable::RegionOffInferred), true) => Self::Unread(Unread::local(
                UnreadReason::RegionOff,
                "the Region refused a token that worked in another one, and account:ListRegions was not answered",
            )),
            (reading, _) => reading,
        }
    }

    /// Whether there cannot be a session: the Region is off or has no Macie.
    pub fn rules_out_session(&self) -> bool {
        matches!(self, Self::NotEnabled(NotEnabledEvidence::RegionOff | NotEnabledEvidence::NoMacieInRegion))
    }

    /// When the session was last changed, where it was read and AWS says so.
    pub fn updated_at(&self) -> Option<jiff::Timestamp> {
        match self {
            Self::On(session) => session.updated_at.map(CompactTimestamp::timestamp),
            _ => None,
        }
    }

    /// When the value of a setting was last changed, where the service says so: Macie dates what GetMacieSession holds, together.
    ///
    /// Source: Amazon Macie API Reference, GetMacieSession, `updatedAt`.
    pub fn last_change(&self, setting: SettingId) -> Option<LastChange> {
        match Setting::for_id(setting)?.read {
            ReadBy::Session { listed, .. } => Some(LastChange {
                at: self.updated_at()?,
                field: "Macie's updatedAt",
                event_source: "macie2.amazonaws.com",
                // What the administrator lists of a member, it also sets.
                by_administrator: listed.is_some(),
            }),
            ReadBy::ExtraCall(_) | ReadBy::Input(_) | ReadBy::Sessions(_) => None,
        }
    }

    /// What is known of one declared setting.
    pub fn setting(&self, desired: &DesiredSetting) -> SettingReading {
        let setting = desired.setting;
        if let Self::Sessions(sessions) = self {
            return sessions.rule(desired);
        }
        self.found(setting).unwrap_or_else(|| {
            let who = match self {
                Self::Unread(unread) => return SettingReading::Unread(Arc::new(unread.clone())),
                Self::Listed(session) => format!("Macie's administrator {} does not list", session.administrator),
                _ => "the run that read the session did not ask for".to_owned(),
            };
            let message = format!("{who} `{setting}`");
            SettingReading::Unread(Arc::new(Unread::local(UnreadReason::NotListed, message)))
        })
    }

    /// What the reading holds of one setting; `None` if it holds nothing.
    fn found(&self, setting: SettingId) -> Option<SettingReading> {
        match self {
            Self::On(session) => session.found(setting),
            Self::Listed(session) => match Setting::for_id(setting)?.read {
                ReadBy::Session { listed, .. } => Some(SettingReading::Known(listed?(session).into())),
                ReadBy::ExtraCall(_) | ReadBy::Input(_) | ReadBy::Sessions(_) => None,
            },
            Self::NotEnabled(_) => {
                let absent = setting.spec().absent.clone().map(LiveValue::One);
                Some(absent.map_or(SettingReading::NotApplicable, SettingReading::Known))
            }
            Self::Preferences(preferences) => preferences.live(setting).map(SettingReading::from),
            Self::NotApplicable(_) => Some(SettingReading::NotApplicable),
            // Each rule has an answer of its own.
            Self::Sessions(_) | Self::Unread(_) => None,
        }
    }

    /// Whether something is known of the target, and a setting of it was asked for and could not be read.
    pub fn is_partly_unread(&self, settings: Settings) -> bool {
        match self {
            Self::On(session) => {
                session.further.iter().flatten().any(|(_, reading)| matches!(reading, SettingReading::Unread(_)))
            }
            Self::Preferences(preferences) => preferences.is_partly_unread(settings),
            // Which rules are read depends on what is declared.
            Self::Sessions(_) | Self::Listed(_) | Self::NotEnabled(_) | Self::NotApplicable(_) | Self::Unread(_) => {
                false
            }
        }
    }

    /// What is live of a setting, or `None` where it is not known or not applicable. Of a rule about sessions, only an earlier report
    /// says that without its declaration.
    pub fn live(&self, setting: SettingId) -> Option<LiveValue> {
        if let Self::Sessions(sessions) = self {
            return sessions.reported(setting).map(|rule| rule.live.clone());
        }
        match self.found(setting)? {
            SettingReading::Known(live) => Some(live),
            SettingReading::NotApplicable | SettingReading::Unread(_) => None,
        }
    }

    /// The live value of a setting, or `None` where it is not known, not applicable, or more than one.
    pub fn live_value(&self, setting: SettingId) -> Option<Value> {
        self.live(setting)?.single().cloned()
    }
}

impl LiveSession {
    /// Whether this setting was read, by GetMacieSession or by a call of its own.
    pub fn has_read(&self, setting: SettingId) -> bool {
        matches!(self.found(setting), Some(SettingReading::Known(_) | SettingReading::NotApplicable))
    }

    /// Adds settings that could not be read.
    pub fn add_unread(&mut self, unread: impl Iterator<Item = (SettingId, Unread)>) {
        let unread = unread.map(|(setting, why)| (setting, SettingReading::Unread(why.into())));
        let mut further: Vec<_> = self.further.take().into_iter().flatten().chain(unread).collect();
        further.sort_by_key(|(setting, _)| *setting);
        self.further = (!further.is_empty()).then(|| further.into());
    }

    fn found(&self, setting: SettingId) -> Option<SettingReading> {
        match Setting::for_id(setting)?.read {
            ReadBy::Session { live, .. } => Some(SettingReading::Known(live(self).into())),
            ReadBy::ExtraCall(_) => {
                let mut further = self.further.iter().flatten();
                further.find(|(known, _)| *known == setting).map(|(_, reading)| reading.clone())
            }
            ReadBy::Input(_) | ReadBy::Sessions(_) => None,
        }
    }
}

/// Compares one setting of a Macie session.
///
/// A session that is off has a status and no frequency. So a desired frequency does not apply: one fact is
/// one drift.
pub fn compare(setting: SettingId, accepted: &Accepted, reading: &Reading) -> Outcome {
    reading.found(setting).map_or(Outcome::Unread, |found| found.outcome(accepted))
}

impl From<Value> for SettingReading {
    fn from(value: Value) -> Self {
        Self::Known(value.into())
    }
}

impl From<Result<LiveValue, Unread>> for SettingReading {
    fn from(live: Result<LiveValue, Unread>) -> Self {
        match live {
            Ok(live) => Self::Known(live),
            Err(unread) => Self::Unread(unread.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::macie_session::{FREQUENCY, Frequency, LiveStatus, STATUS};
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
