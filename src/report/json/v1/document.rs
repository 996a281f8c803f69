//! The document as a whole: run, verdict, ledger, targets.

use std::io::{self, Write};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::waivers::{LapsedWaiver, WaiverResult, WaiverUseResult, covering, lapsed, used};
use crate::aws::RequestCounts;
use crate::drift::{Ledger, SettingFinding, TargetFinding, Verdict};
use crate::model::{
    Account, AccountId, AccountState, Contender, DenyingLayer, Evidence, Inventory, Origin, Setting, Severity, Source,
    Unread, UnreadReason,
};
use crate::report::Report;
use crate::session::{NotApplicable, NotEnabledBasis, Outcome, Reading};

const FORMAT: &str = "driftline.report";
const FORMAT_VERSION: u32 = 1;

/// Writes the report as one JSON object and a line feed.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema (draft 2020-12) of the report. It lets unknown fields pass, as readers must.
pub fn report_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("$id".to_owned(), "urn:driftline:schema:report:1".into());
    schema.insert("title".to_owned(), "driftline report, version 1".into());
    schema.to_value()
}

/// A report on how Macie is set, compared with what the policies want. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.report`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool,
    run: Run<'a>,
    verdict: Verdict,
    ledger: Ledger,
    requests: RequestCounts,
    /// Every declared target exactly once, sorted by account, then Region.
    #[schemars(with = "Vec<Target<'a>>")]
    targets: Targets<'a>,
    /// Every waiver of the policies, by place.
    waivers: Vec<WaiverUseResult<'a>>,
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    unreached_accounts: Vec<Unreached<'a>>,
}

/// An account of which nothing is wanted.
#[derive(Serialize, JsonSchema)]
struct Unreached<'a> {
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    account: AccountId,
    /// The account's name, where the inventory knows names.
    account_name: Option<&'a str>,
    /// What AWS Organizations says of the account, where the inventory comes from there.
    account_state: Option<AccountState>,
}

/// The program that made the report.
#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// How the run came about.
#[derive(Serialize, JsonSchema)]
struct Run<'a> {
    command: &'static str,
    /// UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    started_at: String,
    /// UTC, RFC 3339, whole seconds.
    #[schemars(extend("format" = "date-time"))]
    finished_at: String,
    source: Source,
    /// Changes when anything in the policy set does.
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The day by which waivers were judged, where it was not that of the run.
    #[schemars(extend("format" = "date"))]
    as_of: Option<String>,
    /// Null if the run was interrupted before this was learnt.
    caller: Option<Caller<'a>>,
}

/// Whose credentials the run started with.
#[derive(Serialize, JsonSchema)]
struct Caller<'a> {
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    account: AccountId,
    arn: &'a str,
}

/// One declared target.
#[derive(Serialize, JsonSchema)]
struct Target<'a> {
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    account: AccountId,
    /// The account's name, where the inventory knows names.
    account_name: Option<&'a str>,
    /// What AWS Organizations says of the account, where the inventory knows that.
    account_state: Option<AccountState>,
    region: &'a str,
    outcome: Outcome,
    /// What is live; null where nothing is known or the target does not apply.
    live: Option<Live<'a>>,
    /// The declared settings.
    settings: Vec<SettingResult<'a>>,
    /// Why nothing is known; null where something is.
    unread: Option<UnreadResult<'a>>,
    /// Why the session is known to be off, or the target not to apply; null elsewhere.
    evidence: Option<KnownBy<'a>>,
}

/// What is live. A session that is off has the status `NOT_ENABLED` and nothing else.
#[derive(Serialize, JsonSchema)]
struct Live<'a> {
    #[schemars(extend("enum" = ["ENABLED", "PAUSED", "NOT_ENABLED"]))]
    status: &'static str,
    #[schemars(extend("enum" = ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS", null]))]
    finding_publishing_frequency: Option<&'static str>,
    service_role: Option<&'a str>,
    #[schemars(extend("format" = "date-time"))]
    created_at: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    updated_at: Option<String>,
}

/// One declared setting of a target.
#[derive(Serialize, JsonSchema)]
struct SettingResult<'a> {
    setting: Setting,
    /// The accepted values; the first is what apply would set.
    desired: Vec<&'static str>,
    live: Option<&'static str>,
    outcome: Outcome,
    severity: Severity,
    /// The declaration that decides.
    origin: &'a Origin,
    /// The declarations that a more specific one beats.
    overridden: Vec<Overridden<'a>>,
    /// The waiver that covers the drift: never null where the outcome is `waived`, always null elsewhere.
    waiver: Option<WaiverResult<'a>>,
    /// Of a drift, the waivers that select it and do not cover it.
    lapsed_waivers: Vec<LapsedWaiver<'a>>,
}

/// A declaration that lost against a more specific one.
#[derive(Serialize, JsonSchema)]
struct Overridden<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    declaration: Option<&'a str>,
    desired: Vec<&'static str>,
}

/// Why nothing is known of a target.
#[derive(Serialize, JsonSchema)]
struct UnreadResult<'a> {
    reason: UnreadReason,
    /// The error code that AWS gave.
    code: Option<&'a str>,
    /// The whole message.
    message: Option<&'a str>,
    /// What AWS Support asks for.
    request_id: Option<&'a str>,
    /// The action that was denied, where AWS says.
    action: Option<&'a str>,
    /// The principal that was denied, where AWS says.
    principal: Option<&'a str>,
    /// The kind of policy that denied, where AWS says.
    layer: Option<DenyingLayer>,
    /// The policy that denied, where AWS says.
    policy_arn: Option<&'a str>,
}

