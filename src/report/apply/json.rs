//! Version 1 of `driftline.apply`, for programs.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::summary::remediation;
use crate::apply::{ApplyReport, Guard, Refusal, StepOutcome, StepResult, Totals};
use crate::aws::RequestCounts;
use crate::diagnostic::{DocumentKind, Envelope, write_json_document};
use crate::model::{AccountId, Environment, UnreadReason};
use crate::plan::{PlanDocument, PlanScope, PlanSource, Step, Summary};
use crate::report::json::SelectionResult;
use crate::report::model::whole_seconds;
use crate::resource::{Risk, SessionState};

const APPLY: DocumentKind = DocumentKind { format: "driftline.apply", version: 1, title: "driftline apply" };

/// What came of a plan. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    run: Run<'a>,
    /// Whether every step was verified, no guard refused and no drift is blocked: the exit code is 0, interruptions aside.
    done: bool,
    totals: Totals,
    /// The guards that refused.
    refusals: Vec<SavedRefusal<'a>>,
    /// The journal; null if nothing was to be written.
    journal: Option<&'a str>,
    /// Why the journal could not be written to its end.
    journal_failure: Option<&'a str>,
    requests: RequestCounts,
    plan: PlanFacts<'a>,
    /// Every step of the plan, in its order.
    steps: Vec<SavedStep<'a>>,
}

/// How the run came about.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a dry run is what it is called")]
struct Run<'a> {
    #[schemars(extend("enum" = ["apply", "rollback"]))]
    command: &'a str,
    #[schemars(extend("format" = "date-time"))]
    started_at: String,
    #[schemars(extend("format" = "date-time"))]
    finished_at: String,
    source: Environment,
    /// What `--account` and `--region` of the plan selected; null for every declared target.
    selection: Option<SelectionResult<'a>>,
    /// Whether everything was done but to write.
    dry_run: bool,
}

/// A guard that refused.
#[derive(Serialize, JsonSchema)]
struct SavedRefusal<'a> {
    guard: Guard,
    reason: &'a str,
    remediation: &'a str,
}

/// Which plan it was.
#[derive(Serialize, JsonSchema)]
struct PlanFacts<'a> {
    fingerprint: String,
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    policy_digest: Option<&'a str>,
    /// The accounts and Regions of `--only`, as ACCOUNT/REGION; empty for all.
    only: Vec<String>,
    summary: Summary,
}

/// A step with what came of it.
#[derive(Serialize, JsonSchema)]
struct SavedStep<'a> {
    number: u32,
    account: AccountId,
    account_name: Option<&'a str>,
    region: &'a str,
    operation: &'static str,
    calling_account: AccountId,
    risk: Risk,
    /// Whether a rollback cannot restore what it ends.
    one_way: bool,
    outcome: StepOutcome,
    message: &'a str,
    /// What the target is set to, as last read; null where it was not.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Option<String>>>")]
    live: Option<&'a SessionState>,
    /// What was in the way; null where nothing was.
    error: Option<SavedError<'a>>,
    /// What a person can do; null where nothing need be done.
    remediation: Option<String>,
}

/// What was in the way of a step.
#[derive(Serialize, JsonSchema)]
struct SavedError<'a> {
    reason: UnreadReason,
    code: Option<&'a str>,
    message: Option<&'a str>,
    request_id: Option<&'a str>,
}

/// The JSON Schema (draft 2020-12) of the report of an apply. It lets unknown fields pass, as readers must.
pub fn apply_schema() -> serde_json::Value {
    APPLY.schema::<Document<'_>>()
}

/// Writes what came of a plan as one JSON object and a line feed.
pub fn write_applied_json(applied: &ApplyReport, out: &mut dyn Write) -> io::Result<()> {
    write_json_document(&Envelope::new(APPLY, document(applied)), out)
}

fn document(applied: &ApplyReport) -> Document<'_> {
    let ApplyReport { plan, results, .. } = applied;
    let steps = plan.steps.iter().filter_map(|step| Some(saved(step, results.get(&step.number)?, applied.dry_run)));
    Document {
        run: Run {
            command: applied.command,
            started_at: whole_seconds(applied.started_at).to_string(),
            finished_at: whole_seconds(applied.finished_at).to_string(),
            source: plan.facts.source,
            selection: match &plan.facts.scope {
                PlanScope::Selection(selection) => Some(selection.into()),
                PlanScope::Whole | PlanScope::Only(_) => None,
            },
            dry_run: applied.dry_run,
        },
        done: applied.is_done(),
        totals: applied.totals(),
        refusals: applied.refusals.iter().map(refusal).collect(),
        journal: applied.journal.as_deref(),
        journal_failure: applied.journal_failure.as_deref(),
        requests: applied.requests,
        plan: PlanFacts {
            fingerprint: PlanDocument::from_plan(plan).fingerprint().to_owned(),
            created_at: whole_seconds(plan.facts.created_at).to_string(),
            policy_digest: match &plan.facts.basis {
                PlanSource::Policies { digest, .. } => Some(digest),
                PlanSource::Journal { .. } => None,
            },
            only: match &plan.facts.scope {
                PlanScope::Only(places) => {
                    places.iter().map(|(account, region)| format!("{account}/{region}")).collect()
                }
                PlanScope::Whole | PlanScope::Selection(_) => Vec::new(),
            },
            summary: plan.summary(),
        },
        steps: steps.collect(),
    }
}

fn refusal(refusal: &Refusal) -> SavedRefusal<'_> {
    SavedRefusal { guard: refusal.guard, reason: &refusal.reason, remediation: &refusal.remediation }
}

fn saved<'a>(step: &'a Step, result: &'a StepResult, dry_run: bool) -> SavedStep<'a> {
    SavedStep {
        number: step.number,
        account: step.target.account,
        account_name: step.account_name.as_deref(),
        region: step.target.region.as_str(),
        operation: step.operation.name(),
        calling_account: step.calling_account,
        risk: step.risk,
        one_way: step.one_way,
        outcome: result.outcome,
        message: &result.message,
        live: result.live.as_ref(),
        error: result.cause.as_ref().map(|unread| SavedError {
            reason: unread.reason,
            code: unread.evidence.code.as_deref(),
            message: unread.evidence.message.as_deref(),
            request_id: unread.evidence.request_id.as_deref(),
        }),
        remediation: remediation(step, result, dry_run),
    }
}
