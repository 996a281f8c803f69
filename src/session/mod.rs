//! The Macie session of one target as a resource: what was learnt of it, how that compares with what is wanted, and the place of
//! its account among Macie accounts.

mod compare;
mod moment;
mod read;
mod reading;
mod standing;
mod state;

pub use crate::model::{Denial, DenyingLayer, Evidence, Unread, UnreadReason};
pub use compare::{Outcome, compare};
pub use moment::{InvalidMoment, Moment};
pub use read::{Answer, read};
pub use reading::{ListedSession, LiveSession, LiveStatus, NotApplicable, NotEnabledBasis, Reading};
pub use standing::{Concern, Standing, Surroundings};
pub use state::SessionState;
