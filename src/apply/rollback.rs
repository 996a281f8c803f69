//! Rollback: from the journal of an apply to the state that it found.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::History;
use crate::model::{
    AccountSpecificity, Candidate, DesiredSetting, DesiredSettings, DesiredState, DesiredTarget, Origin,
    RegionSpecificity, SettingId, Severity, Specificity, Target, Value,
};
use crate::resource::macie_session::{STATUS, Status};
use crate::resource::{Reading, SessionState};

/// The state that an apply found, as a desired state, and the state that it left.
#[derive(Debug, Clone)]
pub struct RollbackGoal {
    /// The targets that it may have changed, each with the state that was found.
    pub desired: DesiredState,
    /// The states that it left, where they are known.
    applied: BTreeMap<Target, AppliedState>,
}

#[derive(Debug, Clone)]
struct AppliedState {
    found: SessionState,
    /// The values that the steps set in the end.
    wanted: SessionState,
    /// Whether all steps were verified.
    is_certain: bool,
}

/// The goal of a rollback. `journal` is the file as shown: the origin of each desired setting is the line of the intent.
pub fn rollback_goal(history: &History, journal: &str) -> RollbackGoal {
    let mut left: BTreeMap<Target, AppliedState> = BTreeMap::new();
    let mut lines: BTreeMap<Target, u32> = BTreeMap::new();
    for step in &history.plan.steps {
        let Some(known) = history.steps.get(&step.number).filter(|known| known.may_have_changed()) else { continue };
        let Some(found) = known.found.clone() else { continue };
        let is_certain = !known.is_open
            && known.outcome.as_ref().is_some_and(|(outcome, _)| *outcome == super::StepOutcome::Verified);
        lines.entry(step.target.clone()).or_insert(known.line);
        let entry = left.entry(step.target.clone()).or_insert_with(|| AppliedState {
            found,
            wanted: SessionState::default(),
            is_certain: true,
        });
        entry.is_certain &= is_certain;
        let wanted = entry.wanted.iter().chain(step.values_after()).map(cloned).collect();
        entry.wanted = wanted;
    }
    let targets = left.iter().map(|(target, known)| {
        let origin = Origin {
            file: journal.to_owned(),
            line: lines.get(target).copied().unwrap_or(1),
            column: 1,
            declaration: Some("what the apply had found".to_owned()),
        };
        DesiredTarget {
            account: target.account,
            region: target.region.clone(),
            resource: target.resource,
            declared: Arc::new(DesiredSettings {
                settings: desired_settings(known, &origin),
                region_named: true,
                reads_everything: false,
            }),
        }
    });
    let desired = DesiredState::new(targets.collect());
    RollbackGoal { desired, applied: left }
}

/// The settings that the apply changed, as it found them. For a target without a session that is its status alone.
fn desired_settings(known: &AppliedState, origin: &Origin) -> Vec<Arc<DesiredSetting>> {
    let was_off = known.found.status() == Some(Status::NotEnabled);
    let status = STATUS.id();
    let changed = |setting: SettingId, value: &Value| {
        known.wanted.get(setting).is_some_and(|wanted| wanted != value)
            || (known.wanted.status() == Some(Status::NotEnabled) && setting != status)
    };
    let values = known.found.iter();
    let values = values.filter(|(setting, value)| if was_off { *setting == status } else { changed(*setting, value) });
    let specificity = Specificity { accounts: AccountSpecificity::Id, regions: RegionSpecificity::Name };
    values
        .map(|(setting, value)| {
            Arc::new(DesiredSetting {
                setting,
                severity: Severity::default(),
                decided: Candidate {
                    origin: Arc::new(origin.clone()),
                    accepted: [value.clone()].into(),
                    written: None,
                    specificity,
                },
                agreeing: Vec::new(),
                overridden: Vec::new(),
                waivers: Vec::new(),
                window: None,
            })
        })
        .collect()
}

impl RollbackGoal {
    /// The targets that changed since the apply, with their live states. They are left alone.
    pub fn changed_since<'a>(
        &'a self,
        readings: &'a [Reading],
    ) -> impl Iterator<Item = (&'a DesiredTarget, SessionState)> + 'a {
        self.desired.targets().iter().zip(readings).filter_map(|(desired, reading)| {
            let (known, live) = (self.applied.get(&desired.target())?, SessionState::from_reading(reading)?);
            (!known.is_attributable(&live)).then_some((desired, live))
        })
    }

    /// The state in which the apply left a target, as far as it is known.
    pub fn left(&self, target: &Target) -> Option<SessionState> {
        self.applied.get(target).map(AppliedState::state)
    }

    /// What a rollback cannot restore, where its plan does not say so itself.
    ///
    /// Source: Amazon Macie User Guide, "Disabling Macie".
    pub fn lost(&self, target: &Target) -> Option<&'static str> {
        let known = self.applied.get(target)?;
        let is_gone =
            known.found.status() != Some(Status::NotEnabled) && known.wanted.status() == Some(Status::NotEnabled);
        is_gone.then_some(
            "What Macie held here (findings, jobs, custom identifiers, settings) was deleted and does not come back.",
        )
    }
}

