//! The one fan-out that reads all targets.
//!
//! [`gather`] takes questions and gives exactly one reading for each, in the same order, whatever happens on the way. Two
//! stages share one limit on calls in flight: opening accounts, and asking Macie in those that are open. Within it each account,
//! each Region and the opening of accounts has a limit of its own, which shrinks where there is strain. [`survey`] then learns
//! what surrounds those few whose status is to change.

mod ask;
mod errand;
mod gather;
mod lane;
mod question;
mod region_off;
mod round;
mod schedule;
mod survey;
mod window;

pub use gather::gather;
pub use question::{Gathering, Limits, Question};
pub use survey::{Administration, survey};
