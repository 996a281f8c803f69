//! Version 1 of `driftline.apply`, for programs.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::advice::remediation;
use crate::apply::{ApplyReport, Guard, Refusal, StepOutcome, StepResult, Totals};
use crate::aws::RequestCounts;
use crate::diagnostic::write_json_document;
use crate::model::{AccountId, Environment, UnreadReason};
use crate::plan::{PlanDocument, PlanSource, Step, Summary};
use crate::resource::{Risk, SessionState};

const FORMAT: &str = "driftline.apply";
const FORMAT_VERSION: u32 = 1;

/// What came of a plan. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.apply`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool,
    run: Run<'a>,
    /// Whether every step was seen to be done and nothing else is wanted: the exit code is 0.
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

/// The program that made the report.
#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
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
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("$id".to_owned(), "urn:driftline:schema:apply:1".into());
    schema.insert("title".to_owned(), "driftline apply, version 1".into());
    schema.to_value()
}

/// Writes what came of a plan as one JSON object and a line feed.
pub fn write_applied_json(applied: &ApplyReport, out: &mut dyn Write) -> io::Result<()> {
    write_json_document(&document(applied), out)
}

fn document(applied: &ApplyReport) -> Document<'_> {
    let ApplyReport { plan, results, .. } = applied;
    let steps = plan.steps.iter().filter_map(|step| Some(saved(step, results.get(&step.number)?, applied.dry_run)));
    Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        run: Run {
            command: applied.command,
            started_at: seconds(applied.started_at),
            finished_at: seconds(applied.finished_at),
            source: plan.facts.source,
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
            created_at: seconds(plan.facts.created_at),
            policy_digest: match &plan.facts.basis {
                PlanSource::Policies { digest, .. } => Some(digest),
                PlanSource::Journal { .. } => None,
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

/// UTC, RFC 3339, whole seconds; the fraction is cut off, so that no time lies in the future.
fn seconds(moment: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(moment.as_second()).unwrap_or(moment).to_string()
}
