//! The Macie session of one target as a resource: what was learnt of it, and how that compares with what is wanted.

mod compare;
mod read;
mod reading;

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use compare::{Outcome, compare};
pub use read::{Answer, read};
pub use reading::{LiveSession, LiveStatus, NotApplicable, NotEnabledBasis, Reading};
