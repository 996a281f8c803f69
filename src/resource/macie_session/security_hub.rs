//! The settings `security_hub.publish_policy_findings` and `security_hub.publish_classification_findings`.

use futures_util::FutureExt as _;

use super::extra_call::{Field, unread};
use crate::model::{ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Target, Value};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReadings, SettingRequest};

const NEEDS_SESSION: NeedsResource = NeedsResource {
    what: "publication to Security Hub",
    why: "a session that is off publishes nothing",
    alone: Some("is declared without `status`; a session that is off is not drift"),
};

/// The setting `security_hub.publish_policy_findings`.
///
/// Source: Amazon Macie API Reference, "Findings - publication configuration", `SecurityHubConfiguration`.
pub static PUBLISH_POLICY_FINDINGS: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "security_hub.publish_policy_findings",
        rule: "DL1003",
        summary: "Whether policy findings are published to AWS Security Hub.",
        meaning: "Whether Macie publishes policy findings to AWS Security Hub. driftline reports a drift and does not change it.",
        kind: SettingKind::Bool,
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NEEDS_SESSION),
        read_actions: ACTIONS,
        change: ChangeMethod::ReportOnly { remedy: policy_remedy },
        other_names: &["policy_findings", "publishPolicyFindings"],
        other_words: &[],
    },
    read: ReadBy::ExtraCall(&PUBLICATION),
};

/// The setting `security_hub.publish_classification_findings`.
///
/// Source: as for policy findings.
pub static PUBLISH_CLASSIFICATION_FINDINGS: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "security_hub.publish_classification_findings",
        rule: "DL1004",
        summary: "Whether sensitive data findings are published to AWS Security Hub.",
        meaning: "Whether Macie publishes sensitive data findings, which the API calls classification findings, to AWS Security Hub. driftline reports a drift and does not change it.",
        kind: SettingKind::Bool,
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NEEDS_SESSION),
        read_actions: ACTIONS,
        change: ChangeMethod::ReportOnly { remedy: classification_remedy },
        other_names: &["classification_findings", "publishClassificationFindings", "sensitive_data_findings"],
        other_words: &[],
    },
    read: ReadBy::ExtraCall(&PUBLICATION),
};

const ACTIONS: &[&str] = &["macie2:GetFindingsPublicationConfiguration"];

static PUBLICATION: ExtraCall =
    ExtraCall { read: |request| read(request).boxed_local(), role_actions: &[], by_administrator: false };

const FIELDS: &[Field] = &[
    Field {
        setting: &PUBLISH_POLICY_FINDINGS,
        path: &["securityHubConfiguration", "publishPolicyFindings"],
        is_optional: false,
    },
    Field {
        setting: &PUBLISH_CLASSIFICATION_FINDINGS,
        path: &["securityHubConfiguration", "publishClassificationFindings"],
        is_optional: false,
    },
];

async fn read(request: SettingRequest<'_>) -> SettingReadings {
    let SettingRequest { aws, credentials, region, .. } = request;
    let answer = aws.ask("GetFindingsPublicationConfiguration", credentials, async |config, observer| {
        let call = aws.macie(region).get_findings_publication_configuration().customize();
        call.interceptor(observer).config_override(config).send().await
    });
    request.readings(&answer.await.map_err(unread), FIELDS)
}

fn policy_remedy(target: &Target, value: &Value) -> String {
    remedy(target, [&value.text(), "<true|false, as it is now>"])
}

fn classification_remedy(target: &Target, value: &Value) -> String {
    remedy(target, ["<true|false, as it is now>", &value.text()])
}

fn remedy(target: &Target, [policy, classification]: [&str; 2]) -> String {
    format!(
        "run `aws macie2 put-findings-publication-configuration --security-hub-configuration publishPolicyFindings={policy},publishClassificationFindings={classification} --region {}` in account {}; the call replaces both values",
        target.region, target.account
    )
}
