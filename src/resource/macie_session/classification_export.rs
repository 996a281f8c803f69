//! The settings `classification_export.*`: the repository of sensitive data discovery results.

use futures_util::FutureExt as _;

use super::answer::Answer;
use super::extra_call::{Field, unread};
use crate::model::{ChangeMethod, NeedsResource, Resource, SettingKind, SettingSpec, Target, TextForm, Value};
use crate::resource::{ExtraCall, ReadBy, Setting, SettingReading, SettingReadings, SettingRequest};

/// A row of the table, by what differs.
macro_rules! destination {
    ($key:literal, $rule:literal, $summary:literal, $meaning:literal, $remedy:ident, $names:expr) => {
        Setting {
            spec: SettingSpec {
                resource: Resource::MacieSession,
                key: concat!("classification_export.", $key),
                rule: $rule,
                summary: $summary,
                meaning: concat!($meaning, " driftline reports a drift and does not change it."),
                kind: SettingKind::Text(TextForm::Pattern),
                in_member_list: false,
                has_bare_waiver_words: false,
                absent: None,
                needs_resource: Some(NEEDS_SESSION),
                read_actions: &["macie2:GetClassificationExportConfiguration"],
                change: ChangeMethod::ReportOnly { remedy: $remedy },
                other_names: $names,
                other_words: &[],
            },
            read: ReadBy::ExtraCall(&EXPORT),
        }
    };
}

const NEEDS_SESSION: NeedsResource = NeedsResource {
    what: "a repository of results",
    why: "a session that is off has no results",
    alone: Some("is declared without `status`; a session that is off is not drift"),
};

/// The setting `classification_export.bucket_name`.
///
/// Source: Amazon Macie API Reference, "Classification - export configuration", `S3Destination`.
pub static EXPORT_BUCKET_NAME: Setting = destination!(
    "bucket_name",
    "DL1005",
    "The bucket that keeps sensitive data discovery results.",
    "The S3 bucket in which Macie stores sensitive data discovery results. Without one, they are kept for 90 days and cannot be read.",
    bucket_remedy,
    &["bucket", "bucketName"]
);

/// The setting `classification_export.key_prefix`.
///
/// Source: as for the bucket.
pub static EXPORT_KEY_PREFIX: Setting = destination!(
    "key_prefix",
    "DL1006",
    "The prefix of the results in their bucket.",
    "The path prefix of the results in their bucket.",
    prefix_remedy,
    &["prefix", "keyPrefix"]
);

/// The setting `classification_export.kms_key_arn`.
///
/// Source: as for the bucket.
pub static EXPORT_KMS_KEY_ARN: Setting = destination!(
    "kms_key_arn",
    "DL1007",
    "The KMS key that encrypts the results.",
    "The ARN of the AWS KMS key with which Macie encrypts the results.",
    key_remedy,
    &["kms_key", "kms_key_id", "kmsKeyArn"]
);

/// The setting `classification_export.expected_bucket_owner`.
///
/// Source: as for the bucket.
pub static EXPORT_BUCKET_OWNER: Setting = destination!(
    "expected_bucket_owner",
    "DL1008",
    "The account that must own the bucket of the results.",
    "The id of the account that must own the bucket.",
    owner_remedy,
    &["bucket_owner", "expectedBucketOwner"]
);

static EXPORT: ExtraCall =
    ExtraCall { read: |request| read(request).boxed_local(), role_actions: &[], by_administrator: false };

const FIELDS: &[Field] = &[
    Field { setting: &EXPORT_BUCKET_NAME, path: &["configuration", "s3Destination", "bucketName"], is_optional: false },
    Field { setting: &EXPORT_KEY_PREFIX, path: &["configuration", "s3Destination", "keyPrefix"], is_optional: true },
    Field { setting: &EXPORT_KMS_KEY_ARN, path: &["configuration", "s3Destination", "kmsKeyArn"], is_optional: false },
    Field {
        setting: &EXPORT_BUCKET_OWNER,
        path: &["configuration", "s3Destination", "expectedBucketOwner"],
        is_optional: true,
    },
];

/// Where no repository was ever set, the configuration is there and empty.
async fn read(request: SettingRequest<'_>) -> SettingReadings {
    let SettingRequest { aws, credentials, region, .. } = request;
    let answer = aws.ask("GetClassificationExportConfiguration", credentials, async |config, observer| {
        let call = aws.macie(region).get_classification_export_configuration().customize();
        call.interceptor(observer).config_override(config).send().await
    });
    let answer = answer.await.map_err(unread);
    let is_unset = |answer: &Answer| answer.has(&["configuration"]) && !answer.has(&["configuration", "s3Destination"]);
    if answer.as_ref().is_ok_and(is_unset) {
        return request.alike(&SettingReading::Known(Value::Unset.into()), FIELDS);
    }
    request.readings(&answer, FIELDS)
}

fn bucket_remedy(target: &Target, value: &Value) -> String {
    remedy(target, "bucketName", value)
}

fn prefix_remedy(target: &Target, value: &Value) -> String {
    remedy(target, "keyPrefix", value)
}

fn key_remedy(target: &Target, value: &Value) -> String {
    remedy(target, "kmsKeyArn", value)
}

fn owner_remedy(target: &Target, value: &Value) -> String {
    remedy(target, "expectedBucketOwner", value)
}

/// Every call replaces the whole destination. Whether an empty one removes it is not documented.
fn remedy(target: &Target, field: &str, value: &Value) -> String {
    let Target { account, region, .. } = target;
    let is_required = ["bucketName", "kmsKeyArn"].contains(&field);
    let (given, how) = match value {
        Value::Unset if is_required => {
            return format!(
                "AWS documents no way to remove the repository of account {account} in {region}; `aws macie2 put-classification-export-configuration --configuration '{{}}' --region {region}` is what other tools send"
            );
        }
        Value::Unset => (String::new(), format!("leave out {field}")),
        value => (format!("{field}={value}"), "create bucket, key and their policies for Macie first".to_owned()),
    };
    let kept = ["bucketName", "keyPrefix", "kmsKeyArn", "expectedBucketOwner"]
        .map(|name| if name == field { given.clone() } else { format!("{name}=<as it is now>") });
    let destination = kept.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
    format!(
        "run `aws macie2 put-classification-export-configuration --configuration 's3Destination={{{destination}}}' --region {region}` in account {account}; the call replaces the whole destination: {how}"
    )
}