/// How it is known that a session is off or that a target does not apply.
#[derive(Serialize, JsonSchema)]
struct KnownBy<'a> {
    basis: Basis,
    code: Option<&'a str>,
    message: Option<&'a str>,
    request_id: Option<&'a str>,
}

/// The kind of evidence.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Basis {
    /// Macie answered that it is not enabled.
    Answer,
    /// account:ListRegions says that the Region is off.
    RegionOff,
    /// The Region refused a token that works in another one.
    RegionOffInferred,
    /// The Region table has no Macie there.
    NoMacieInRegion,
}

fn document(report: &Report) -> Document<'_> {
    let run = &report.run;
    Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        run: Run {
            command: run.command,
            started_at: seconds(run.started_at),
            finished_at: seconds(run.finished_at),
            source: run.source,
            policy_digest: &run.policy_digest,
            policy_files: &run.policy_files,
            as_of: run.as_of.map(|day| day.to_string()),
            caller: run.caller.as_ref().map(|caller| Caller { account: caller.account, arn: &caller.arn }),
        },
        verdict: report.comparison.verdict(),
        ledger: report.comparison.ledger(),
        requests: report.requests,
        targets: Targets(report),
        waivers: report.comparison.waivers().iter().map(used).collect(),
        unreached_accounts: report.unreached().map(unreached).collect(),
    }
}

fn unreached(account: &Account) -> Unreached<'_> {
    Unreached { account: account.id, account_name: account.name.as_deref(), account_state: account.state }
}

/// Targets are converted one by one while they are written: there may be hundreds of thousands.
struct Targets<'a>(&'a Report);

impl Serialize for Targets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Report { comparison, accounts, .. } = self.0;
        serializer.collect_seq(comparison.targets().iter().map(|finding| target(finding, accounts)))
    }
}

fn target<'a>(finding: &'a TargetFinding, accounts: &'a Inventory) -> Target<'a> {
    let account = accounts.account(finding.desired.account);
    Target {
        account: finding.desired.account,
        account_name: account.and_then(|account| account.name.as_deref()),
        account_state: account.and_then(|account| account.state),
        region: finding.desired.region.as_str(),
        outcome: finding.outcome,
        live: live(&finding.reading),
        settings: finding.settings().map(setting).collect(),
        unread: match &finding.reading {
            Reading::Unread(unread) => Some(unread_result(unread)),
            Reading::On(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) => None,
        },
        evidence: known_by(&finding.reading),
    }
}

fn live(reading: &Reading) -> Option<Live<'_>> {
    match reading {
        Reading::On(session) => Some(Live {
            status: session.status.as_status().as_str(),
            finding_publishing_frequency: Some(session.frequency.as_str()),
            service_role: session.service_role.as_deref(),
            created_at: session.created_at.map(seconds),
            updated_at: session.updated_at.map(seconds),
        }),
        Reading::NotEnabled(_) => Some(Live {
            status: crate::model::Status::NotEnabled.as_str(),
            finding_publishing_frequency: None,
            service_role: None,
            created_at: None,
            updated_at: None,
        }),
        Reading::NotApplicable(_) | Reading::Unread(_) => None,
    }
}

fn setting(finding: SettingFinding<'_>) -> SettingResult<'_> {
    let wish = finding.wish;
    SettingResult {
        setting: wish.setting,
        desired: words(&wish.decided),
        live: finding.live.map(|value| value.as_str()),
        outcome: finding.outcome,
        severity: wish.severity,
        origin: &wish.decided.origin,
        overridden: wish.overridden.iter().map(overridden).collect(),
        waiver: covering(&finding),
        lapsed_waivers: lapsed(&finding),
    }
}

fn words(contender: &Contender) -> Vec<&'static str> {
    contender.accepted.iter().map(|value| value.as_str()).collect()
}

fn overridden(contender: &Contender) -> Overridden<'_> {
    let origin = &contender.origin;
    Overridden {
        file: &origin.file,
        line: origin.line,
        column: origin.column,
        declaration: origin.declaration.as_deref(),
        desired: words(contender),
    }
}

fn unread_result(unread: &Unread) -> UnreadResult<'_> {
    let denial = unread.denial.as_deref();
    UnreadResult {
        reason: unread.reason,
        code: unread.evidence.code.as_deref(),
        message: unread.evidence.message.as_deref(),
        request_id: unread.evidence.request_id.as_deref(),
        action: denial.and_then(|denial| denial.action.as_deref()),
        principal: denial.and_then(|denial| denial.principal.as_deref()),
        layer: denial.and_then(|denial| denial.layer),
        policy_arn: denial.and_then(|denial| denial.policy_arn.as_deref()),
    }
}

fn known_by(reading: &Reading) -> Option<KnownBy<'_>> {
    let alone = |basis| Some(KnownBy { basis, code: None, message: None, request_id: None });
    match reading {
        Reading::NotEnabled(NotEnabledBasis::Answer(Evidence { code, message, request_id })) => Some(KnownBy {
            basis: Basis::Answer,
            code: code.as_deref(),
            message: message.as_deref(),
            request_id: request_id.as_deref(),
        }),
        Reading::NotEnabled(NotEnabledBasis::RegionOff) | Reading::NotApplicable(NotApplicable::RegionOff) => {
            alone(Basis::RegionOff)
        }
        Reading::NotApplicable(NotApplicable::RegionOffInferred) => alone(Basis::RegionOffInferred),
        Reading::NotEnabled(NotEnabledBasis::NoMacieInRegion)
        | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => alone(Basis::NoMacieInRegion),
        Reading::On(_) | Reading::Unread(_) => None,
    }
}

/// UTC, RFC 3339, whole seconds; the fraction is cut off, so that no time lies in the future.
fn seconds(moment: Timestamp) -> String {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment).to_string()
}
