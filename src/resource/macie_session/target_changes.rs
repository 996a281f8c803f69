//! What is to change about a session, as the settings declare it.

use super::{Change, FREQUENCY, Frequency, MembershipRole, Outcome, STATUS, Status, StatusTransition};
use crate::model::{DesiredSetting, Value};

/// The frequency that is sent where Macie is enabled and no declaration says which. AWS itself is known to choose this one.
///
/// Source: acceptance tests of the Terraform AWS provider, run on live AWS; the API reference does not say.
pub(super) const DEFAULT_FREQUENCY: Frequency = Frequency::FifteenMinutes;

/// What is to change about a target: its drift, with the values to set.
#[derive(Debug, Default)]
pub struct TargetChanges {
    pub(super) status: Option<(Change, Status)>,
    pub(super) frequency: Option<Change>,
}

impl TargetChanges {
    /// The drift of a target that is not waived. Where Macie is to be enabled, the frequency that is declared for it is set as
    /// well: until there is a session it cannot drift.
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

    /// What happens to the status, where it changes.
    pub fn transition(&self) -> Option<StatusTransition> {
        let (change, status) = self.status.as_ref()?;
        Some(match (change.before.as_ref().and_then(Status::from_value), status) {
            (Some(Status::NotEnabled), _) => StatusTransition::Enabling,
            (_, Status::Enabled) => StatusTransition::Resuming,
            (_, Status::Paused | Status::NotEnabled) => StatusTransition::Ending,
        })
    }

    /// The status that an account with this role gets by the change, where it changes and AWS allows it.
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

/// The frequency that has to be sent although nobody asks for one.
pub(super) fn default_frequency() -> Change {
    Change { setting: FREQUENCY.id(), before: None, after: DEFAULT_FREQUENCY.value(), severity: None, origin: None }
}
