//! The Macie session of an account in a Region: how it is read, compared, planned and written.

mod administrator;
mod answer;
mod automated_discovery;
mod classification_export;
mod consequence;
mod extra_call;
mod live_session;
mod membership;
mod operation;
mod organization;
mod planner;
mod read;
mod relationship;
mod reveal;
mod security_hub;
mod session_settings;
mod session_writer;
mod shared_answers;
mod write_failure;

pub use administrator::ADMINISTRATOR;
pub use automated_discovery::{ACCOUNTS_IN_A_PAGE, DISCOVERY_AUTO_ENABLE, DISCOVERY_STATUS, DiscoveryStatuses};
pub use classification_export::{EXPORT_BUCKET_NAME, EXPORT_BUCKET_OWNER, EXPORT_KEY_PREFIX, EXPORT_KMS_KEY_ARN};
pub use live_session::{CompactTimestamp, Frequency, InvalidMoment, ListedSession, LiveSession, LiveStatus, Status};
pub use membership::{MemberState, Membership, MembershipContext, MembershipRole, StatusTransition};
pub use operation::{BlockReason, Change, Operation, Risk};
pub use organization::AUTO_ENABLE;
pub use planner::{BlockedDraft, StepDraft, TargetChanges, TargetPlan, plan_target};
pub(in crate::resource) use read::read;
pub use read::{SessionAnswer, SessionState, interpret};
pub use reveal::{REVEAL_KMS_KEY_ID, REVEAL_RETRIEVAL_MODE, REVEAL_ROLE_NAME, REVEAL_STATUS};
pub use security_hub::{PUBLISH_CLASSIFICATION_FINDINGS, PUBLISH_POLICY_FINDINGS};
pub use session_settings::{FREQUENCY, STATUS, wants_status};
pub use session_writer::SessionWriter;
pub use shared_answers::{AdministratorAnswer, SharedAnswers};
pub use write_failure::{WriteEffect, describe, unread_reason, write_effect};
