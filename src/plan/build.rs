//! From what differs to what to do about it.

use std::collections::{BTreeMap, BTreeSet};

use super::consequence;
use super::order::ordered;
use super::route::{Draft, route};
use super::wanted::Wanted;
use super::{Change, Facts, Impossible, NotPlanned, Obstacle, Plan, Step};
use crate::drift::{Comparison, TargetFinding};
use crate::model::{AccountId, Inventory, Region, SettingValue, Target};
use crate::session::{NotEnabledBasis, Reading, SessionState, Standing, Surroundings};

/// The plan that removes the drift of a comparison, as far as AWS lets it.
///
/// `learnt` holds what surrounds the targets of [`concerns`](super::concerns), `accounts` the accounts' names. What is waived, not
/// declared, or unread is left alone.
pub fn plan(
    facts: Facts,
    comparison: &Comparison,
    learnt: &BTreeMap<Target, Surroundings>,
    accounts: &Inventory,
) -> Plan {
    let enabled_here = enabled_by_themselves(learnt);
    let mut plan = Plan {
        facts,
        declared: comparison.targets().len(),
        steps: Vec::new(),
        impossible: Vec::new(),
        not_planned: Vec::new(),
    };
    for finding in comparison.targets() {
        let target = finding.desired.target();
        if let Reading::Unread(unread) = &finding.reading {
            plan.not_planned.push(NotPlanned::new(target, unread));
            continue;
        }
        let name = accounts.account(target.account).and_then(|account| account.name.clone());
        let wanted = Wanted::of(finding);
        if let Some((obstacle, reason, way_out)) = nowhere(finding) {
            let changes = wanted.status.map(|(change, _)| change).into_iter().chain(wanted.frequency);
            plan.impossible.extend(changes.map(|change| Impossible {
                target: target.clone(),
                account_name: name.clone(),
                change,
                obstacle,
                reason: reason.clone(),
                way_out: way_out.clone(),
            }));
            continue;
        }
        let surroundings = learnt.get(&target);
        let route =
            route(target.account, wanted, surroundings, administrator_joins(surroundings, &target, &enabled_here));
        plan.impossible.extend(route.impossible.into_iter().map(|(change, obstacle, reason, way_out)| Impossible {
            target: target.clone(),
            account_name: name.clone(),
            change,
            obstacle,
            reason,
            way_out,
        }));
        if let Some(before) = SessionState::of(&finding.reading) {
            chain(&mut plan.steps, &target, name.as_deref(), before, updated_at(&finding.reading), route.drafts);
        }
    }
    plan.steps = ordered(plan.steps);
    plan
}

/// Where the target lies if it cannot have a session at all.
fn nowhere(finding: &TargetFinding) -> Option<(Obstacle, String, String)> {
    let region = finding.desired.region.as_str();
    let (obstacle, (reason, way_out)) = match &finding.reading {
        Reading::NotEnabled(NotEnabledBasis::RegionOff) => (Obstacle::RegionOff, consequence::region_off(region)),
        Reading::NotEnabled(NotEnabledBasis::NoMacieInRegion) => {
            (Obstacle::NoMacieInRegion, consequence::no_macie(region))
        }
        _ => return None,
    };
    Some((obstacle, reason, way_out))
}

/// The steps of one target, each expecting what the one before it leaves.
fn chain(
    steps: &mut Vec<Step>,
    target: &Target,
    name: Option<&str>,
    mut expected: SessionState,
    updated_at: Option<jiff::Timestamp>,
    drafts: Vec<Draft>,
) {
    for (nth, draft) in drafts.into_iter().enumerate() {
        let after = if nth == 0 { Vec::new() } else { vec![number(steps.len())] };
        let next = leaves(&expected, &draft.changes);
        steps.push(Step {
            number: number(steps.len() + 1),
            target: target.clone(),
            account_name: name.map(Into::into),
            operation: draft.operation,
            calling_account: draft.calling_account,
            changes: draft.changes,
            expected: std::mem::replace(&mut expected, next),
            session_updated_at: updated_at.filter(|_| nth == 0),
            risk: draft.risk,
            consequence: draft.consequence,
            classification_jobs: draft.classification_jobs,
            after,
        });
    }
}

/// What some changes leave of a state.
fn leaves(before: &SessionState, changes: &[Change]) -> SessionState {
    before
        .values()
        .chain(changes.iter().map(|change| change.after))
        .collect::<Vec<SettingValue>>()
        .into_iter()
        .collect()
}

/// Plans have far fewer steps than numbers.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Where accounts enable themselves by this plan: an administrator among them administers from then on.
fn enabled_by_themselves(learnt: &BTreeMap<Target, Surroundings>) -> BTreeSet<&Target> {
    let alone = |surroundings: &Surroundings| {
        surroundings.unfinished_jobs.is_none()
            && matches!(surroundings.standing, Ok(Standing::Alone | Standing::AloneAsFarAsKnown))
    };
    learnt.iter().filter(|(_, surroundings)| alone(surroundings)).map(|(target, _)| target).collect()
}

/// Whether a candidate's administrator, without Macie in this Region now, gets it by this plan.
fn administrator_joins(learnt: Option<&Surroundings>, target: &Target, enabled: &BTreeSet<&Target>) -> bool {
    let is_enabled =
        |account: AccountId, region: &Region| enabled.contains(&Target { account, region: region.clone() });
    match learnt.map(|surroundings| &surroundings.standing) {
        Some(Ok(Standing::Candidate { administrator, administrator_is_on: false, .. })) => {
            is_enabled(*administrator, &target.region)
        }
        _ => false,
    }
}

fn updated_at(reading: &Reading) -> Option<jiff::Timestamp> {
    match reading {
        Reading::On(session) => session.updated_at,
        Reading::NotEnabled(_) | Reading::NotApplicable(_) | Reading::Unread(_) => None,
    }
}
