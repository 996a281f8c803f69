//! The settings `automated_discovery.*`: automated sensitive data discovery.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt as _;
use serde_json::Value as Json;

use super::answer::Answer;
use super::extra_call::{Field, unread};
use super::relationship::Relationship;
use super::shared_answers::AdministratorAnswer;
use crate::aws::{AccountCredentials, AwsSession, CallFailure};
use crate::model::{
    AccountId, ChangeMethod, NeedsResource, Region, Resource, SettingKind, SettingSpec, Target, Unread, Value,
};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingReadings, SettingRequest};

const NEEDS_SESSION: NeedsResource = NeedsResource {
    what: "automated discovery",
    why: "a session that is off discovers nothing",
    alone: Some("is declared without `status`; a session that is off is not drift"),
};

/// The setting `automated_discovery.status`.
///
/// Source: Amazon Macie API Reference, "Automated discovery - configuration" and "Automated discovery - accounts".
pub static DISCOVERY_STATUS: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "automated_discovery.status",
        rule: "DL1009",
        summary: "Whether automated sensitive data discovery is on.",
        meaning: "Whether automated sensitive data discovery is on: ENABLED or DISABLED. A list: any of its values is fine. driftline reports a drift and does not change it.",
        kind: SettingKind::Word(&["ENABLED", "DISABLED"]),
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NEEDS_SESSION),
        read_actions: &[
            "macie2:GetAdministratorAccount",
            "macie2:GetAutomatedDiscoveryConfiguration",
            "macie2:ListAutomatedDiscoveryAccounts",
        ],
        change: ChangeMethod::ReportOnly { remedy: status_remedy },
        other_names: &["enabled", "enable"],
        other_words: &[
            ("on", "ENABLED"),
            ("enable", "ENABLED"),
            ("true", "ENABLED"),
            ("off", "DISABLED"),
            ("disable", "DISABLED"),
            ("false", "DISABLED"),
            ("NOT_ENABLED", "DISABLED"),
        ],
    },
    read: ReadBy::ExtraCall(&STATUS_CALL),
};

/// The setting `automated_discovery.auto_enable_organization_members`.
///
/// Source: Amazon Macie API Reference, "Automated discovery - configuration".
pub static DISCOVERY_AUTO_ENABLE: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "automated_discovery.auto_enable_organization_members",
        rule: "DL1010",
        summary: "The members for which automated discovery is enabled without asking.",
        meaning: "The member accounts for which the administrator enables automated discovery: ALL, NEW (those that join later) or NONE. Only the organization's Macie administrator account has it. driftline reports a drift and does not change it.",
        kind: SettingKind::Word(&["ALL", "NEW", "NONE"]),
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NEEDS_SESSION),
        read_actions: &["macie2:GetAutomatedDiscoveryConfiguration"],
        change: ChangeMethod::ReportOnly { remedy: auto_enable_remedy },
        other_names: &["auto_enable", "autoEnableOrganizationMembers", "auto_enable_members"],
        other_words: &[("all", "ALL"), ("new", "NEW"), ("none", "NONE"), ("true", "ALL"), ("false", "NONE")],
    },
    read: ReadBy::ExtraCall(&AUTO_ENABLE_CALL),
};

static STATUS_CALL: ExtraCall =
    ExtraCall { read: |request| read_status(request).boxed_local(), role_actions: &[], by_administrator: true };

static AUTO_ENABLE_CALL: ExtraCall = ExtraCall {
    read: |request| read_auto_enable(request).boxed_local(),
    role_actions: &["macie2:DescribeOrganizationConfiguration", "macie2:GetAdministratorAccount"],
    by_administrator: false,
};

const STATUS: Field = Field { setting: &DISCOVERY_STATUS, path: &["status"], is_optional: false };

const AUTO_ENABLE: Field =
    Field { setting: &DISCOVERY_AUTO_ENABLE, path: &["autoEnableOrganizationMembers"], is_optional: false };

async fn read_status(request: SettingRequest<'_>) -> SettingReadings {
    let reading = status(request).await.map_or_else(SettingReading::Unread, SettingReading::from);
    request.relevant(&DISCOVERY_STATUS, reading).into_iter().collect()
}

/// The status of a member is what the administrator says or, without its word, what the member says of itself. Any other account
/// has a configuration of its own.
async fn status(request: SettingRequest<'_>) -> Result<Value, Arc<Unread>> {
    if let Some(AdministratorAnswer::Member(Some(status))) = &request.shared.administrator_answer {
        return Ok(status.clone());
    }
    if request.relationship().await? != Relationship::Member {
        return STATUS.value(&configuration(request).await?);
    }
    let SettingRequest { aws, credentials, region, .. } = request;
    let account = credentials.account();
    let (answer, mut statuses) = aws.discovery_page(credentials, region, &[account]).await.map_err(unread)?;
    statuses.remove(&account).unwrap_or_else(|| Err(answer.unintelligible("does not list the account")))
}

