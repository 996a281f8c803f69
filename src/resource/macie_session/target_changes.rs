//! The changes that remove the drift of a session.

use super::{Change, FREQUENCY, Frequency, MembershipRole, Outcome, STATUS, Status, StatusTransition};
use crate::model::{DesiredSetting, Value};

/// The frequency that is sent when Macie is enabled and none is declared. AWS itself is known to choose this one.
///
/// Source: acceptance tests of the Terraform AWS provider, run on live AWS; the API reference does not say.
pub(super) const DEFAULT_FREQUENCY: Frequency = Frequency::FifteenMinutes;

/// The changes that remove the drift of a target.
#[derive(Debug, Default)]
pub struct TargetChanges {
    pub(super) status: Option<(Change, Status)>,
    pub(super) frequency: Option<Change>,
}

impl TargetChanges {
    /// The changes for drift that is not waived. Where Macie is enabled, the declared frequency is set as well: without a session it
    /// cannot drift.
    pub fn from_settings<'a>(settings: impl Iterator<Item = (&'a DesiredSetting, Option<Value>, Outcome)>) -> Self {
        let (mut changes, mut frequency) = (Self::default(), None);
        for (desired, live, outcome) in settings {
            if desired.setting == FREQUENCY.id() {
                frequency = Some((desired, live, outcome));
            } else if desired.setting == STATUS.id() && outcome == Outcome::Drifted {
                changes.status = Change::for_drift(desired, live)
                    .and_then(|change| Some((Status::from_value(&change.after)?, change)))
                    .map(|(status, change)| (change, status));
            }
        }
        let enables = changes.transition() == Some(StatusTransition::Enabling);
        changes.frequency = frequency
            .filter(|(_, _, outcome)| enables || *outcome == Outcome::Drifted)
            .and_then(|(desired, live, _)| Change::for_drift(desired, live));
        changes
    }

    /// The kind of the status change, if the status changes.
    pub fn transition(&self) -> Option<StatusTransition> {
        let (change, status) = self.status.as_ref()?;
        Some(match (change.before.as_ref().and_then(Status::from_value), status) {
            (Some(Status::NotEnabled), _) => StatusTransition::Enabling,
            (_, Status::Enabled) => StatusTransition::Resuming,
            (_, Status::Paused | Status::NotEnabled) => StatusTransition::Ending,
        })
    }

    /// The new status of an account with this role, if it changes and AWS allows it.
    pub fn status_for_role(&self, role: &MembershipRole) -> Option<Status> {
        let (_, status) = self.status.as_ref()?;
        let is_allowed = match role {
            MembershipRole::Administrator { .. } => *status == Status::Enabled,
            MembershipRole::InvitedMember { .. } | MembershipRole::OrganizationMember { .. } => {
                *status != Status::NotEnabled
            }
            MembershipRole::Standalone | MembershipRole::StandaloneAsFarAsKnown | MembershipRole::Candidate { .. } => {
                true
            }
        };
        is_allowed.then_some(*status)
    }
}

/// The frequency that EnableMacie sends where none is declared.
pub(super) fn default_frequency() -> Change {
    Change { setting: FREQUENCY.id(), before: None, after: DEFAULT_FREQUENCY.value(), severity: None, origin: None }
}
