//! What must be known of which targets before a plan can be made.

use super::wanted::Wanted;
use crate::drift::Comparison;
use crate::model::{SettingValue, Status, Target};
use crate::session::{Concern, NotEnabledBasis, Reading};

/// The targets whose status is to change, sorted, each with what is to happen to it. Where AWS forbids the change whatever else
/// is the case, nothing need be known.
pub fn concerns(comparison: &Comparison) -> Vec<(Target, Concern)> {
    let concern = |finding: crate::drift::TargetFinding<'_>| {
        if let Reading::NotEnabled(NotEnabledBasis::RegionOff | NotEnabledBasis::NoMacieInRegion) = finding.reading {
            return None;
        }
        let (change, status) = Wanted::of(finding).status?;
        Some(match (change.before, status) {
            (Some(SettingValue::Status(Status::NotEnabled)), _) => Concern::Enabling,
            (_, Status::Enabled) => Concern::Resuming,
            (_, Status::Paused | Status::NotEnabled) => Concern::Ending,
        })
    };
    let targets = comparison.targets();
    targets.filter_map(|finding| Some((finding.desired.target(), concern(finding)?))).collect()
}
