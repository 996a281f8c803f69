//! Environment variables and profile files: read once, without values that are set to nothing, and checked before the first call.

mod chain;
mod check;
mod parts;
mod profiles;
mod read;
mod variables;

pub(super) use parts::{EnvironmentParts, profile_pipe};
pub(super) use profiles::OtherProfiles;
pub use read::named_files;
pub(super) use read::{Environment, ProcessProfile};
pub use variables::EnvironmentError;
pub(super) use variables::{Located, SettingLocation};
