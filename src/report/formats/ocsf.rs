//! The report for security lakes: OCSF Compliance Findings, as JSON Lines.

use std::io::{self, Write};

use jiff::Timestamp;

use super::compliance::{ComplianceFinding, compliance_findings};
use super::ocsf_event::{
    Account, Analytic, Cloud, Compliance, Data, DriftlineFacts, Event, FindingInfo, Metadata, Place, Product,
    Remediation, Resource, SessionFacts, Unmapped, UnreadFacts, Waiver,
};
use crate::diagnostic::write_json_line;
use crate::model::{Environment, Origin, Resource as ResourceKind, SettingId, Severity, Unread};
use crate::report::FormatOptions;
use crate::report::escape::{self, terminal};
use crate::report::model::{ChangeMark, Review, Terms, View, whole_seconds};
use crate::resource::Outcome;
use crate::resource::session_manager_sessions::ViolatingSession;

/// The version of OCSF.
const OCSF: &str = "1.3.0";

/// Writes one Compliance Finding for each declared setting that applies, one a line.
///
/// Source: ocsf/ocsf-schema 1.3.0, class `compliance_finding` (2003).
pub fn write_ocsf(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let set = text(&options.policy_set);
    for target in view.targets.iter() {
        for finding in compliance_findings(view, &target, options) {
            write_json_line(&event(view, &finding, &set, options), out)?;
        }
    }
    Ok(())
}

fn event<'a>(view: &View<'_>, finding: &ComplianceFinding<'_>, set: &'a str, options: &FormatOptions) -> Event<'a> {
    let (target, row) = (finding.target, finding.row);
    let (severity_id, severity) = severity(finding.severity);
    let (status_id, status) = status(finding);
    let message = text(&finding.sentence);
    let milliseconds = |time: Timestamp| time.as_second().saturating_mul(1_000);
    let time = milliseconds(finding.observed_at);
    Event {
        metadata: metadata(view, finding, set),
        category_uid: 2,
        category_name: "Findings",
        class_uid: 2003,
        class_name: "Compliance Finding",
        // Whether it was known before, is not known here.
        activity_id: 1,
        activity_name: "Create",
        type_uid: 200_301,
        type_name: "Compliance Finding: Create",
        time,
        timezone_offset: 0,
        severity_id,
        severity,
        status_id,
        status,
        message: message.clone(),
        cloud: Cloud {
            provider: "AWS",
            region: target.region.to_string(),
            account: Account {
                uid: target.account.to_string(),
                name: target.account_name.as_deref().map(text),
                kind: "AWS Account",
                type_id: 10,
            },
        },
        finding_info: FindingInfo {
            uid: format!(
                "driftline:{}:{}:{}:{}",
                target.account,
                target.region,
                target.resource.subject(),
                row.setting.key()
            ),
            title: finding.title.clone(),
            desc: message,
            first_seen_time: finding.first_seen.map(milliseconds),
            last_seen_time: time,
            analytic: Analytic { name: "driftline", uid: finding.check.id(), kind: "Rule", type_id: 1 },
        },
        compliance: compliance(finding, set),
        resources: [resource(finding)],
        remediation: finding.remediation.as_deref().map(|fix| Remediation { desc: text(fix) }),
        unmapped: Unmapped { driftline: driftline_facts(view, finding, options) },
    }
}

fn metadata(view: &View<'_>, finding: &ComplianceFinding<'_>, set: &str) -> Metadata {
    let mut labels = vec![format!("policy_set:{set}")];
    // A rehearsal is no evidence.
    if view.run.source == Environment::Simulation {
        labels.push("source:simulation".to_owned());
    }
    if view.run.snapshot.is_some() {
        labels.push("source:snapshot".to_owned());
    } else if view.stored_at(finding.target).is_some() {
        labels.push("source:earlier-run".to_owned());
    }
    Metadata {
        version: OCSF,
        product: Product {
            name: "driftline",
            vendor_name: "driftline",
            uid: "driftline",
            version: text(&view.tool.version),
        },
        profiles: ["cloud"],
        event_code: finding.rule.id(),
        log_name: "driftline",
        labels,
    }
}

fn compliance<'a>(finding: &ComplianceFinding<'_>, set: &'a str) -> Compliance<'a> {
    let outcome = finding.row.outcome;
    let (status_id, status) = compliance_status(outcome);
    Compliance {
        control: control(finding.row.setting),
        standards: [set],
        requirements: [text(&finding.declared_at)],
        status,
        status_id,
        status_code: finding.unread.map_or(outcome.as_str(), |unread| unread.reason.as_str()),
    }
}

