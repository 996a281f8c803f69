//! The world: the state that the simulated AWS starts from, and what goes wrong in it. It is written or generated.

mod account;
mod denial;
mod draw;
mod fault;
mod generated;
mod interference;
mod jobs;
mod membership;
mod mistake;
mod organization;
mod permission;
mod profile;
mod recipe;
mod roster;
mod session;
mod sessions;
mod start;
mod unit;
mod written;

pub(super) use account::Account;
pub(super) use fault::{Fault, FaultKind, VerbatimAnswer};
pub(super) use membership::{Administration, Membership};
pub use mistake::{Place, WorldError};
pub(super) use organization::{LARGEST_PAGE, Organization, StatusField, TrustedService};
pub use recipe::{Recipe, RecipeError};
pub(super) use session::{DEFAULT_FREQUENCY, SessionStart, SessionStatus};
pub use start::World;
pub(super) use unit::Unit;
