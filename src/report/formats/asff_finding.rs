//! A finding, field by field, in the words of the AWS Security Finding Format.
//!
//! Source: the service model of Security Hub, `AwsSecurityFinding`; AWS Security Hub User Guide, "Required top-level ASFF
//! attributes" and "Optional top-level ASFF attributes".

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffFinding {
    pub(super) schema_version: &'static str,
    pub(super) id: String,
    pub(super) product_arn: String,
    pub(super) product_name: &'static str,
    pub(super) company_name: &'static str,
    pub(super) generator_id: String,
    pub(super) aws_account_id: String,
    pub(super) region: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    /// The time of the first run that found it, if there was a comparison with an earlier report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_observed_at: Option<String>,
    pub(super) last_observed_at: String,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<Remediation>,
    pub(super) product_fields: BTreeMap<String, String>,
    pub(super) resources: [Resource; 1],
    pub(super) compliance: Compliance,
    pub(super) record_state: &'static str,
    /// Severity and types as the product sees them; those of the finding itself are for Security Hub and its users to change.
    #[serde(rename = "FindingProviderFields")]
    pub(super) provider_fields: ProviderFields,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Remediation {
    pub(super) recommendation: Recommendation,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recommendation {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) partition: &'static str,
    pub(super) region: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Compliance {
    pub(super) status: &'static str,
    pub(super) related_requirements: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProviderFields {
    pub(super) severity: Grade,
    pub(super) types: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Grade {
    pub(super) label: &'static str,
    pub(super) original: &'static str,
}