/// The name of a check: `macie.session.status`.
fn control(setting: SettingId) -> String {
    let service = match setting.spec().resource {
        ResourceKind::MacieSession => "macie",
        ResourceKind::SessionManagerPreferences | ResourceKind::SessionManagerSessions => "session_manager",
    };
    format!("{service}.{}.{}", setting.spec().resource.subject(), setting.key())
}

/// The resource. Neither a Macie session nor the sessions of an account in a Region have an ARN.
fn resource(finding: &ComplianceFinding<'_>) -> Resource {
    let (target, row) = (finding.target, finding.row);
    Resource {
        uid: format!("{}/{}/{}", target.resource.aws_type(), target.account, target.region),
        name: target.resource.noun(),
        kind: target.resource.aws_type(),
        region: target.region.to_string(),
        cloud_partition: target.region.partition().as_str(),
        data: Data {
            setting: row.setting.key(),
            desired: row.desired.iter().map(|value| text(&escape::value(value))).collect(),
            live: row.live.as_deref().map(|live| text(&escape::value(live))),
            sessions: row.sessions.iter().flat_map(|found| &found.sessions).map(session).collect(),
            sessions_more: row.sessions.as_ref().map_or(0, |found| found.more),
        },
    }
}

fn session(session: &ViolatingSession) -> SessionFacts {
    let owned = |value: &Option<Box<str>>| value.as_deref().map(text);
    let time = |time: Option<Timestamp>| time.map(|time| whole_seconds(time).to_string());
    SessionFacts {
        id: text(&session.id),
        target: owned(&session.target),
        owner: owned(&session.owner),
        value: session.value.as_deref().map(|value| text(&escape::value(value))),
        started_at: time(session.started_at),
        ended_at: time(session.ended_at),
    }
}

fn driftline_facts(view: &View<'_>, finding: &ComplianceFinding<'_>, options: &FormatOptions) -> DriftlineFacts {
    let row = finding.row;
    DriftlineFacts {
        outcome: row.outcome.as_str(),
        policy_digest: text(&view.run.policy_digest),
        origin: place(&row.origin, options),
        overridden: row.overridden.iter().map(|lost| place(&lost.origin, options)).collect(),
        waiver: row.terms().map(|terms| waiver(&terms, options)),
        unread: finding.unread.map(unread),
        change: finding.change.map(ChangeMark::as_str),
        review: finding.review.map(Review::as_str),
    }
}

fn place(origin: &Origin, options: &FormatOptions) -> Place {
    Place {
        file: text(&options.path(&origin.file)),
        line: origin.line,
        column: origin.column,
        declaration: origin.declaration.as_deref().map(text),
    }
}

fn waiver(terms: &Terms<'_>, options: &FormatOptions) -> Waiver {
    Waiver {
        reason: text(terms.reason),
        owner: terms.owner.map(text),
        expires: terms.expires.to_string(),
        origin: place(terms.origin, options),
    }
}

fn unread(unread: &Unread) -> UnreadFacts {
    let evidence = &unread.evidence;
    UnreadFacts {
        reason: unread.reason.as_str(),
        code: evidence.code.as_deref().map(text),
        message: evidence.message.as_deref().map(text),
        request_id: evidence.request_id.as_deref().map(text),
    }
}

/// A number with its caption, which have to fit each other.
///
/// Source: ocsf/ocsf-schema, `dictionary.json` and `objects/compliance.json`.
type Number = (u32, &'static str);

/// The severity: what is in sync is informational.
fn severity(severity: Option<Severity>) -> Number {
    match severity {
        None => (1, "Informational"),
        Some(Severity::Low) => (2, "Low"),
        Some(Severity::Medium) => (3, "Medium"),
        Some(Severity::High) => (4, "High"),
        Some(Severity::Critical) => (5, "Critical"),
    }
}

/// The status of the finding.
fn status(finding: &ComplianceFinding<'_>) -> Number {
    let is_suppressed = finding.row.outcome == Outcome::Waived || finding.is_excused;
    if is_suppressed { (3, "Suppressed") } else { (1, "New") }
}

/// The compliance of the setting. A waived drift fails all the same.
fn compliance_status(outcome: Outcome) -> Number {
    match outcome {
        Outcome::InSync => (1, "Pass"),
        Outcome::Drifted | Outcome::Waived => (3, "Fail"),
        Outcome::Unread | Outcome::NotApplicable => (0, "Unknown"),
    }
}

fn text(untrusted: &str) -> String {
    terminal(untrusted).into_owned()
}
