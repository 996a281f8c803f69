//! The one fan-out that reads all targets.
//!
//! [`gather`] takes questions and gives exactly one reading for each, in the same order, whatever happens on the way. Two
//! stages share one limit on calls in flight: opening accounts, and asking Macie in those that are open. Within it each account,
//! each Region and the opening of accounts has a limit of its own, which shrinks where there is strain. [`gather_through`] asks Macie's administrator first. [`survey`] then learns
//! what surrounds those few whose status is to change.

mod ask;
mod doubt;
mod errand;
mod explained;
mod fan_out;
mod gather;
mod heard;
mod lane;
mod listing;
mod question;
mod region_off;
mod round;
mod schedule;
mod shared;
mod survey;
mod through;
mod window;

pub use gather::gather;
pub use listing::is_worth_listing;
pub use question::{Gathering, Limits, Question};
pub use region_off::{refit, without_macie};
pub use survey::{Administration, survey};
pub use through::{Beside, Through, gather_through};
