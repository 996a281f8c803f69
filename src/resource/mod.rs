//! What driftline manages: one folder per resource, with its settings, how each is read, planned and written.

pub mod macie_session;
mod setting;

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use macie_session::{
    BlockReason, Change, CompactTimestamp, InvalidMoment, ListedSession, LiveSession, LiveStatus, MemberState,
    Membership, MembershipContext, MembershipRole, NotApplicable, NotEnabledEvidence, Operation, Outcome, Reading,
    Risk, SessionAnswer, SessionResponse, SessionState, SettingReading, StatusTransition, compare,
};
pub use setting::{ExtraCall, ReadBy, Setting, SettingKey, SettingReadings, SettingRequest, catalog, settings};

/// Every setting of every resource, in rule order. A new setting is a module and an entry here.
pub static SETTINGS: &[&Setting] =
    &[&macie_session::STATUS, &macie_session::FREQUENCY, &macie_session::DISCOVERY_STATUS];
