//! The one scheduler that reads all targets.
//!
//! A [`Collector`] takes requests and gives exactly one reading for each, in the same order, whatever happens on the way. Two stages
//! share one limit on calls in flight: getting the credentials of accounts, and asking Macie with them. Within it each account, each
//! Region and the first stage have limits of their own, which shrink on congestion.
//! [`Collector::collect_through_administrator`] reads the member lists of Macie's administrator first. [`inspect_memberships`] then
//! finds the roles of those few accounts whose status is to change.

mod administrator_reader;
mod aimd;
mod collector;
mod credentials;
mod intern;
mod member_list;
mod membership;
mod queues;
mod region_off;
mod request;
mod run_state;
mod scheduler;
mod tasks;

pub use collector::Collector;
pub use member_list::is_worth_listing;
pub use membership::{AdministratorHint, inspect_memberships};
pub use request::{AdministratorReader, CollectLimits, Collected, Fallback, ReadRequest};
