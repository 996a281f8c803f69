//! What an apply amounts to, and the fix where it is not done.

use crate::apply::{ApplyReport, StepOutcome, StepResult, Totals};
use crate::plan::Step;
use crate::report::messages::pluralize;
use crate::report::remediation::fix_for;

/// What an apply amounts to, in one line.
pub(super) fn headline(applied: &ApplyReport) -> String {
    let totals = applied.totals();
    let stopped: Vec<&str> = applied
        .refusals
        .iter()
        .filter(|refusal| refusal.guard.stops_everything())
        .map(|refusal| refusal.guard.as_str())
        .collect();
    if totals.steps == 0 && applied.is_done() {
        return "nothing to change".to_owned();
    }
    if !stopped.is_empty() {
        return format!("refused ({}); nothing was changed", stopped.join(", "));
    }
    if applied.dry_run {
        return if applied.is_done() {
            format!("dry run: {} could be made; nothing was changed", pluralize(totals.steps, "change"))
        } else {
            "dry run: not everything could be done; nothing was changed".to_owned()
        };
    }
    if applied.is_done() {
        return format!("{} made and seen to be made", pluralize(totals.verified, "change"));
    }
    let parts = parts(totals);
    let left = if applied.plan.blocked.is_empty() && applied.plan.not_planned.is_empty() {
        ""
    } else {
        "; more is wanted that was not in the plan's power"
    };
    if totals.steps == 0 {
        format!("nothing that could be changed{left}")
    } else {
        format!("{}{left}", parts.join(", "))
    }
}

/// The counts that are not zero.
fn parts(totals: Totals) -> Vec<String> {
    StepOutcome::ALL
        .into_iter()
        .filter(|outcome| totals.count(*outcome) > 0)
        .map(|outcome| format!("{} {}", totals.count(outcome), words(outcome)))
        .collect()
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
            _ => fix_for(cause, step.calling_account, None),
        });
    }
    match result.outcome {
        StepOutcome::Verified | StepOutcome::Refused => None,
        StepOutcome::NotTried if dry_run => None,
        StepOutcome::Applied => Some("check again in some minutes; if it stays so, ask AWS Support".to_owned()),
        StepOutcome::Stale => Some("plan again: somebody else works on this target".to_owned()),
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
