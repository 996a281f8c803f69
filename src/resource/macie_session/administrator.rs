//! The setting `administrator`.

use futures_util::FutureExt as _;

use crate::model::{
    ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Target, Unread, UnreadReason, Value,
};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingReadings, SettingRequest};

/// The setting `administrator`.
///
/// Source: Amazon Macie API Reference, GetAdministratorAccount.
pub static ADMINISTRATOR: Setting = Setting {
    spec: SettingSpec {
        resource: Resource::MacieSession,
        key: "administrator",
        rule: "DL1016",
        summary: "The Macie administrator account of the account.",
        meaning: "The id of the account's Macie administrator account, or NONE. The administrator itself has no such setting. driftline reports a drift and does not change it.",
        kind: SettingKind::AccountOr(NONE),
        in_member_list: false,
        has_bare_waiver_words: false,
        absent: None,
        needs_resource: Some(NeedsResource {
            what: "an administrator",
            why: "a session that is off has none",
            alone: Some("is declared without `status`; a session that is off is not drift"),
        }),
        read_actions: &["macie2:GetAdministratorAccount"],
        change: ChangeMethod::ReportOnly { remedy },
        other_names: &["administrator_account", "admin", "master", "administrator_account_id"],
        other_words: &[("none", NONE), ("null", NONE), ("standalone", NONE)],
    },
    read: ReadBy::ExtraCall(&MEMBERSHIP),
};

/// The word for no administrator.
const NONE: &str = "NONE";

static MEMBERSHIP: ExtraCall =
    ExtraCall { read: |request| read(request).boxed_local(), role_actions: &[], by_administrator: false };

async fn read(request: SettingRequest<'_>) -> SettingReadings {
    let reading = reading(request).await;
    request.relevant(&ADMINISTRATOR, reading).into_iter().collect()
}

/// An account without an administrator that is declared to have itself as one is the administrator.
async fn reading(request: SettingRequest<'_>) -> SettingReading {
    if request.is_named_administrator() == Some(true) {
        return SettingReading::NotApplicable;
    }
    let value = |text: &str| ADMINISTRATOR.spec.kind.parse(text);
    let live = match request.administrator().await {
        Err(unread) => return SettingReading::Unread(unread),
        Ok(Some(administrator)) => value(&administrator.to_string()),
        Ok(None) => {
            let own = value(&request.credentials.account().to_string());
            if own.is_some_and(|own| request.accepts(ADMINISTRATOR.id(), &own)) {
                return SettingReading::NotApplicable;
            }
            value(NONE)
        }
    };
    let unknown = || Unread::local(UnreadReason::Unintelligible, "the administrator is no account id").into();
    live.map_or_else(|| SettingReading::Unread(unknown()), SettingReading::from)
}

fn remedy(target: &Target, value: &Value) -> String {
    let Target { account, region, .. } = target;
    let text = value.text();
    if text == NONE {
        return format!(
            "the administrator of account {account} runs `aws macie2 disassociate-member --id {account} --region {region}`; a member by invitation may itself run `aws macie2 disassociate-from-administrator-account --region {region}`"
        );
    }
    format!(
        "the administrator {text} runs `aws macie2 create-member --account accountId={account},email=<its email address> --region {region}`, after the account's relationship to any other administrator has ended"
    )
}
