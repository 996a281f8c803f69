//! What is to change about a target: its drift, with the value that an apply sets.

use super::Change;
use crate::drift::{SettingFinding, TargetFinding};
use crate::model::{Frequency, Setting, SettingValue, Status};
use crate::session::Outcome;

/// The frequency that is sent where Macie is enabled and no declaration says which. AWS itself is known to choose this one.
///
/// Source: acceptance tests of the Terraform AWS provider, run on live AWS; the API reference does not say.
pub(super) const FREQUENCY_OF_NOBODY: Frequency = Frequency::FifteenMinutes;

/// What is to change about a target.
#[derive(Debug, Default)]
pub(super) struct TargetChanges {
    pub(super) status: Option<(Change, Status)>,
    pub(super) frequency: Option<Change>,
}

impl TargetChanges {
    /// The drift of a target that is not waived. Where Macie is to be enabled, the frequency that is declared for it is wanted
    /// as well: until there is a session it cannot drift.
    pub(super) fn from_finding(finding: TargetFinding<'_>) -> Self {
        let mut wanted = Self::default();
        for setting in finding.settings().filter(|setting| setting.outcome == Outcome::Drifted) {
            let Some(change) = change(&setting) else { continue };
            match change.after {
                SettingValue::Status(status) => wanted.status = Some((change, status)),
                SettingValue::FindingPublishingFrequency(_) => wanted.frequency = Some(change),
            }
        }
        let from_nothing = wanted
            .status
            .as_ref()
            .is_some_and(|(status, _)| status.before == Some(SettingValue::Status(Status::NotEnabled)));
        if from_nothing {
            let declared =
                finding.settings().find(|setting| setting.wish.setting == Setting::FindingPublishingFrequency);
            wanted.frequency = declared.as_ref().and_then(change);
        }
        wanted
    }
}

/// The frequency that has to be sent although nobody asks for one.
pub(super) fn default_frequency() -> Change {
    Change {
        setting: Setting::FindingPublishingFrequency,
        before: None,
        after: SettingValue::FindingPublishingFrequency(FREQUENCY_OF_NOBODY),
        severity: None,
        origin: None,
    }
}

fn change(finding: &SettingFinding<'_>) -> Option<Change> {
    let wish = finding.wish;
    Some(Change {
        setting: wish.setting,
        before: finding.live,
        after: *wish.decided.accepted.first()?,
        severity: Some(wish.severity),
        origin: Some((*wish.decided.origin).clone()),
    })
}
