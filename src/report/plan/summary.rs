//! Texts that both forms of a plan share.

use std::collections::BTreeMap;

use crate::model::{Resource, Value};
use crate::plan::{BlockedChange, DesiredChange, Plan, PlanScope, SkippedTarget, Step, Summary};
use crate::report::escape::value;
use crate::report::live_text::LiveText;
use crate::report::messages::{Selected, as_expected, listed, pluralize};
use crate::report::unread_group::Cause;
use crate::resource::macie_session::Status;
use crate::resource::{Change, Operation, SessionState};

/// The files that a warning names.
const FILES_NAMED: usize = 5;

/// What a plan amounts to: `3 changes to 2 targets of 9; 1 drift blocked; 2 targets could not be read and are left alone; 1 target
/// could be read only in part`.
pub(super) fn headline(plan: &Plan) -> String {
    let Summary { declared, steps, targets, one_way, blocked, unread, .. } = plan.summary();
    let mut parts = Vec::new();
    parts.push(match steps {
        0 if blocked == 0 && unread == 0 => format!("nothing to change in {}", pluralize(declared, "target")),
        0 => "nothing that could be changed".to_owned(),
        _ => format!("{} to {} of {declared}", pluralize(steps, "change"), pluralize(targets, "target")),
    });
    if blocked > 0 {
        parts.push(format!("{} blocked", pluralize(blocked, "drift")));
    }
    parts.extend(unread_counts(plan));
    if one_way > 0 {
        parts.push(format!("{one_way} of {steps} cannot be rolled back"));
    }
    parts.join("; ")
}

/// The number of targets of which nothing is known, and of those that are known in part.
fn unread_counts(plan: &Plan) -> impl Iterator<Item = String> {
    let (partly, whole): (Vec<_>, Vec<_>) = plan.not_planned.iter().partition(|target| target.partly);
    let are = if whole.len() == 1 { "is" } else { "are" };
    let whole = (whole, format!("could not be read and {are} left alone"));
    let counts = [whole, (partly, "could be read only in part".to_owned())];
    counts.into_iter().filter(|(targets, _)| !targets.is_empty()).map(|(targets, what)| {
        let expected = targets.iter().filter(|target| target.expected.is_some()).count();
        format!("{} {what}{}", pluralize(targets.len(), "target"), as_expected(expected, targets.len()))
    })
}

/// What a reviewer must know of the policies before the steps: the files that are left out.
pub(super) fn left_out(plan: &Plan) -> Option<String> {
    let files = &plan.facts.partial_policies;
    let count = pluralize(files.len(), "file");
    (!files.is_empty()).then(|| {
        format!(
            "{count} of the configured policies left out: {}; their declarations and waivers do not count in this plan",
            listed(files, FILES_NAMED)
        )
    })
}

/// That steps enable Macie outside of the administrator that other accounts of the run have, and the fix.
pub(crate) fn outside_administrator(plan: &Plan) -> Option<(String, String)> {
    let administrator = plan.facts.unnamed_administrator?;
    let is_outside = |step: &&Step| step.operation == Operation::EnableMacie && step.target.account != administrator;
    let count = plan.steps.iter().filter(is_outside).count();
    let steps = if count == 1 { "1 step enables".to_owned() } else { format!("{count} steps enable") };
    (count > 0).then(|| {
        (
            format!(
                "{steps} Macie outside the administrator account {administrator}, which other accounts of this run have"
            ),
            format!("set `administrator_account = \"{administrator}\"` under [aws] in driftline.toml, and plan again"),
        )
    })
}

/// The targets that the plan covers, if those are not all.
pub(in crate::report) fn covered(plan: &Plan) -> Option<Selected> {
    let options = plan.facts.scope.to_string();
    let selected = Selected { count: plan.declared, total: plan.declared_total, options };
    (plan.facts.scope != PlanScope::Whole).then_some(selected)
}

/// `PAUSED → ENABLED`. What AWS chooses is not known before it has.
pub(super) fn change(change: &Change, expected: &SessionState) -> String {
    let off = expected.status() == Some(Status::NotEnabled);
    let unknown = if off { "(no session)" } else { "(as AWS has it)" };
    let before = change.before.as_ref().map_or(unknown.into(), Value::text);
    format!("{before} → {}", change.after)
}

/// `PAUSED → ENABLED`, of a change that no step makes.
pub(super) fn blocked_change(change: &DesiredChange) -> String {
    let unknown = || LiveText::clause("(as AWS has it)");
    let before = change.before.as_deref().map_or_else(unknown, |before| LiveText::new(change.setting, before));
    format!("{before} → {}", value(&change.wanted()))
}

/// Blocked changes of one target that one fix removes.
pub(super) struct BlockedTogether<'a> {
    /// The first of them, which stands for the rest.
    pub(super) first: &'a BlockedChange,
    /// All of them, with the first.
    pub(super) changes: Vec<&'a DesiredChange>,
}

/// Blocked changes, those of one target and fix together, in the order of the list.
pub(super) fn blocked_together(list: &[BlockedChange]) -> Vec<BlockedTogether<'_>> {
    let (mut places, mut groups) = (BTreeMap::new(), Vec::<BlockedTogether<'_>>::new());
    for item in list {
        let nth = *places.entry((&item.target, &item.reason, &item.remediation)).or_insert(groups.len());
        match groups.get_mut(nth) {
            Some(group) => group.changes.push(&item.change),
            None => groups.push(BlockedTogether { first: item, changes: vec![&item.change] }),
        }
    }
    groups
}

/// Targets of one account that are unread for one cause.
pub(super) struct UnreadTogether<'a> {
    /// The first of them, which stands for the rest.
    pub(super) first: &'a SkippedTarget,
    /// Their Regions.
    pub(super) regions: Vec<&'a str>,
    /// Their resource with a space behind, if the cause lies in it; else empty. Of a Macie session it is not said.
    pub(super) resource: String,
}

/// Unread targets, those of one account and cause together, in the order of the list.
pub(super) fn unread_together(list: &[SkippedTarget]) -> Vec<UnreadTogether<'_>> {
    let (mut places, mut groups) = (BTreeMap::new(), Vec::<UnreadTogether<'_>>::new());
    for item in list {
        let cause = Cause::for_skipped(item);
        let resource = match cause.resource() {
            Some(resource) if resource != Resource::MacieSession => format!("{} ", resource.noun()),
            Some(_) | None => String::new(),
        };
        let nth = *places.entry((item.target.account, item.partly, cause)).or_insert(groups.len());
        let region = item.target.region.as_str();
        match groups.get_mut(nth) {
            Some(group) if group.regions.last() == Some(&region) => {}
            Some(group) => group.regions.push(region),
            None => groups.push(UnreadTogether { first: item, regions: vec![region], resource }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_fixtures::plan;

    #[test]
    fn of_many_files_that_are_left_out_a_warning_names_a_few() {
        let mut plan = plan(Vec::new());
        plan.facts.partial_policies = (0..3_000).map(|nth| format!("policies/{nth}.yaml")).collect();
        let text = left_out(&plan).expect("a warning");
        assert!(text.starts_with("3000 files of the configured policies left out: policies/0.yaml, "), "{text}");
        assert!(text.contains(", … and 2995 more; ") && text.len() < 300, "{text}");
    }
}
