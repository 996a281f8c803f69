//! From what differs to what to do about it.

use std::collections::BTreeMap;

use super::consequence;
use super::order::ordered;
use super::planner::{StepDraft, plan_target};
use super::target_changes::TargetChanges;
use super::{BlockReason, BlockedChange, Change, Plan, PlanMetadata, SkippedTarget, Step};
use crate::drift::{Comparison, TargetFinding};
use crate::model::{Inventory, SettingValue, Status, Target};
use crate::session::{CompactTimestamp, MembershipContext, MembershipRole, NotEnabledEvidence, Reading, SessionState};

/// The plan that removes the drift of a comparison, as far as AWS lets it.
///
/// `learnt` holds what surrounds the targets of [`status_transitions`](super::status_transitions), `accounts` the accounts' names. What is waived, not
/// declared, or unread is left alone.
pub fn plan(
    facts: PlanMetadata,
    comparison: &Comparison,
    learnt: &BTreeMap<Target, MembershipContext>,
    accounts: &Inventory,
) -> Plan {
    let becoming = becoming(comparison, learnt);
    let mut plan =
        Plan { facts, declared: comparison.len(), steps: Vec::new(), blocked: Vec::new(), not_planned: Vec::new() };
    for finding in comparison.targets() {
        let target = finding.desired.target();
        if let Reading::Unread(unread) = finding.reading {
            plan.not_planned.push(SkippedTarget::new(target, unread));
            continue;
        }
        let name = accounts.account(target.account).and_then(|account| account.name.clone());
        let wanted = TargetChanges::from_finding(finding);
        if let Some((block_reason, reason, remediation)) = nowhere(finding) {
            // Where there can be no session, that alone drifts, and not how often it would publish.
            plan.blocked.extend(wanted.status.map(|(change, _)| BlockedChange {
                target: target.clone(),
                account_name: name.clone(),
                change,
                block_reason,
                reason: reason.clone(),
                remediation: remediation.clone(),
            }));
            continue;
        }
        let surroundings = learnt.get(&target);
        let route =
            plan_target(target.account, wanted, surroundings, administrator_takes_in(surroundings, &target, &becoming));
        plan.blocked.extend(route.blocked.into_iter().map(|(change, block_reason, reason, remediation)| {
            BlockedChange {
                target: target.clone(),
                account_name: name.clone(),
                change,
                block_reason,
                reason,
                remediation,
            }
        }));
        if let Some(before) = SessionState::from_reading(finding.reading) {
            chain(&mut plan.steps, &target, name.as_deref(), before, updated_at(finding.reading), route.drafts);
        }
    }
    plan.steps = ordered(plan.steps);
    plan
}

/// Where the target lies if it cannot have a session at all.
fn nowhere(finding: TargetFinding<'_>) -> Option<(BlockReason, String, String)> {
    let region = finding.desired.region.as_str();
    let (block_reason, (reason, remediation)) = match finding.reading {
        Reading::NotEnabled(NotEnabledEvidence::RegionOff) => (BlockReason::RegionOff, consequence::region_off(region)),
        Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion) => {
            (BlockReason::NoMacieInRegion, consequence::no_macie(region))
        }
        _ => return None,
    };
    Some((block_reason, reason, remediation))
}

/// The steps of one target, each expecting what the one before it leaves.
fn chain(
    steps: &mut Vec<Step>,
    target: &Target,
    name: Option<&str>,
    mut expected: SessionState,
    updated_at: Option<jiff::Timestamp>,
    drafts: Vec<StepDraft>,
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

/// The status that targets get by this plan, where it changes and AWS lets it.
fn becoming(comparison: &Comparison, learnt: &BTreeMap<Target, MembershipContext>) -> BTreeMap<Target, Status> {
    let status = |finding: TargetFinding<'_>| {
        let target = finding.desired.target();
        let (_, status) = TargetChanges::from_finding(finding).status?;
        let may_be = match learnt.get(&target)?.standing.as_ref().ok()? {
            MembershipRole::Administrator { .. } => status == Status::Enabled,
            MembershipRole::InvitedMember { .. } | MembershipRole::OrganizationMember { .. } => {
                status != Status::NotEnabled
            }
            MembershipRole::Standalone | MembershipRole::StandaloneAsFarAsKnown | MembershipRole::Candidate { .. } => {
                true
            }
        };
        may_be.then_some((target, status))
    };
    comparison.targets().filter_map(status).collect()
}

/// Whether a candidate's administrator can add it: Macie is enabled there once the plan is carried out.
fn administrator_takes_in(
    learnt: Option<&MembershipContext>,
    target: &Target,
    becoming: &BTreeMap<Target, Status>,
) -> bool {
    match learnt.map(|surroundings| &surroundings.standing) {
        Some(Ok(MembershipRole::Candidate { administrator, administrator_is_on, .. })) => {
            let there = Target { account: *administrator, region: target.region.clone() };
            becoming.get(&there).map_or(*administrator_is_on, |status| *status == Status::Enabled)
        }
        _ => false,
    }
}

fn updated_at(reading: &Reading) -> Option<jiff::Timestamp> {
    match reading {
        Reading::On(session) => session.updated_at.map(CompactTimestamp::timestamp),
        Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) | Reading::Unread(_) => None,
    }
}
