//! The one fan-out that reads all targets.
//!
//! [`collect`](collect()) takes questions and gives exactly one reading for each, in the same order, whatever happens on the way. Two
//! stages share one limit on calls in flight: opening accounts, and asking Macie in those that are open. Within it each account,
//! each Region and the opening of accounts has a limit of its own, which shrinks where there is strain. [`collect_through_administrator`] asks Macie's administrator first. [`inspect_memberships`] then learns
//! what surrounds those few whose status is to change.

mod account_queue;
mod administrator_reader;
mod aimd;
mod collector;
mod conflicts;
mod gather;
mod intern;
mod list_members;
mod member_listing;
mod membership;
mod read_request;
mod region_off;
mod region_queue;
mod run_state;
mod scheduler;
mod tasks;
mod unread_reason;

pub use administrator_reader::{AdministratorReader, Fallback, collect_through_administrator};
pub use gather::collect;
pub use list_members::is_worth_listing;
pub use membership::{AdministratorHint, inspect_memberships};
pub use read_request::{CollectLimits, Collected, ReadRequest};
pub use region_off::{reinterpret, without_macie};
