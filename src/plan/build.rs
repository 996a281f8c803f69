//! From drift to the calls that remove it.

use std::collections::BTreeMap;

use super::order::ordered;
use super::{BlockedChange, Plan, PlanMetadata, SkippedTarget, Step};
use crate::drift::{Comparison, TargetFinding};
use crate::model::{Inventory, Target};
use crate::resource::macie_session::Status;
use crate::resource::macie_session::{StepDraft, TargetChanges, plan_target};
use crate::resource::{Change, MembershipContext, MembershipRole, Reading, SessionState, StatusTransition};

/// The targets whose status is to change, sorted, each with what is to happen to it. Where AWS forbids the change whatever else
/// is the case, nothing need be known.
pub fn status_transitions(comparison: &Comparison) -> Vec<(Target, StatusTransition)> {
    let possible = comparison.targets().filter(|finding| !finding.reading.rules_out_session());
    possible.filter_map(|finding| Some((finding.desired.target(), changes(finding).transition()?))).collect()
}

/// The plan that removes the drift of a comparison, as far as AWS lets it.
///
/// `learnt` holds what surrounds the targets of [`status_transitions`], `accounts` the accounts' names. What is waived, not
/// declared, or unread is left alone.
pub fn plan(
    facts: PlanMetadata,
    comparison: &Comparison,
    learnt: &BTreeMap<Target, MembershipContext>,
    accounts: &Inventory,
) -> Plan {
    let planned_statuses = planned_statuses(comparison, learnt);
    let mut plan =
        Plan { facts, declared: comparison.len(), steps: Vec::new(), blocked: Vec::new(), not_planned: Vec::new() };
    for finding in comparison.targets() {
        let target = finding.desired.target();
        if let Reading::Unread(unread) = finding.reading {
            plan.not_planned.push(SkippedTarget::new(target, unread));
            continue;
        }
        let name = accounts.account(target.account).and_then(|account| account.name.clone());
        let context = learnt.get(&target);
        let adds = administrator_adds(context, &target, &planned_statuses);
        let planned = plan_target(&target, finding.reading, changes(finding), context, adds);
        plan.blocked.extend(planned.blocked.into_iter().map(|draft| BlockedChange {
            target: target.clone(),
            account_name: name.clone(),
            change: draft.change,
            block_reason: draft.block_reason,
            reason: draft.reason,
            remediation: draft.remediation,
        }));
        if let Some(before) = SessionState::from_reading(finding.reading) {
            chain(&mut plan.steps, &target, name.as_deref(), before, finding.reading.updated_at(), planned.drafts);
        }
    }
    plan.steps = ordered(plan.steps);
    plan
}

/// What is to change about a target.
fn changes(finding: TargetFinding<'_>) -> TargetChanges {
    TargetChanges::from_settings(finding.settings().map(|setting| (setting.wish, setting.live, setting.outcome)))
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
    let left = before.iter().chain(changes.iter().map(|change| (change.setting, &change.after)));
    left.map(|(setting, value)| (setting, value.clone())).collect()
}

/// Plans have far fewer steps than numbers.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The status that targets get by this plan, where it changes and AWS lets it.
fn planned_statuses(comparison: &Comparison, learnt: &BTreeMap<Target, MembershipContext>) -> BTreeMap<Target, Status> {
    let status = |finding: TargetFinding<'_>| {
        let target = finding.desired.target();
        let role = learnt.get(&target)?.role.as_ref().ok()?;
        Some((target, changes(finding).status_for_role(role)?))
    };
    comparison.targets().filter_map(status).collect()
}

/// Whether a candidate's administrator can add it: Macie is enabled there once the plan is carried out.
fn administrator_adds(
    context: Option<&MembershipContext>,
    target: &Target,
    planned_statuses: &BTreeMap<Target, Status>,
) -> bool {
    match context.map(|context| &context.role) {
        Some(Ok(MembershipRole::Candidate { administrator, administrator_is_on, .. })) => {
            let there = Target::macie_session(*administrator, target.region.clone());
            planned_statuses.get(&there).map_or(*administrator_is_on, |status| *status == Status::Enabled)
        }
        _ => false,
    }
}
