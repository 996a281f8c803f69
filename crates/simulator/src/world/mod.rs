//! The world: the state that the simulated AWS starts from, and what goes wrong in it. It is written or generated.

mod account;
mod concurrent_changes;
mod denial;
mod error;
mod fault;
mod generated;
mod generator_spec;
mod jobs;
mod load;
mod member_index;
mod membership;
mod organization;
mod permission;
mod profile;
mod sampler;
mod session;
mod sessions;
mod spanned;
mod unit;

pub(super) use account::Account;
pub use error::{Place, WorldError};
pub(super) use fault::{Fault, FaultKind, VerbatimAnswer};
pub use generator_spec::{Recipe, RecipeError};
pub use load::World;
pub(super) use membership::{Administration, Membership};
pub(super) use organization::{LARGEST_PAGE, Organization, StatusField, TrustedService};
pub(super) use session::{DEFAULT_FREQUENCY, SessionStart};
pub use session::{Frequency, SessionStatus};
pub(super) use unit::Unit;
