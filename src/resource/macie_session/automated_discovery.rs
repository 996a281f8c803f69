//! The setting `automated_discovery.status`.

use aws_sdk_macie2::operation::RequestId;
use futures_util::FutureExt as _;

use super::write_failure::unread_reason;
use crate::aws::{CallFailure, FailureMeaning, classify};
use crate::model::{
    ChangeMethod, Evidence, NeedsResource, Resource, SettingKind, SettingSpec, Target, Unread, UnreadReason, Value,
};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingRequest};

/// The setting `automated_discovery.status`.
///
/// Source: Amazon Macie API Reference, "Automated discovery - configuration" and "Automated discovery - accounts".
pub static DISCOVERY_STATUS: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "automated_discovery.status",
        rule: "DL1003",
        summary: "Whether automated sensitive data discovery is on.",
        meaning: "Whether automated sensitive data discovery is on: ENABLED or DISABLED. A list: any of its values is fine. driftline reports a drift and does not change it.",
        kind: SettingKind::Word(WORDS),
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NeedsResource {
            what: "automated discovery",
            why: "a session that is off discovers nothing",
            alone: Some("is declared without `status`; a session that is off is not drift"),
        }),
        read_actions: &[
            "macie2:GetAdministratorAccount",
            "macie2:GetAutomatedDiscoveryConfiguration",
            "macie2:ListAutomatedDiscoveryAccounts",
        ],
        change: ChangeMethod::ReportOnly { remedy },
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
    read: ReadBy::ExtraCall(&DISCOVERY),
};

const WORDS: &[&str] = &["ENABLED", "DISABLED"];

static DISCOVERY: ExtraCall =
    ExtraCall { read: |request| async move { vec![(DISCOVERY_STATUS.id(), read(request).await)] }.boxed_local() };

/// The administrator changes a member's discovery. Its own, and that of a standalone account, takes the auto-enable mode, too:
/// left out, the mode becomes ALL.
fn remedy(target: &Target, value: &Value) -> String {
    let Target { account, region, .. } = target;
    format!(
        "run `aws macie2 update-automated-discovery-configuration --status {value} --auto-enable-organization-members <ALL|NEW|NONE, as it is now> --region {region}` (left out, the mode becomes ALL); of a member account, its Macie administrator runs `aws macie2 batch-update-automated-discovery-accounts --accounts accountId={account},status={value} --region {region}`"
    )
}

async fn read(request: SettingRequest<'_>) -> SettingReading {
    match status(request).await {
        Ok(value) => SettingReading::Known(value.into()),
        Err(unread) => SettingReading::Unread(unread.into()),
    }
}

/// Reads the status: a member lists itself, any other account reads the configuration.
async fn status(request: SettingRequest<'_>) -> Result<Value, Unread> {
    let SettingRequest { aws, credentials, region } = request;
    let account = credentials.account();
    let is_member =
        aws.administrator() != Some(account) && aws.membership(credentials, region).await.map_err(unread)?.is_some();
    if is_member {
        let answer = aws.refreshing(credentials, async |credentials| {
            let call = aws.macie(region).list_automated_discovery_accounts().account_ids(account.to_string());
            let answer = call.customize().config_override(credentials.macie_config()).send().await;
            answer.map_err(|failure| aws.call_failure(&failure))
        });
        let answer = answer.await.map_err(unread)?;
        let id = account.to_string();
        let own = answer.items().iter().find(|item| item.account_id() == Some(id.as_str()));
        value(own.and_then(|item| item.status()).map(|status| status.as_str()), answer.request_id())
    } else {
        let answer = aws.refreshing(credentials, async |credentials| {
            let call = aws.macie(region).get_automated_discovery_configuration();
            let answer = call.customize().config_override(credentials.macie_config()).send().await;
            answer.map_err(|failure| aws.call_failure(&failure))
        });
        let answer = answer.await.map_err(unread)?;
        value(answer.status().map(|status| status.as_str()), answer.request_id())
    }
}

/// The value of an answer's word.
fn value(word: Option<&str>, request_id: Option<&str>) -> Result<Value, Unread> {
    let known = word.and_then(|word| DISCOVERY_STATUS.spec.kind.parse(word));
    known.ok_or_else(|| {
        let what = match word {
            Some(word) => format!("Macie's answer has the unknown status {word:?} of automated discovery"),
            None => "Macie's answer has no status of automated discovery".to_owned(),
        };
        let evidence = Evidence::new(None, Some(&what), request_id);
        Unread { reason: UnreadReason::Unintelligible, denial: None, evidence }
    })
}

/// Why the status is unread. Every denial is one, whatever its words: also that the account "has not been onboarded".
fn unread(failure: CallFailure) -> Unread {
    match classify(&failure).outcome {
        FailureMeaning::NotEnabled => failure.into_unread(UnreadReason::Denied),
        FailureMeaning::TokenRefused | FailureMeaning::Unread(_) => unread_reason(failure),
    }
}
