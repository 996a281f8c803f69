//! From drift to the steps that remove it, in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocked::reported;
use super::model::needs_unselected;
use super::{BlockedChange, Plan, PlanMetadata, SkippedTarget, Step};
use crate::drift::{Comparison, SettingFinding, TargetFinding};
use crate::model::{AccountId, Inventory, LiveValue, Region, Target, Unread};
use crate::resource::macie_session::{Status, StepDraft, TargetChanges, plan_target, wants_status};
use crate::resource::{Change, MembershipContext, MembershipRole, Outcome, Reading, SessionState, StatusTransition};

/// The targets whose status is to change, sorted, each with the kind of the change. Targets that cannot have a session are left
/// out: their change is blocked in any case.
pub fn status_transitions(comparison: &Comparison) -> Vec<(Target, StatusTransition)> {
    let possible = comparison.targets().filter(|finding| !finding.reading.rules_out_session());
    possible.filter_map(|finding| Some((finding.desired.target(), changes(finding).transition()?))).collect()
}

/// The plan that removes the drift of a comparison, as far as AWS allows it. What is waived, undeclared or unread is left alone.
///
/// `contexts` holds the context of each target of [`status_transitions`], `accounts` the names of the accounts.
pub fn plan(
    facts: PlanMetadata,
    comparison: &Comparison,
    contexts: &BTreeMap<Target, MembershipContext>,
    accounts: &Inventory,
) -> Plan {
    let planned_statuses = planned_statuses(comparison, contexts);
    let declared_total = comparison.desired().declared_total();
    let (steps, blocked, not_planned) = (Vec::new(), Vec::new(), Vec::new());
    let mut plan = Plan { facts, declared: comparison.len(), declared_total, steps, blocked, not_planned };
    for finding in comparison.targets() {
        let target = finding.desired.target();
        if let Reading::Unread(unread) = finding.reading {
            plan.not_planned.push(SkippedTarget::new(target, unread, finding.expected(), false));
            continue;
        }
        if let Some(unread) = unread_setting(finding) {
            let partly = finding.settings().any(|setting| setting.outcome != Outcome::Unread);
            plan.not_planned.push(SkippedTarget::new(target.clone(), &unread, finding.expected(), partly));
        }
        let name = accounts.account(target.account).and_then(|account| account.name.clone());
        plan.blocked.extend(reported(&target, name.as_deref(), finding));
        let context = contexts.get(&target);
        let needed = unselected_administrator(comparison, context, &target);
        let adds = needed.is_some() || administrator_adds(context, &target, &planned_statuses);
        let planned = plan_target(&target, finding.reading, changes(finding), context, adds);
        plan.blocked.extend(planned.blocked.into_iter().map(|draft| BlockedChange {
            target: target.clone(),
            account_name: name.clone(),
            change: draft.change.into(),
            block_reason: draft.block_reason,
            reason: draft.reason,
            remediation: draft.remediation,
        }));
        if let Some(before) = SessionState::from_reading(finding.reading) {
            let first = plan.steps.len();
            chain(&mut plan.steps, &target, name.as_deref(), before, planned.drafts);
            if let Some(step) = plan.steps.get_mut(first) {
                step.session_updated_at = finding.reading.updated_at();
            }
            if let Some(needed) = needed {
                let option = format!("--account {}", needed.account);
                let blocked = |step: Step| needs_unselected(&step, &needed, &option);
                // What comes before the call of the administrator needs nothing of it.
                let own = plan.steps.iter().skip(first).take_while(|step| step.calling_account != needed.account);
                let first = first + own.count();
                plan.blocked.extend(plan.steps.drain(first..).flat_map(blocked));
            }
        }
    }
    plan.steps = ordered(plan.steps);
    plan.facts.unnamed_administrator = unnamed_administrator(contexts);
    plan
}

/// The administrator of members of the organization, where accounts without Macie were planned as if there were none.
fn unnamed_administrator(contexts: &BTreeMap<Target, MembershipContext>) -> Option<AccountId> {
    let roles = || contexts.values().filter_map(|context| context.role.as_ref().ok());
    let is_unknown = roles().any(|role| *role == MembershipRole::StandaloneAsFarAsKnown);
    let mut administrators = roles().filter_map(|role| match role {
        MembershipRole::OrganizationMember { administrator, .. } => Some(*administrator),
        _ => None,
    });
    administrators.next().filter(|_| is_unknown)
}

