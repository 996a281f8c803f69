//! The settings file `driftline.toml`: access to AWS, apart from the desired state.

mod load;
mod schema;
mod settings;

pub use load::{FILE_NAME, load, load_text};
pub use schema::{SETTINGS, duration};
pub use settings::{AwsAccess, Settings};
