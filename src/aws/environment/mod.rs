//! Environment variables and profile files: read once, cleaned of values that are set to nothing, and checked before the first
//! call.

mod chain;
mod check;
mod endpoint;
mod error;
mod location;
mod profile_file;
mod profiles;
mod read;
mod tokens;
mod variables;

pub use error::EnvironmentError;
pub(super) use location::{Located, SettingLocation};
pub use read::named_files;
pub(super) use read::{Environment, ProcessProfile};
