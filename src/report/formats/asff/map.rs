//! From a declared setting to a finding.

use std::collections::BTreeMap;
use std::io;

use super::finding::{Compliance, Finding, Grade, ProviderFields, Recommendation, Remediation, Resource};
use crate::model::{Environment, Region, Severity};
use crate::report::escape::terminal;
use crate::report::formats::setting_row::SettingRow;
use crate::report::formats::timestamps::read_at;
use crate::report::formats::truncate::shortened;
use crate::report::{FormatOptions, Target, View};
use crate::resource::Outcome;

/// The most that Security Hub takes, in characters.
///
/// Source: the service model of Security Hub, `AwsSecurityFinding`; AWS Security Hub Partner Integration Guide.
mod at_most {
    pub(super) const DESCRIPTION: usize = 1_024;
    pub(super) const REMEDIATION: usize = 512;
    pub(super) const REQUIREMENT: usize = 64;
    pub(super) const PRODUCT_FIELD: usize = 2_048;
}

/// The finding about a setting. A drift that is waived cannot be suppressed from here: only users of Security Hub can do that.
///
/// # Errors
///
/// A report that was saved and then altered may name no Region where one should be, and an ARN is made of it.
pub(super) fn finding(view: &View<'_>, check: &SettingRow<'_>, options: &FormatOptions) -> io::Result<Finding> {
    let (target, setting) = (check.target, check.setting);
    let region = region(&target.region)?;
    let (account, partition) = (target.account, region.partition().as_str());
    let severity = check.severity();
    // Of older readings the older time: Security Hub keeps what it knows of a later one.
    let time = read_at(view, target)?.to_string();
    Ok(Finding {
        schema_version: "2018-10-08",
        id: format!("driftline/{account}/{region}/session/{}", setting.setting.key()),
        product_arn: format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        product_name: "driftline",
        company_name: "driftline",
        generator_id: format!("driftline/{}", check.check().id()),
        aws_account_id: account.to_string(),
        region: region.to_string(),
        created_at: time.clone(),
        updated_at: time.clone(),
        last_observed_at: time,
        title: check.title(),
        description: text(&check.sentence(), at_most::DESCRIPTION),
        remediation: check
            .remediation(options)
            .map(|way| Remediation { recommendation: Recommendation { text: text(&way, at_most::REMEDIATION) } }),
        product_fields: product_fields(view, check, options),
        resources: [Resource {
            kind: "AwsAccount",
            id: format!("AWS::::Account:{account}"),
            partition,
            region: region.to_string(),
        }],
        compliance: Compliance { status: status(setting.outcome), related_requirements: requirements(options) },
        record_state: "ACTIVE",
        provider_fields: ProviderFields {
            severity: Grade { label: label(severity), original: setting.severity.as_str() },
            types: ["Software and Configuration Checks/AWS Security Best Practices"],
        },
    })
}

/// The Region, if it is one.
pub(super) fn region(text: &str) -> io::Result<Region> {
    text.parse()
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("the report has {text:?} for a Region")))
}

fn requirements(options: &FormatOptions) -> Vec<String> {
    let set = text(&options.policy_set, at_most::REQUIREMENT);
    if set.trim().is_empty() { Vec::new() } else { vec![set] }
}

fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::InSync => "PASSED",
        Outcome::Drifted => "FAILED",
        Outcome::Waived => "WARNING",
        Outcome::Unread | Outcome::NotApplicable => "NOT_AVAILABLE",
    }
}

/// Source: AWS Security Hub User Guide, ASFF, "Severity": `INFORMATIONAL` says that no issue was found.
fn label(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "INFORMATIONAL",
        Some(Severity::Low) => "LOW",
        Some(Severity::Medium) => "MEDIUM",
        Some(Severity::High) => "HIGH",
        Some(Severity::Critical) => "CRITICAL",
    }
}

/// What the format has no words for. A field without a value would be refused.
fn product_fields(view: &View<'_>, check: &SettingRow<'_>, options: &FormatOptions) -> BTreeMap<String, String> {
    let (target, setting) = (check.target, check.setting);
    let unread = target.unread.as_ref().filter(|_| setting.outcome == Outcome::Unread);
    let waiver = setting.waiver.as_ref();
    let fields: [(&str, Option<String>); 17] = [
        ("account_name", target.account_name.as_deref().map(str::to_owned)),
        ("code", unread.and_then(|unread| unread.code.as_deref()).map(str::to_owned)),
        ("declaration", setting.origin.declaration.clone()),
        ("declared_at", Some(check.declared_at(options))),
        ("desired", Some(setting.desired.join(" | "))),
        ("live", setting.live.as_deref().map(str::to_owned)),
        ("outcome", Some(setting.outcome.as_str().to_owned())),
        ("policy_digest", Some(view.run.policy_digest.to_string())),
        ("policy_set", Some(options.policy_set.clone())),
        ("request_id", unread.and_then(|unread| unread.request_id.as_deref()).map(str::to_owned)),
        ("rule", Some(check.rule().id().to_owned())),
        ("setting", Some(setting.setting.key().to_owned())),
        ("source", source(view, target)),
        ("unread_reason", unread.map(|unread| unread.reason.as_str().to_owned())),
        ("waiver_expires", waiver.map(|waiver| waiver.expires.to_string())),
        ("waiver_owner", waiver.and_then(|waiver| waiver.owner.as_deref()).map(str::to_owned)),
        ("waiver_reason", waiver.map(|waiver| waiver.reason.to_string())),
    ];
    let told = fields.into_iter().filter_map(|(name, value)| Some((name, text(&value?, at_most::PRODUCT_FIELD))));
    told.filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| (format!("driftline/{name}"), value))
        .collect()
}

/// Where a reading comes from, if it is not live from AWS.
fn source(view: &View<'_>, target: &Target<'_>) -> Option<String> {
    let is_simulated = view.run.source == Environment::Simulation;
    match (view.run.snapshot.is_some(), view.stored_at(target).is_some()) {
        (true, _) if is_simulated => Some("snapshot of a simulation".to_owned()),
        (true, _) => Some("snapshot".to_owned()),
        (false, true) if is_simulated => Some("earlier run of a simulation".to_owned()),
        (false, true) => Some("earlier run".to_owned()),
        (false, false) => is_simulated.then(|| "simulation".to_owned()),
    }
}

fn text(untrusted: &str, at_most: usize) -> String {
    shortened(&terminal(untrusted), at_most).into_owned()
}
