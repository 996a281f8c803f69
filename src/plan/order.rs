//! The order of steps: what others need comes first, else by account and Region.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use crate::model::{AccountId, Region};
use crate::resource::macie_session::Status;

/// Numbers the steps anew, so that each comes after those that it needs. Where an administrator is enabled or resumed in a Region,
/// that comes before what it does for other accounts there.
pub(super) fn ordered(steps: Vec<Step>) -> Vec<Step> {
    let enabled: BTreeMap<(AccountId, Region), u32> = steps
        .iter()
        .filter(|step| step.leaves_status(Status::Enabled))
        .map(|step| ((step.target.account, step.target.region.clone()), step.number))
        .collect();
    let needs = |step: &Step| {
        let key = (step.calling_account, step.target.region.clone());
        enabled.get(&key).copied().filter(|_| step.calling_account != step.target.account)
    };
    let needed: BTreeSet<u32> = steps.iter().filter_map(needs).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_fixtures::step;
    use crate::resource::Operation::{self, CreateMember, EnableMacie, UpdateMacieSession, UpdateMemberSession};

    const ENABLE: (Status, Status) = (Status::NotEnabled, Status::Enabled);
    const RESUME: (Status, Status) = (Status::Paused, Status::Enabled);
    const PAUSE: (Status, Status) = (Status::Enabled, Status::Paused);

    fn added() -> Operation {
        CreateMember { email: "new@example.com".into() }
    }

    /// The steps in their new order: account, number, and what they come after.
    fn order(steps: Vec<Step>) -> Vec<(String, u32, Vec<u32>)> {
        ordered(steps).into_iter().map(|step| (step.target.account.to_string(), step.number, step.after)).collect()
    }

    fn row(digit: u8, number: u32, after: &[u32]) -> (String, u32, Vec<u32>) {
        (format!("00000000000{digit}"), number, after.to_vec())
    }

    #[test]
    fn what_makes_an_administrator_ready_comes_before_what_it_does_for_others() {
        for (operation, change) in [(EnableMacie, ENABLE), (UpdateMacieSession, RESUME)] {
            let steps = vec![
                step(1, (1, 5), added(), ENABLE, &[]),
                step(2, (1, 1), UpdateMacieSession, PAUSE, &[1]),
                step(3, (2, 5), UpdateMemberSession, PAUSE, &[]),
                step(4, (3, 3), UpdateMacieSession, PAUSE, &[]),
                step(5, (5, 5), operation, change, &[]),
            ];
            let expected = [row(5, 1, &[]), row(1, 2, &[1]), row(1, 3, &[2]), row(2, 4, &[1]), row(3, 5, &[])];
            assert_eq!(order(steps), expected);
        }
    }

    #[test]
    fn what_needs_nothing_stays_where_it_is() {
        let steps = vec![
            step(1, (1, 5), added(), ENABLE, &[]),
            step(2, (2, 2), EnableMacie, ENABLE, &[]),
            step(3, (5, 5), UpdateMacieSession, PAUSE, &[]),
        ];
        assert_eq!(order(steps), [row(1, 1, &[]), row(2, 2, &[]), row(5, 3, &[])]);
    }
}
