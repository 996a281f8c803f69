//! What must be known of which targets before a plan can be made.

use super::target_changes::TargetChanges;
use crate::drift::Comparison;
use crate::model::{SettingValue, Status, Target};
use crate::session::{NotEnabledEvidence, Reading, StatusTransition};

/// The targets whose status is to change, sorted, each with what is to happen to it. Where AWS forbids the change whatever else
/// is the case, nothing need be known.
pub fn status_transitions(comparison: &Comparison) -> Vec<(Target, StatusTransition)> {
    let concern = |finding: crate::drift::TargetFinding<'_>| {
        if let Reading::NotEnabled(NotEnabledEvidence::RegionOff | NotEnabledEvidence::NoMacieInRegion) =
            finding.reading
        {
            return None;
        }
        let (change, status) = TargetChanges::from_finding(finding).status?;
        Some(match (change.before, status) {
            (Some(SettingValue::Status(Status::NotEnabled)), _) => StatusTransition::Enabling,
            (_, Status::Enabled) => StatusTransition::Resuming,
            (_, Status::Paused | Status::NotEnabled) => StatusTransition::Ending,
        })
    };
    let targets = comparison.targets();
    targets.filter_map(|finding| Some((finding.desired.target(), concern(finding)?))).collect()
}
