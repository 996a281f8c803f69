//! The settings of Session Manager preferences: the inputs of the document.

use std::borrow::Cow;

use super::Preferences;
use super::inputs::Input;
use super::preferences::input_of;
use crate::model::{ChangeMethod, Resource, SettingId, SettingKind, SettingSpec, Target, TextForm, Value};
use crate::resource::{ReadBy, Setting};

/// The name of the document that holds the preferences.
///
/// Source: Systems Manager User Guide, "Configure session preferences".
pub const DOCUMENT_NAME: &str = "SSM-SessionManagerRunShell";

/// What the settings have in common.
///
/// Source: Systems Manager User Guide, "Session document schema": names, types and bounds.
const PREFERENCE: SettingSpec = SettingSpec {
    resource: Resource::SessionManagerPreferences,
    key: "",
    rule: "",
    summary: "",
    meaning: "",
    kind: SettingKind::Bool,
    in_member_list: false,
    has_bare_waiver_words: false,
    absent: None,
    needs_resource: None,
    read_actions: &[],
    change: ChangeMethod::ReportTogether,
    other_names: &[],
    other_words: &[],
};

/// The setting `s3_bucket_name`.
pub static S3_BUCKET_NAME: Setting = Setting {
    spec: SettingSpec {
        key: "s3_bucket_name",
        rule: "DL2001",
        summary: "The S3 bucket that session logs are sent to.",
        meaning: "The S3 bucket that session logs are sent to, or UNSET for no log to S3.",
        kind: SettingKind::Text(TextForm::Pattern),
        other_names: &["bucket", "s3_bucket", "bucket_name", "s3BucketName"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("s3BucketName")),
};

/// The setting `s3_key_prefix`.
pub static S3_KEY_PREFIX: Setting = Setting {
    spec: SettingSpec {
        key: "s3_key_prefix",
        rule: "DL2002",
        summary: "The prefix of session logs in the bucket.",
        meaning: "The prefix of session logs in the bucket, or UNSET.",
        kind: SettingKind::Text(TextForm::Pattern),
        other_names: &["prefix", "s3_prefix", "key_prefix", "s3KeyPrefix"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("s3KeyPrefix")),
};

/// The setting `cloudwatch_log_group_name`.
pub static CLOUDWATCH_LOG_GROUP_NAME: Setting = Setting {
    spec: SettingSpec {
        key: "cloudwatch_log_group_name",
        rule: "DL2003",
        summary: "The CloudWatch Logs group that session logs are sent to.",
        meaning: "The CloudWatch Logs group that session logs are sent to, or UNSET for no log to CloudWatch Logs.",
        kind: SettingKind::Text(TextForm::Pattern),
        other_names: &[
            "log_group",
            "log_group_name",
            "cloudwatch_log_group",
            "cloud_watch_log_group_name",
            "cloudWatchLogGroupName",
        ],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("cloudWatchLogGroupName")),
};

/// The setting `kms_key_id`.
pub static KMS_KEY_ID: Setting = Setting {
    spec: SettingSpec {
        key: "kms_key_id",
        rule: "DL2004",
        summary: "The KMS key that encrypts session data.",
        meaning: "The KMS key that encrypts session data, by ARN, id or alias, or UNSET for no encryption beside TLS. A bare id equals the ARN of the target's own key; an alias equals only itself.",
        kind: SettingKind::Text(TextForm::Pattern),
        other_names: &["kms_key", "kms_key_arn", "kmsKeyId"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("kmsKeyId").naming_key()),
};

/// The setting `run_as_default_user`.
pub static RUN_AS_DEFAULT_USER: Setting = Setting {
    spec: SettingSpec {
        key: "run_as_default_user",
        rule: "DL2005",
        summary: "The operating system user of sessions where Run As is on.",
        meaning: "The operating system user of sessions where Run As is on and the IAM tag SSMSessionRunAs names none, or UNSET.",
        kind: SettingKind::Text(TextForm::Pattern),
        other_names: &["run_as_user", "runAsDefaultUser"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("runAsDefaultUser")),
};

/// The setting `shell_profile.linux`.
pub static SHELL_PROFILE_LINUX: Setting = Setting {
    spec: SettingSpec {
        key: "shell_profile.linux",
        rule: "DL2006",
        summary: "The commands at the start of sessions on Linux and macOS.",
        meaning: "The commands at the start of sessions on Linux and macOS, or UNSET. Every character stands for itself: there are no patterns and no placeholders.",
        kind: SettingKind::Text(TextForm::Literal),
        other_names: &[],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("shellProfile").part("linux")),
};

/// The setting `shell_profile.windows`.
pub static SHELL_PROFILE_WINDOWS: Setting = Setting {
    spec: SettingSpec {
        key: "shell_profile.windows",
        rule: "DL2007",
        summary: "The commands at the start of sessions on Windows.",
        meaning: "The commands at the start of sessions on Windows, or UNSET. Every character stands for itself: there are no patterns and no placeholders.",
        kind: SettingKind::Text(TextForm::Literal),
        other_names: &[],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("shellProfile").part("windows")),
};

/// The setting `s3_encryption_enabled`.
pub static S3_ENCRYPTION_ENABLED: Setting = Setting {
    spec: SettingSpec {
        key: "s3_encryption_enabled",
        rule: "DL2008",
        summary: "Whether logs are sent to an encrypted bucket only.",
        meaning: "Whether logs are sent to an encrypted bucket only. A missing value is false, as the agent reads it.",
        kind: SettingKind::Bool,
        other_names: &["s3EncryptionEnabled"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("s3EncryptionEnabled")),
};

/// The setting `cloudwatch_encryption_enabled`.
pub static CLOUDWATCH_ENCRYPTION_ENABLED: Setting = Setting {
    spec: SettingSpec {
        key: "cloudwatch_encryption_enabled",
        rule: "DL2009",
        summary: "Whether logs are sent to an encrypted log group only.",
        meaning: "Whether logs are sent to an encrypted log group only. A missing value is false, as the agent reads it.",
        kind: SettingKind::Bool,
        other_names: &["cloud_watch_encryption_enabled", "cloudWatchEncryptionEnabled"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("cloudWatchEncryptionEnabled")),
};

/// The setting `cloudwatch_streaming_enabled`.
pub static CLOUDWATCH_STREAMING_ENABLED: Setting = Setting {
    spec: SettingSpec {
        key: "cloudwatch_streaming_enabled",
        rule: "DL2010",
        summary: "Whether logs are streamed during a session.",
        meaning: "Whether logs are streamed during a session, as opposed to being sent at its end. A missing value is false, as the agent reads it.",
        kind: SettingKind::Bool,
        other_names: &["cloud_watch_streaming_enabled", "cloudWatchStreamingEnabled"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("cloudWatchStreamingEnabled")),
};

/// The setting `run_as_enabled`.
pub static RUN_AS_ENABLED: Setting = Setting {
    spec: SettingSpec {
        key: "run_as_enabled",
        rule: "DL2011",
        summary: "Whether sessions run as another user than ssm-user.",
        meaning: "Whether sessions run as another operating system user than ssm-user. A missing value is false, as the agent reads it.",
        kind: SettingKind::Bool,
        other_names: &["run_as", "runAsEnabled"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("runAsEnabled")),
};

/// The setting `idle_session_timeout`.
pub static IDLE_SESSION_TIMEOUT: Setting = Setting {
    spec: SettingSpec {
        key: "idle_session_timeout",
        rule: "DL2012",
        summary: "The minutes after which an idle session ends.",
        meaning: "The minutes after which an idle session ends: 1 to 60, a bound, SET, or UNSET where AWS's default counts.",
        kind: SettingKind::Minutes { least: 1, most: 60 },
        other_names: &["idle_timeout", "idleSessionTimeout"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("idleSessionTimeout")),
};

/// The setting `max_session_duration`.
pub static MAX_SESSION_DURATION: Setting = Setting {
    spec: SettingSpec {
        key: "max_session_duration",
        rule: "DL2013",
        summary: "The minutes after which any session ends.",
        meaning: "The minutes after which any session ends: 1 to 1440, a bound, SET, or UNSET for no limit.",
        kind: SettingKind::Minutes { least: 1, most: 1440 },
        other_names: &["max_duration", "maxSessionDuration"],
        ..PREFERENCE
    },
    read: ReadBy::Input(Input::new("maxSessionDuration")),
};

/// A preference that drifts, with what removes the drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferenceDrift<'a> {
    /// The setting.
    pub setting: SettingId,
    /// The value to set.
    pub value: Cow<'a, Value>,
    /// Whether the latest version of the document has an accepted value, so that only the default version is wrong.
    pub is_latest_accepted: bool,
}

/// The commands that remove the drift of a target, of all settings together: a version holds every input. An update leaves the default
/// version where it is, so that it is moved by a command of its own.
///
/// Source: Systems Manager API Reference, CreateDocument, UpdateDocument and UpdateDocumentDefaultVersion.
pub fn remedy(target: &Target, preferences: &Preferences, drift: &[PreferenceDrift<'_>]) -> String {
    let Target { account, region, .. } = target;
    let name = DOCUMENT_NAME;
    let set: Vec<String> = drift.iter().filter(|drift| !drift.is_latest_accepted).map(assignment).collect();
    let set = set.join(" | ");
    let latest = preferences.document().and_then(|document| document.latest.as_ref());
    match (preferences, latest) {
        (Preferences::Absent(_), _) => format!(
            "run `jq -n '{{schemaVersion: \"1.0\", sessionType: \"Standard_Stream\"}} | {set}' > preferences.json` and `aws ssm create-document --name {name} --document-type Session --content file://preferences.json --region {region}` in account {account}"
        ),
        (Preferences::Present(_), Some(latest)) if set.is_empty() => {
            let number = &latest.number;
            format!(
                "run `aws ssm update-document-default-version --name {name} --document-version {number} --region {region}` in account {account}: the latest version has what the policy wants; whatever else is in it becomes the default, too"
            )
        }
        (Preferences::Present(_), _) => format!(
            "run `aws ssm get-document --name {name} --document-version '$LATEST' --query Content --output text --region {region} | jq '{set}' > preferences.json`, `aws ssm update-document --name {name} --document-version '$LATEST' --content file://preferences.json --region {region}`, and `aws ssm update-document-default-version --name {name} --document-version <the new number> --region {region}` in account {account}"
        ),
    }
}

/// The assignment of an input, for `jq` between single quotes of a shell. Minutes are texts in the document.
fn assignment(drift: &PreferenceDrift<'_>) -> String {
    let json = match &*drift.value {
        Value::Bool(flag) => flag.to_string(),
        Value::Unset => "\"\"".to_owned(),
        value => serde_json::Value::from(value.text()).to_string(),
    };
    let path = input_of(drift.setting).map(Input::path).unwrap_or_default();
    format!(".inputs.{path} = {json}").replace('\'', "'\\''")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Evidence;
    use crate::resource::session_manager_preferences::{DocumentVersion, Inputs, PreferencesDocument};

    fn target() -> Target {
        Target::new(
            Resource::SessionManagerPreferences,
            "111122223333".parse().expect("an account"),
            "eu-central-1".parse().expect("a Region"),
        )
    }

    fn drift(setting: &'static Setting, value: Value, is_latest_accepted: bool) -> PreferenceDrift<'static> {
        PreferenceDrift { setting: setting.id(), value: Cow::Owned(value), is_latest_accepted }
    }

    fn document(latest: Option<&str>) -> Preferences {
        let version = |number: &str| DocumentVersion {
            number: number.into(),
            inputs: Inputs::new(serde_json::Map::new()).into(),
        };
        Preferences::Present(PreferencesDocument::new(&target(), version("3"), latest.map(version)))
    }

    #[test]
    fn the_remedy_is_a_command_for_a_shell() {
        for (value, set) in [
            (Value::Number(20), ".inputs.idleSessionTimeout = \"20\""),
            (Value::Bool(true), ".inputs.idleSessionTimeout = true"),
            (Value::Unset, ".inputs.idleSessionTimeout = \"\""),
            (Value::Text("it's".into()), ".inputs.idleSessionTimeout = \"it'\\''s\""),
        ] {
            let remedy = remedy(&target(), &document(None), &[drift(&IDLE_SESSION_TIMEOUT, value, false)]);
            assert!(remedy.contains(&format!("| jq '{set}' > preferences.json")), "{remedy}");
        }
    }

    #[test]
    fn one_version_holds_every_input_that_drifts() {
        let both = [
            drift(&RUN_AS_ENABLED, Value::Bool(true), false),
            drift(&SHELL_PROFILE_LINUX, Value::Text("cd".into()), false),
        ];
        let set = ".inputs.runAsEnabled = true | .inputs.shellProfile.linux = \"cd\"' > preferences.json";
        let absent = remedy(&target(), &Preferences::Absent(Evidence::default()), &both);
        assert!(absent.contains(set) && absent.contains("create-document"), "{absent}");
        assert!(!absent.contains("update-document"), "{absent}");
        let present = remedy(&target(), &document(None), &both);
        assert!(present.contains(set) && present.contains("--document-version <the new number>"), "{present}");
        assert!(!present.contains("create-document"), "{present}");
        let [one, _] = both;
        let other = drift(&IDLE_SESSION_TIMEOUT, Value::Number(20), true);
        let mixed = remedy(&target(), &document(Some("5")), &[one, other.clone()]);
        assert!(mixed.contains("update-document ") && !mixed.contains("idleSessionTimeout"), "{mixed}");
        let default = remedy(&target(), &document(Some("5")), &[other]);
        assert!(
            default.contains("update-document-default-version --name SSM-SessionManagerRunShell --document-version 5")
        );
        assert!(!default.contains("update-document "), "{default}");
    }
}
