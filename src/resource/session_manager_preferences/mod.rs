//! The Session Manager preferences of an account in a Region: the document `SSM-SessionManagerRunShell` of Systems Manager.

mod inputs;
mod preferences;
mod read;
mod settings;

pub use inputs::{Input, Inputs};
pub use preferences::{DocumentVersion, Preferences, PreferencesDocument, is_fault_of_document};
pub use read::is_version_number;
pub(in crate::resource) use read::read;
pub use settings::{
    CLOUDWATCH_ENCRYPTION_ENABLED, CLOUDWATCH_LOG_GROUP_NAME, CLOUDWATCH_STREAMING_ENABLED, DOCUMENT_NAME,
    IDLE_SESSION_TIMEOUT, KMS_KEY_ID, MAX_SESSION_DURATION, PreferenceDrift, RUN_AS_DEFAULT_USER, RUN_AS_ENABLED,
    S3_BUCKET_NAME, S3_ENCRYPTION_ENABLED, S3_KEY_PREFIX, SHELL_PROFILE_LINUX, SHELL_PROFILE_WINDOWS, remedy,
};
