//! What driftline manages: one folder per resource, with its settings, how each is read, planned and written.

pub mod macie_session;

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use macie_session::{
    BlockReason, Change, CompactTimestamp, InvalidMoment, ListedSession, LiveSession, LiveStatus, MemberState,
    Membership, MembershipContext, MembershipRole, NotApplicable, NotEnabledEvidence, Operation, Outcome, Reading,
    Risk, SessionAnswer, SessionResponse, SessionState, StatusTransition, compare,
};
