//! The order of steps: what others need comes first, else by account and Region.

use std::collections::BTreeMap;

use super::Step;
use crate::model::{AccountId, Region, SettingValue, Status};

/// Numbers the steps anew, so that each comes after those that it needs. Where an administrator is enabled or resumed in a Region,
/// that comes before what it does for other accounts there.
pub(super) fn ordered(steps: Vec<Step>) -> Vec<Step> {
    let enabled: BTreeMap<(AccountId, Region), u32> = steps
        .iter()
        .filter(|step| step.values_after().any(|value| value == SettingValue::Status(Status::Enabled)))
        .map(|step| ((step.target.account, step.target.region.clone()), step.number))
        .collect();
    let needs = |step: &Step| {
        let key = (step.calling_account, step.target.region.clone());
        enabled.get(&key).copied().filter(|_| step.calling_account != step.target.account)
    };
    let needed: Vec<u32> = steps.iter().filter_map(needs).collect();
    let mut steps: Vec<Step> = steps
        .into_iter()
        .map(|mut step| {
            step.after.extend(needs(&step));
            step
        })
        .collect();
    // Stable: within either group the order by account and Region stays.
    steps.sort_by_key(|step| !needed.contains(&step.number));
    let numbers: BTreeMap<u32, u32> = steps.iter().map(|step| step.number).zip(1..).collect();
    for step in &mut steps {
        step.number = numbers.get(&step.number).copied().unwrap_or(step.number);
        for other in &mut step.after {
            *other = numbers.get(other).copied().unwrap_or(*other);
        }
        step.after.sort_unstable();
    }
    steps
}
