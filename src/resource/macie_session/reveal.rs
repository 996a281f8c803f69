//! The settings `reveal.*`: the retrieval of sensitive data samples.

use futures_util::FutureExt as _;

use super::extra_call::{Field, unread};
use crate::model::{ChangeMethod, NeedsResource, Region, Resource, SettingKind, SettingSpec, Target, TextForm, Value};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingReadings, SettingRequest};

/// The Regions with Macie in which samples cannot be retrieved.
///
/// Source: Amazon Macie API Reference, "Reveal configuration".
const REGIONS_WITHOUT_REVEAL: [&str; 2] = ["ap-northeast-3", "il-central-1"];

/// A row of the table, by what differs.
macro_rules! reveal {
    ($key:literal, $rule:literal, $summary:literal, $meaning:literal, $kind:expr, $remedy:ident, $names:expr, $words:expr) => {
        Setting {
            spec: SettingSpec {
                resource: Resource::MacieSession,
                key: concat!("reveal.", $key),
                rule: $rule,
                summary: $summary,
                meaning: concat!($meaning, " driftline reports a drift and does not change it."),
                kind: $kind,
                in_member_list: false,
                has_bare_waiver_words: false,
                absent: None,
                needs_resource: Some(NEEDS_SESSION),
                read_actions: &["macie2:GetRevealConfiguration"],
                change: ChangeMethod::ReportOnly { remedy: $remedy },
                other_names: $names,
                other_words: $words,
            },
            read: ReadBy::ExtraCall(&REVEAL),
        }
    };
}

const NEEDS_SESSION: NeedsResource = NeedsResource {
    what: "the retrieval of samples",
    why: "a session that is off has no findings to take samples of",
    alone: Some("is declared without `status`; a session that is off is not drift"),
};

/// The setting `reveal.status`.
///
/// Source: Amazon Macie API Reference, "Reveal configuration", `RevealConfiguration`.
pub static REVEAL_STATUS: Setting = reveal!(
    "status",
    "DL1011",
    "Whether samples of sensitive data can be retrieved.",
    "Whether people can retrieve samples of sensitive data that findings report: ENABLED or DISABLED.",
    SettingKind::Word(&["ENABLED", "DISABLED"]),
    status_remedy,
    &["enabled", "enable"],
    &[
        ("on", "ENABLED"),
        ("enable", "ENABLED"),
        ("true", "ENABLED"),
        ("off", "DISABLED"),
        ("disable", "DISABLED"),
        ("false", "DISABLED"),
        ("NOT_ENABLED", "DISABLED"),
    ]
);

/// The setting `reveal.kms_key_id`.
///
/// Source: as for the status.
pub static REVEAL_KMS_KEY_ID: Setting = reveal!(
    "kms_key_id",
    "DL1012",
    "The KMS key that encrypts samples of sensitive data.",
    "The AWS KMS key with which Macie encrypts samples: an ARN, an id or an alias, compared as AWS gives it.",
    SettingKind::Text(TextForm::Pattern),
    key_remedy,
    &["kms_key", "kms_key_arn", "kmsKeyId"],
    &[]
);

/// The setting `reveal.retrieval_mode`.
///
/// Source: Amazon Macie API Reference, "Reveal configuration", `RetrievalConfiguration`.
pub static REVEAL_RETRIEVAL_MODE: Setting = reveal!(
    "retrieval_mode",
    "DL1013",
    "The access with which samples of sensitive data are retrieved.",
    "The access with which samples are retrieved: CALLER_CREDENTIALS (those of the user) or ASSUME_ROLE (an IAM role).",
    SettingKind::Word(&["CALLER_CREDENTIALS", "ASSUME_ROLE"]),
    mode_remedy,
    &["mode", "retrievalMode"],
    &[("caller", "CALLER_CREDENTIALS"), ("role", "ASSUME_ROLE")]
);

