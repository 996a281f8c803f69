//! The Macie session of one target as a resource: what was learnt of it, how that compares with what is wanted, and the place of
//! its account among Macie accounts.

mod compare;
mod membership;
mod read;
mod reading;
mod state;
mod timestamp;

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use compare::{Outcome, compare};
pub use membership::{MembershipContext, MembershipRole, StatusTransition};
pub use read::{SessionResponse, read};
pub use reading::{ListedSession, LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Reading};
pub use state::SessionState;
pub use timestamp::{CompactTimestamp, InvalidMoment};
