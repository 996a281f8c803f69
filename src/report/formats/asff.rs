//! The report for Security Hub: findings in the AWS Security Finding Format, in files of which each is one import.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::asff_finding::{AsffFinding, Compliance, Grade, ProviderFields, Recommendation, Remediation, Resource};
use super::compliance::{ComplianceFinding, compliance_findings};
use crate::diagnostic::write_json_document;
use crate::model::{AccountId, Environment, Region, Severity};
use crate::report::FormatOptions;
use crate::report::escape::{shortened, terminal, value};
use crate::report::model::{ChangeMark, Review, Target, View};
use crate::resource::Outcome;

/// The most findings that one call takes.
///
/// Source: Security Hub API Reference, BatchImportFindings. The 6 MB that it takes too cannot be reached by so many findings,
/// of which each text is cut.
const FINDINGS_AT_MOST: usize = 100;

/// What the name of every file ends with.
const SUFFIX: &str = ".asff.json";

/// The most that Security Hub takes, in characters.
///
/// Source: the service model of Security Hub, `AwsSecurityFinding`; AWS Security Hub Partner Integration Guide.
mod at_most {
    pub(super) const DESCRIPTION: usize = 1_024;
    pub(super) const REMEDIATION: usize = 512;
    pub(super) const REQUIREMENT: usize = 64;
    pub(super) const PRODUCT_FIELD: usize = 2_048;
}

/// The files of a report with their names: for each account, Region and hundred findings a bare array, which is what
/// `aws securityhub batch-import-findings --findings file://FILE` wants. Under the default product of an account, only that
/// account may import a finding.
///
/// What is in sync is among them, under the identity that its drift has, or a finding would never close. What could not be read
/// is too, without a verdict. What does not apply is left out, and a target of which nothing else is known has no file.
///
/// Source: AWS Security Hub User Guide, "BatchImportFindings for finding providers".
pub fn asff_files<'a>(
    view: &'a View<'_>,
    options: &'a FormatOptions,
) -> impl Iterator<Item = io::Result<(String, Vec<u8>)>> + 'a {
    let mut targets = view.targets.iter().peekable();
    let places = std::iter::from_fn(move || {
        let first = targets.next()?;
        let place = (first.account, first.region.clone());
        let mut here = vec![first];
        while let Some(next) = targets.next_if(|target| (target.account, &target.region) == (place.0, &place.1)) {
            here.push(next);
        }
        Some((place, here))
    });
    places.flat_map(move |(place, targets)| files(view, (place.0, &place.1), &targets, options))
}

/// Writes the findings of all files as one array: for those who batch by themselves.
pub fn write_asff(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    write_json_document(&EachFinding { view, options }, out)
}

/// All findings, made one by one: all of them together may be larger than the report.
struct EachFinding<'a> {
    view: &'a View<'a>,
    options: &'a FormatOptions,
}

impl Serialize for EachFinding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for target in self.view.targets.iter() {
            for finding in findings(self.view, &target, self.options) {
                all.serialize_element(&finding)?;
            }
        }
        all.end()
    }
}

/// Whether a file of this name is one of ours, of this run or of an earlier one.
pub fn is_asff_file(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(SUFFIX) else { return false };
    let parts: Vec<&str> = stem.split('.').collect();
    let is_number = |text: &str| text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [account, region, number] => {
            account.parse::<AccountId>().is_ok() && region.parse::<Region>().is_ok() && is_number(number)
        }
        _ => false,
    }
}

/// The files of an account in a Region, which may have a target of each resource.
fn files(
    view: &View<'_>,
    (account, region): (AccountId, &Region),
    targets: &[Cow<'_, Target<'_>>],
    options: &FormatOptions,
) -> Vec<io::Result<(String, Vec<u8>)>> {
    let findings: Vec<AsffFinding> = targets.iter().flat_map(|target| findings(view, target, options)).collect();
    let file = |(nth, chunk): (usize, &[AsffFinding])| {
        let mut bytes = Vec::new();
        write_json_document(chunk, &mut bytes)?;
        Ok((format!("{account}.{region}.{:03}{SUFFIX}", nth + 1), bytes))
    };
    findings.chunks(FINDINGS_AT_MOST).enumerate().map(file).collect()
}

