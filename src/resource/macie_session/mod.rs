//! The Macie session of an account in a Region: how it is read, compared, planned and written.

mod automated_discovery;
mod compare;
mod consequence;
mod frequency;
mod member_list;
mod membership;
mod operation;
mod planner;
mod read;
mod reading;
mod session_writer;
mod state;
mod status;
mod target_changes;
mod timestamp;
mod write_failure;

pub use automated_discovery::DISCOVERY_STATUS;
pub use compare::{Outcome, compare};
pub use frequency::{FREQUENCY, Frequency};
pub use member_list::MemberState;
pub use membership::{Membership, MembershipContext, MembershipRole, StatusTransition};
pub use operation::{BlockReason, Change, Operation, Risk};
pub use planner::{BlockedDraft, StepDraft, TargetPlan, plan_target};
pub use read::{SessionAnswer, SessionResponse};
pub use reading::{ListedSession, LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Reading, SettingReading};
pub use session_writer::SessionWriter;
pub use state::SessionState;
pub use status::{STATUS, Status};
pub use target_changes::TargetChanges;
pub use timestamp::{CompactTimestamp, InvalidMoment};
pub use write_failure::{WriteEffect, describe, unread_reason, write_effect};
