//! The Macie session of an account in a Region: how it is read, compared, planned and written.

mod automated_discovery;
mod consequence;
mod live_session;
mod membership;
mod operation;
mod planner;
mod read;
mod session_settings;
mod session_writer;
mod write_failure;

pub use automated_discovery::DISCOVERY_STATUS;
pub use live_session::{CompactTimestamp, Frequency, InvalidMoment, ListedSession, LiveSession, LiveStatus, Status};
pub use membership::{MemberState, Membership, MembershipContext, MembershipRole, StatusTransition};
pub use operation::{BlockReason, Change, Operation, Risk};
pub use planner::{BlockedDraft, StepDraft, TargetChanges, TargetPlan, plan_target};
pub(in crate::resource) use read::read;
pub use read::{SessionAnswer, SessionState, interpret};
pub use session_settings::{FREQUENCY, STATUS, wants_status};
pub use session_writer::SessionWriter;
pub use write_failure::{WriteEffect, describe, unread_reason, write_effect};