async fn read_auto_enable(request: SettingRequest<'_>) -> SettingReadings {
    let reading = auto_enable(request).await.unwrap_or_else(SettingReading::Unread);
    request.relevant(&DISCOVERY_AUTO_ENABLE, reading).into_iter().collect()
}

/// Only the administrator of an organization has members to enable. An account without an administrator may be one.
async fn auto_enable(request: SettingRequest<'_>) -> Result<SettingReading, Arc<Unread>> {
    let is_administrator = match request.is_named_administrator() {
        Some(named) => named,
        None => match request.relationship().await? {
            Relationship::Administrator => true,
            Relationship::Member => false,
            Relationship::WithoutAdministrator => request.organization().await?.is_some(),
        },
    };
    if !is_administrator {
        return Ok(SettingReading::NotApplicable);
    }
    AUTO_ENABLE.value(&configuration(request).await?).map(SettingReading::from)
}

/// The configuration of the account, asked once.
async fn configuration(request: SettingRequest<'_>) -> Result<Answer, Arc<Unread>> {
    let SettingRequest { aws, credentials, region, shared, .. } = request;
    let asking = async || {
        let answer = aws.ask("GetAutomatedDiscoveryConfiguration", credentials, async |config, observer| {
            let call = aws.macie(region).get_automated_discovery_configuration().customize();
            call.interceptor(observer).config_override(config).send().await
        });
        answer.await.map_err(unread)
    };
    shared.discovery.get_or_init(asking).await.clone()
}

/// The most accounts in a page.
///
/// Source: Amazon Macie API Reference, ListAutomatedDiscoveryAccounts, `maxResults`.
pub const ACCOUNTS_IN_A_PAGE: usize = 25;

/// The status of automated discovery by account, each with what is wrong with it instead.
pub type DiscoveryStatuses = BTreeMap<AccountId, Result<Value, Arc<Unread>>>;

impl AwsSession {
    /// Asks for the status of automated discovery of up to 25 accounts: an administrator of its members, or a member of itself.
    /// An account that is left out is not among the statuses.
    ///
    /// # Errors
    ///
    /// Any failure.
    pub(super) async fn discovery_page(
        &self,
        asked: &AccountCredentials,
        region: &Region,
        accounts: &[AccountId],
    ) -> Result<(Answer, DiscoveryStatuses), CallFailure> {
        let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let answer = self.ask("ListAutomatedDiscoveryAccounts", asked, async |config, observer| {
            let call = self.macie(region).list_automated_discovery_accounts().set_account_ids(Some(ids.clone()));
            call.customize().interceptor(observer).config_override(config).send().await
        });
        let answer = answer.await?;
        let mut statuses = DiscoveryStatuses::new();
        for item in answer.list("items") {
            let account = item.get("accountId").and_then(Json::as_str).and_then(|id| id.parse().ok());
            let Some(account) = account.filter(|account| accounts.contains(account)) else { continue };
            let status = STATUS.value(&answer.part(item));
            // An account that is listed twice with different words is not known.
            statuses
                .entry(account)
                .and_modify(|known| {
                    if known.as_ref().ok() != status.as_ref().ok() {
                        *known = Err(answer.unintelligible("lists the account twice"));
                    }
                })
                .or_insert(status);
        }
        Ok((answer, statuses))
    }

    /// The status of automated discovery of an administrator's members, as far as it is known: up to 25 of them in one call.
    ///
    /// # Errors
    ///
    /// Any failure.
    pub async fn member_discovery(
        &self,
        administrator: &AccountCredentials,
        region: &Region,
        members: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Value>, CallFailure> {
        let (_, statuses) = self.discovery_page(administrator, region, members).await?;
        Ok(statuses.into_iter().filter_map(|(account, status)| Some((account, status.ok()?))).collect())
    }
}

/// The administrator changes a member's discovery. Its own, and that of a standalone account, takes the auto-enable mode, too:
/// left out, the mode becomes ALL.
fn status_remedy(target: &Target, value: &Value) -> String {
    let Target { account, region, .. } = target;
    format!(
        "run `aws macie2 update-automated-discovery-configuration --status {value} --auto-enable-organization-members <ALL|NEW|NONE, as it is now> --region {region}` (left out, the mode becomes ALL); of a member account, its Macie administrator runs `aws macie2 batch-update-automated-discovery-accounts --accounts accountId={account},status={value} --region {region}`"
    )
}

fn auto_enable_remedy(target: &Target, value: &Value) -> String {
    let Target { account, region, .. } = target;
    format!(
        "run `aws macie2 update-automated-discovery-configuration --status <ENABLED|DISABLED, as it is now> --auto-enable-organization-members {value} --region {region}` in account {account}; ALL enables the discovery of all present members, too, which is billed"
    )
}
