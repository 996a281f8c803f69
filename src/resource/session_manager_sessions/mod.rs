//! Session Manager sessions of an account in a Region: rules that each of them must keep.

mod property;
mod read;
mod remedy;
mod reported;
mod rule;
mod session_list;
mod settings;

pub use property::{Property, SessionRule};
pub(super) use read::read;
pub use remedy::remedy;
pub use reported::{ReportedRule, ReportedSessions, Sessions};
pub use rule::{SessionCounts, ViolatingSession, ViolatingSessions, declared_window};
pub use session_list::{Session, SessionList, SessionTexts};
pub use settings::{
    ACCESS_TYPE, COUNT, DOCUMENT_NAME, DURATION, ENDED_WITHIN, MAX_SESSION_DURATION, OWNER, REASON, STATUS, TARGET,
};
