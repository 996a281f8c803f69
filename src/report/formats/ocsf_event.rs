//! A Compliance Finding, field by field, in OCSF's own words.
//!
//! Only fields that mean the same from version 1.3 to 1.8 are here: readers refuse those that they do not know.
//!
//! Source: ocsf/ocsf-schema, `events/findings/compliance_finding.json` and the objects that it names.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) metadata: Metadata,
    pub(super) category_uid: u32,
    pub(super) category_name: &'static str,
    pub(super) class_uid: u32,
    pub(super) class_name: &'static str,
    pub(super) activity_id: u32,
    pub(super) activity_name: &'static str,
    pub(super) type_uid: u32,
    pub(super) type_name: &'static str,
    /// In milliseconds. No schema catches seconds.
    pub(super) time: i64,
    pub(super) timezone_offset: i32,
    pub(super) severity_id: u32,
    pub(super) severity: &'static str,
    pub(super) status_id: u32,
    pub(super) status: &'static str,
    pub(super) message: String,
    pub(super) cloud: Cloud,
    pub(super) finding_info: FindingInfo,
    pub(super) compliance: Compliance<'a>,
    pub(super) resources: [Resource; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<Remediation>,
    /// What OCSF has no words for.
    pub(super) unmapped: Unmapped,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    pub(super) version: &'static str,
    pub(super) product: Product,
    pub(super) profiles: [&'static str; 1],
    pub(super) event_code: &'static str,
    pub(super) log_name: &'static str,
    pub(super) labels: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) vendor_name: &'static str,
    pub(super) uid: &'static str,
    pub(super) version: String,
}

#[derive(Serialize)]
pub(super) struct Cloud {
    pub(super) provider: &'static str,
    pub(super) region: String,
    pub(super) account: Account,
}

#[derive(Serialize)]
pub(super) struct Account {
    pub(super) uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) type_id: u32,
}

#[derive(Serialize)]
pub(super) struct FindingInfo {
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) desc: String,
    /// The time of the first run that found it, if there was a comparison with an earlier report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_seen_time: Option<i64>,
    pub(super) last_seen_time: i64,
    pub(super) analytic: Analytic,
}

#[derive(Serialize)]
pub(super) struct Analytic {
    pub(super) name: &'static str,
    pub(super) uid: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) type_id: u32,
}

#[derive(Serialize)]
pub(super) struct Compliance<'a> {
    pub(super) control: String,
    pub(super) standards: [&'a str; 1],
    pub(super) requirements: [String; 1],
    pub(super) status: &'static str,
    pub(super) status_id: u32,
    pub(super) status_code: &'static str,
}

#[derive(Serialize)]
pub(super) struct Resource {
    pub(super) uid: String,
    pub(super) name: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) region: String,
    pub(super) cloud_partition: &'static str,
    pub(super) data: Data,
}

#[derive(Serialize)]
pub(super) struct Data {
    pub(super) setting: &'static str,
    pub(super) desired: Vec<String>,
    pub(super) live: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) sessions: Vec<SessionFacts>,
    /// The sessions that are not listed.
    #[serde(skip_serializing_if = "is_none_left")]
    pub(super) sessions_more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none_left(more: &usize) -> bool {
    *more == 0
}

/// A session that violates a rule, in the words of driftline's JSON report.
#[derive(Serialize)]
pub(super) struct SessionFacts {
    pub(super) id: String,
    pub(super) target: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) value: Option<String>,
    pub(super) started_at: Option<String>,
    pub(super) ended_at: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Remediation {
    pub(super) desc: String,
}

#[derive(Serialize)]
pub(super) struct Unmapped {
    pub(super) driftline: DriftlineFacts,
}

/// What only driftline knows, in the words of its JSON report.
#[derive(Serialize)]
pub(super) struct DriftlineFacts {
    pub(super) outcome: &'static str,
    pub(super) policy_digest: String,
    pub(super) origin: Place,
    pub(super) overridden: Vec<Place>,
    pub(super) waiver: Option<Waiver>,
    pub(super) unread: Option<UnreadFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) review: Option<&'static str>,
}

/// A place in a policy file.
#[derive(Serialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) declaration: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Waiver {
    pub(super) reason: String,
    pub(super) owner: Option<String>,
    pub(super) expires: String,
    pub(super) origin: Place,
}

#[derive(Serialize)]
pub(super) struct UnreadFacts {
    pub(super) reason: &'static str,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}