/// The setting `reveal.role_name`. The external id that belongs to the role is a secret, and never leaves the answer.
///
/// Source: as for the mode.
pub static REVEAL_ROLE_NAME: Setting = reveal!(
    "role_name",
    "DL1014",
    "The IAM role with which samples of sensitive data are retrieved.",
    "The name of the IAM role that Macie assumes to retrieve samples.",
    SettingKind::Text(TextForm::Pattern),
    role_remedy,
    &["role", "roleName"],
    &[]
);

static REVEAL: ExtraCall =
    ExtraCall { read: |request| read(request).boxed_local(), role_actions: &[], by_administrator: false };

const FIELDS: &[Field] = &[
    Field { setting: &REVEAL_STATUS, path: &["configuration", "status"], is_optional: false },
    Field { setting: &REVEAL_KMS_KEY_ID, path: &["configuration", "kmsKeyId"], is_optional: true },
    Field { setting: &REVEAL_RETRIEVAL_MODE, path: &["retrievalConfiguration", "retrievalMode"], is_optional: false },
    Field { setting: &REVEAL_ROLE_NAME, path: &["retrievalConfiguration", "roleName"], is_optional: true },
];

/// Whether samples can be retrieved in a Region at all.
fn exists_in(region: &Region) -> bool {
    !REGIONS_WITHOUT_REVEAL.contains(&region.as_str())
}

async fn read(request: SettingRequest<'_>) -> SettingReadings {
    let SettingRequest { aws, credentials, region, .. } = request;
    if !exists_in(region) {
        return request.alike(&SettingReading::NotApplicable, FIELDS);
    }
    let answer = aws.ask("GetRevealConfiguration", credentials, async |config, observer| {
        let call = aws.macie(region).get_reveal_configuration().customize();
        call.interceptor(observer).config_override(config).send().await
    });
    request.readings(&answer.await.map_err(unread), FIELDS)
}

const AS_NOW: &str = "<as it is now>";

fn status_remedy(target: &Target, value: &Value) -> String {
    let text = value.text();
    if text == "DISABLED" {
        return command(target, "--configuration status=DISABLED", "this deletes role name and external id for good");
    }
    command(
        target,
        &format!("--configuration status={text},kmsKeyId={AS_NOW}"),
        "a new external id must be put into the trust policy of the role",
    )
}

fn key_remedy(target: &Target, value: &Value) -> String {
    match value {
        Value::Unset => command(
            target,
            "--configuration status=DISABLED",
            "the key can be left out only where retrieval is disabled; this deletes role name and external id for good",
        ),
        value => command(
            target,
            &format!("--configuration status={AS_NOW},kmsKeyId={value}"),
            "add --retrieval-configuration as it is now",
        ),
    }
}

fn mode_remedy(target: &Target, value: &Value) -> String {
    let text = value.text();
    let (retrieval, trap) = if text == "ASSUME_ROLE" {
        (
            format!("retrievalMode={text},roleName=<the role>"),
            "a new external id must be put into the trust policy of the role",
        )
    } else {
        (format!("retrievalMode={text}"), "this deletes role name and external id for good")
    };
    let options = format!("--configuration status={AS_NOW},kmsKeyId={AS_NOW} --retrieval-configuration {retrieval}");
    command(target, &options, trap)
}

fn role_remedy(target: &Target, value: &Value) -> String {
    let (retrieval, trap) = match value {
        Value::Unset => {
            ("retrievalMode=CALLER_CREDENTIALS".to_owned(), "this deletes role name and external id for good")
        }
        value => (
            format!("retrievalMode=ASSUME_ROLE,roleName={value}"),
            "the role must trust Macie with the external id of this configuration",
        ),
    };
    let options = format!("--configuration status={AS_NOW},kmsKeyId={AS_NOW} --retrieval-configuration {retrieval}");
    command(target, &options, trap)
}

fn command(target: &Target, options: &str, trap: &str) -> String {
    let Target { account, region, .. } = target;
    format!("run `aws macie2 update-reveal-configuration {options} --region {region}` in account {account}; {trap}")
}