/// Why a setting of a target is unread that is known otherwise: of several, one that no waiver expects to be unread.
fn unread_setting(finding: TargetFinding<'_>) -> Option<Arc<Unread>> {
    let mut unread: Vec<SettingFinding<'_>> = finding.settings().filter(|setting| setting.unread.is_some()).collect();
    unread.sort_by_key(|setting| setting.expected.is_some());
    unread.into_iter().next().and_then(|setting| setting.unread)
}

fn changes(finding: TargetFinding<'_>) -> TargetChanges {
    let live = |setting: &SettingFinding<'_>| setting.live.as_ref().map(LiveValue::to_value);
    TargetChanges::from_settings(finding.settings().map(|setting| (setting.desired, live(&setting), setting.outcome)))
}

/// Appends the steps of one target, each of which expects what the one before it leaves.
fn chain(
    steps: &mut Vec<Step>,
    target: &Target,
    name: Option<&str>,
    mut expected: SessionState,
    drafts: Vec<StepDraft>,
) {
    for (nth, draft) in drafts.into_iter().enumerate() {
        let next = state_after(&expected, &draft.changes);
        steps.push(Step {
            number: number(steps.len() + 1),
            target: target.clone(),
            account_name: name.map(Into::into),
            operation: draft.operation,
            calling_account: draft.calling_account,
            changes: draft.changes,
            expected: std::mem::replace(&mut expected, next),
            session_updated_at: None,
            risk: draft.risk,
            consequence: draft.consequence,
            classification_jobs: draft.classification_jobs,
            one_way: draft.one_way,
            after: if nth == 0 { Vec::new() } else { vec![number(steps.len())] },
        });
    }
}

fn state_after(before: &SessionState, changes: &[Change]) -> SessionState {
    let after = before.iter().chain(changes.iter().map(|change| (change.setting, &change.after)));
    after.map(|(setting, value)| (setting, value.clone())).collect()
}

/// Plans have far fewer steps than a `u32` can count.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The new statuses of targets, where the plan changes them and AWS allows it.
fn planned_statuses(
    comparison: &Comparison,
    contexts: &BTreeMap<Target, MembershipContext>,
) -> BTreeMap<Target, Status> {
    let status = |finding: TargetFinding<'_>| {
        let target = finding.desired.target();
        let role = contexts.get(&target)?.role.as_ref().ok()?;
        Some((target, changes(finding).status_for_role(role)?))
    };
    comparison.targets().filter_map(status).collect()
}

/// Whether the administrator of a candidate can add it: Macie is enabled there once the plan is applied.
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

/// The administrator of a candidate or a member, where policies want it enabled, it is not, and the run has not selected it: the
/// whole plan enables it first, so that it can act for the account.
fn unselected_administrator(
    comparison: &Comparison,
    context: Option<&MembershipContext>,
    target: &Target,
) -> Option<Target> {
    let (MembershipRole::Candidate { administrator, administrator_is_on: false, .. }
    | MembershipRole::OrganizationMember { administrator, administrator_is_on: Some(false) }) =
        context?.role.as_ref().ok()?
    else {
        return None;
    };
    let there = Target::macie_session(*administrator, target.region.clone());
    let desired = comparison.desired().find_unselected(&there)?;
    wants_status(&desired.declared, Status::Enabled).then_some(there)
}

/// Renumbers the steps so that each comes after those that it depends on. Where an administrator is enabled or resumed in a Region,
/// that comes before what it does for other accounts there.
fn ordered(steps: Vec<Step>) -> Vec<Step> {
    let enabled: BTreeMap<(AccountId, Region), u32> = steps
        .iter()
        .filter(|step| step.leaves_status(Status::Enabled))
        .map(|step| ((step.target.account, step.target.region.clone()), step.number))
        .collect();
    let dependency = |step: &Step| {
        let key = (step.calling_account, step.target.region.clone());
        enabled.get(&key).copied().filter(|_| step.calling_account != step.target.account)
    };
    let dependencies: BTreeSet<u32> = steps.iter().filter_map(dependency).collect();
    let mut steps: Vec<Step> = steps
        .into_iter()
        .map(|mut step| {
            step.after.extend(dependency(&step));
            step
        })
        .collect();
    // A stable sort: within either group the order by account and Region stays.
    steps.sort_by_key(|step| !dependencies.contains(&step.number));
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