fn findings(view: &View<'_>, target: &Target<'_>, options: &FormatOptions) -> impl Iterator<Item = AsffFinding> {
    compliance_findings(view, target, options).map(move |found| finding(view, &found, options))
}

/// The finding about a setting. A waived drift cannot be suppressed from here: only users of Security Hub can do that.
fn finding(view: &View<'_>, found: &ComplianceFinding<'_>, options: &FormatOptions) -> AsffFinding {
    let (target, row) = (found.target, found.row);
    let (account, region, partition) = (target.account, &target.region, target.region.partition().as_str());
    let time = found.observed_at.to_string();
    AsffFinding {
        schema_version: "2018-10-08",
        id: format!("driftline/{account}/{region}/{}/{}", target.resource.subject(), row.setting.key()),
        product_arn: format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        product_name: "driftline",
        company_name: "driftline",
        generator_id: format!("driftline/{}", found.check.id()),
        aws_account_id: account.to_string(),
        region: region.to_string(),
        created_at: time.clone(),
        updated_at: time.clone(),
        first_observed_at: found.first_seen.map(|since| since.to_string()),
        last_observed_at: time,
        title: found.title.clone(),
        description: text(&found.sentence, at_most::DESCRIPTION),
        remediation: found
            .remediation
            .as_deref()
            .map(|fix| Remediation { recommendation: Recommendation { text: text(fix, at_most::REMEDIATION) } }),
        product_fields: product_fields(view, found, options),
        resources: [Resource {
            kind: "AwsAccount",
            id: format!("AWS::::Account:{account}"),
            partition,
            region: region.to_string(),
        }],
        compliance: Compliance { status: status(row.outcome), related_requirements: requirements(options) },
        record_state: "ACTIVE",
        provider_fields: ProviderFields {
            severity: Grade { label: label(found.severity), original: row.severity.as_str() },
            types: ["Software and Configuration Checks/AWS Security Best Practices"],
        },
    }
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

/// The facts that the format has no fields for. A field without a value would be refused.
fn product_fields(view: &View<'_>, found: &ComplianceFinding<'_>, options: &FormatOptions) -> BTreeMap<String, String> {
    let (target, row) = (found.target, found.row);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let evidence = found.unread.map(|unread| &unread.evidence);
    let waiver = row.terms();
    let fields: [(&str, Option<String>); 19] = [
        ("account_name", owned(target.account_name.as_deref())),
        ("change", owned(found.change.map(ChangeMark::as_str))),
        ("code", owned(evidence.and_then(|evidence| evidence.code.as_deref()))),
        ("declaration", row.origin.declaration.clone()),
        ("declared_at", Some(found.declared_at.clone())),
        ("desired", Some(value(&row.desired.join(" | ")).into_owned())),
        ("live", row.live.as_deref().map(|live| value(live).into_owned())),
        ("outcome", Some(row.outcome.as_str().to_owned())),
        ("policy_digest", Some(view.run.policy_digest.clone())),
        ("policy_set", Some(options.policy_set.clone())),
        ("request_id", owned(evidence.and_then(|evidence| evidence.request_id.as_deref()))),
        ("review", owned(found.review.map(Review::as_str))),
        ("rule", Some(found.rule.id().to_owned())),
        ("setting", Some(row.setting.key().to_owned())),
        ("source", source(view, target)),
        ("unread_reason", found.unread.map(|unread| unread.reason.as_str().to_owned())),
        ("waiver_expires", waiver.map(|waiver| waiver.expires.to_string())),
        ("waiver_owner", owned(waiver.and_then(|waiver| waiver.owner))),
        ("waiver_reason", waiver.map(|waiver| waiver.reason.to_owned())),
    ];
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(&value?, at_most::PRODUCT_FIELD))))
        .filter(|(_, value)| !value.trim().is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        assert!(is_asff_file("111122223333.eu-west-1.001.asff.json"));
        for name in [
            "111122223333.eu-west-1.asff.json",
            "11112222333.eu-west-1.001.asff.json",
            "111122223333.europe.001.asff.json",
            "111122223333.eu-west-1.1.asff.json",
            "111122223333.eu-west-1.001.json",
            "x.111122223333.eu-west-1.001.asff.json",
            "asff.json",
            "report.json",
        ] {
            assert!(!is_asff_file(name), "{name}");
        }
    }
}
