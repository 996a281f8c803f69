//! What an apply amounts to, and the fix where it is not done.

use crate::apply::{ApplyReport, StepOutcome, StepResult, Totals};
use crate::plan::{Plan, SkippedTarget, Step};
use crate::report::messages::{as_expected, pluralize};
use crate::report::remediation::fix_for;

/// What an apply amounts to, in one line.
pub(super) fn headline(applied: &ApplyReport) -> String {
    let (totals, is_done) = (applied.totals(), applied.is_done());
    let stopped: Vec<&str> = applied
        .refusals
        .iter()
        .filter(|refusal| refusal.guard.stops_everything())
        .map(|refusal| refusal.guard.as_str())
        .collect();
    if !stopped.is_empty() {
        return format!("refused ({}); nothing was changed", stopped.join(", "));
    }
    let what = match (is_done, applied.dry_run) {
        (true, _) if totals.steps == 0 => "nothing to change".to_owned(),
        (true, true) => format!("dry run: {} could be made; nothing was changed", pluralize(totals.steps, "change")),
        (true, false) => format!("{} made and verified", pluralize(totals.verified, "change")),
        (false, true) => "dry run: not everything could be done; nothing was changed".to_owned(),
        (false, false) if totals.steps == 0 => "nothing that could be changed".to_owned(),
        (false, false) => parts(totals).join(", "),
    };
    let blocked = match applied.plan.blocked.len() {
        0 => String::new(),
        count => format!("; {} blocked", pluralize(count, "drift")),
    };
    format!("{what}{blocked}{}", left_alone(&applied.plan))
}

/// The targets that no step could concern: `. 51 targets were not part of it: unread, 40 of them as expected`.
fn left_alone(plan: &Plan) -> String {
    let (partly, wholly): (Vec<_>, Vec<_>) = plan.not_planned.iter().partition(|target| target.partly);
    let text = |(targets, what): (Vec<&SkippedTarget>, &str)| {
        let (count, expected) = (targets.len(), targets.iter().filter(|target| target.expected.is_some()).count());
        let were = if count == 1 { "was" } else { "were" };
        format!(". {} {were} {what}{}", pluralize(count, "target"), as_expected(expected, count))
    };
    let both = [(wholly, "not part of it: unread"), (partly, "part of it only as far as it was read")];
    both.into_iter().filter(|(targets, _)| !targets.is_empty()).map(text).collect()
}

/// The counts that are not zero.
fn parts(totals: Totals) -> Vec<String> {
    StepOutcome::ALL
        .into_iter()
        .filter(|outcome| totals.count(*outcome) > 0)
        .map(|outcome| format!("{} {}", totals.count(outcome), words(outcome)))
        .collect()
}

/// The outcome for people, of a run or of a dry run.
pub(super) fn outcome_words(outcome: StepOutcome, dry_run: bool) -> &'static str {
    if dry_run && outcome == StepOutcome::NotTried { "would be called" } else { words(outcome) }
}

/// The outcome for people.
pub(super) fn words(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Verified => "verified",
        StepOutcome::Applied => "applied, not seen",
        StepOutcome::Stale => "stale",
        StepOutcome::Failed => "failed",
        StepOutcome::Refused => "refused",
        StepOutcome::NotTried => "not tried",
    }
}

/// The fix for a step that is not done.
pub(super) fn remediation(step: &Step, result: &StepResult, dry_run: bool) -> Option<String> {
    if let Some(cause) = &result.cause {
        return Some(match cause.evidence.code.as_deref() {
            Some("ConflictException") => {
                "look at the account's administrator and members in this Region, then plan again".to_owned()
            }
            Some("ServiceQuotaExceededException") => "ask AWS to raise the quota, then plan again".to_owned(),
            _ => fix_for(step.target.resource, cause, step.calling_account, None),
        });
    }
    match result.outcome {
        StepOutcome::Verified | StepOutcome::Refused => None,
        StepOutcome::NotTried if dry_run => None,
        StepOutcome::Applied => Some("check again in some minutes; if it stays so, ask AWS Support".to_owned()),
        StepOutcome::Stale => Some("plan again; nothing is left to do if the target is as wanted by now".to_owned()),
        StepOutcome::Failed => Some("plan again".to_owned()),
        StepOutcome::NotTried => Some("go on with `driftline apply --resume JOURNAL`, or plan again".to_owned()),
    }
}

/// What AWS or the network said, in one line.
pub(super) fn cause_text(result: &StepResult) -> Option<String> {
    let evidence = &result.cause.as_ref()?.evidence;
    let words: Vec<&str> = [evidence.code.as_deref(), evidence.message.as_deref()].into_iter().flatten().collect();
    let id = evidence.request_id.as_ref().map_or_else(String::new, |id| format!(" (request id {id})"));
    (!words.is_empty()).then(|| format!("{}{id}", words.join(": ")))
}