impl AppliedState {
    /// The state that was found, with the values that the steps set. Values that AWS chose for a new session are unknown.
    fn state(&self) -> SessionState {
        let is_gone = self.wanted.status() == Some(Status::NotEnabled);
        self.found.iter().filter(|_| !is_gone).chain(self.wanted.iter()).map(cloned).collect()
    }

    /// Whether the live state is what the apply found or left, in every setting that was read and not only in those that it set. Where
    /// a step was not verified, the apply may have left a part of its changes.
    fn is_attributable(&self, live: &SessionState) -> bool {
        let left = self.state();
        let is_left = |setting: SettingId, value: &Value| live.get(setting) == Some(value);
        let is_found = |setting: SettingId, now: &Value| self.found.get(setting).is_none_or(|found| found == now);
        let is_found_or_left = |setting: SettingId, value: &Value| {
            is_left(setting, value) || live.get(setting).is_some_and(|now| is_found(setting, now))
        };
        let is_own = |(setting, value): (SettingId, &Value)| {
            if self.is_certain { is_left(setting, value) } else { is_found_or_left(setting, value) }
        };
        *live == self.found || left.iter().all(is_own)
    }
}

fn cloned((setting, value): (SettingId, &Value)) -> (SettingId, Value) {
    (setting, value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::macie_session::{FREQUENCY, Frequency};

    fn state(status: Option<Status>, frequency: Option<Frequency>) -> SessionState {
        let status = status.map(|status| (STATUS.id(), status.value()));
        status.into_iter().chain(frequency.map(|frequency| (FREQUENCY.id(), frequency.value()))).collect()
    }

    #[test]
    fn what_is_live_is_the_apply_s_own_or_somebody_else_s() {
        use Frequency::{FifteenMinutes, OneHour, SixHours};
        use Status::{Enabled, NotEnabled, Paused};
        let found = || state(Some(Enabled), Some(SixHours));
        let off = || state(Some(NotEnabled), None);
        for (found, wanted, is_certain, live, explained) in [
            // As it was found, or as it was left.
            (found(), state(Some(Paused), None), true, found(), true),
            (found(), state(Some(Paused), None), true, state(Some(Paused), Some(SixHours)), true),
            // A setting that the apply has not touched counts, too.
            (found(), state(Some(Paused), None), true, state(Some(Paused), Some(OneHour)), false),
            (found(), state(Some(Paused), None), false, state(Some(Paused), Some(OneHour)), false),
            (found(), state(Some(NotEnabled), None), true, off(), true),
            (found(), state(Some(Paused), None), true, off(), false),
            (found(), state(None, Some(OneHour)), true, state(Some(Enabled), Some(FifteenMinutes)), false),
            (found(), state(None, Some(OneHour)), true, state(Some(Paused), Some(OneHour)), false),
            (found(), state(None, Some(OneHour)), true, off(), false),
            (found(), state(None, Some(OneHour)), false, off(), false),
            // Half of what was left is half of somebody else's, unless the apply itself may have come half the way.
            (found(), state(Some(Paused), Some(OneHour)), true, state(Some(Paused), Some(SixHours)), false),
            (found(), state(Some(Paused), Some(OneHour)), false, state(Some(Paused), Some(SixHours)), true),
            (found(), state(Some(Paused), Some(OneHour)), false, state(Some(Paused), Some(FifteenMinutes)), false),
            // What AWS has chosen for a new session is the apply's own.
            (off(), state(Some(Enabled), None), true, state(Some(Enabled), Some(FifteenMinutes)), true),
            (off(), state(Some(Enabled), Some(OneHour)), true, state(Some(Enabled), Some(SixHours)), false),
            (off(), state(Some(Enabled), Some(OneHour)), false, state(Some(Enabled), Some(FifteenMinutes)), true),
            (off(), state(Some(Enabled), Some(OneHour)), false, state(Some(Paused), Some(OneHour)), false),
        ] {
            let left = AppliedState { found: found.clone(), wanted: wanted.clone(), is_certain };
            assert_eq!(left.is_attributable(&live), explained, "{found} → {wanted} ({is_certain}): {live}");
        }
    }
}
