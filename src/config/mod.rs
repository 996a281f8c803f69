//! The settings file `driftline.toml`: how to reach AWS, apart from what is wanted there.

mod load;
mod schema;
mod settings;

pub use load::{FILE_NAME, load, load_text};
pub use schema::{SETTINGS, duration};
pub use settings::{AwsAccess, Settings};
