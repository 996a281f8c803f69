//! The setting `organization.auto_enable`.

use futures_util::FutureExt as _;

use super::extra_call::Field;
use super::relationship::Relationship;
use crate::model::{ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Target, Value};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingReadings, SettingRequest};

/// The setting `organization.auto_enable`.
///
/// Source: Amazon Macie API Reference, "Organization configuration".
pub static AUTO_ENABLE: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "organization.auto_enable",
        rule: "DL1015",
        summary: "Whether Macie is enabled in accounts that join the organization.",
        meaning: "Whether the administrator enables Macie in accounts that join the organization later. Only the organization's Macie administrator account has it. driftline reports a drift and does not change it.",
        kind: SettingKind::Bool,
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NeedsResource {
            what: "the organization's configuration",
            why: "an administrator whose session is off enables no account",
            alone: Some("is declared without `status`; a session that is off is not drift"),
        }),
        read_actions: &["macie2:DescribeOrganizationConfiguration"],
        change: ChangeMethod::ReportOnly { remedy },
        other_names: &["autoEnable", "auto_enable_organization_members"],
        other_words: &[],
    },
    read: ReadBy::ExtraCall(&ORGANIZATION),
};

static ORGANIZATION: ExtraCall = ExtraCall {
    read: |request| read(request).boxed_local(),
    role_actions: &["macie2:GetAdministratorAccount"],
    by_administrator: false,
};

const FIELD: Field = Field { setting: &AUTO_ENABLE, path: &["autoEnable"], is_optional: false };

async fn read(request: SettingRequest<'_>) -> SettingReadings {
    let reading = reading(request).await;
    request.relevant(&AUTO_ENABLE, reading).into_iter().collect()
}

/// Only the administrator is asked. An account without an administrator may be one: the answer tells.
async fn reading(request: SettingRequest<'_>) -> SettingReading {
    if request.is_named_administrator() == Some(false) {
        return SettingReading::NotApplicable;
    }
    let answer = match request.relationship().await {
        Ok(Relationship::Member) => return SettingReading::NotApplicable,
        Ok(Relationship::Administrator | Relationship::WithoutAdministrator) => request.organization().await,
        Err(unread) => Err(unread),
    };
    match answer {
        Ok(None) => SettingReading::NotApplicable,
        Ok(Some(answer)) => FIELD.value(&answer).map_or_else(SettingReading::Unread, SettingReading::from),
        Err(unread) => SettingReading::Unread(unread),
    }
}

fn remedy(target: &Target, value: &Value) -> String {
    let Target { account, region, .. } = target;
    let option = if *value == Value::Bool(true) { "--auto-enable" } else { "--no-auto-enable" };
    format!(
        "run `aws macie2 update-organization-configuration {option} --region {region}` in account {account}; it concerns accounts that join later and leaves the others as they are"
    )
}
