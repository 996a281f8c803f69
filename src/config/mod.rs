//! The settings file `driftline.toml`: how to reach AWS, apart from what is wanted there.

mod decode;
mod find;
mod past;
mod schema;
mod settings;

pub use find::{FILE_NAME, load};
pub use past::load_text;
pub use schema::{SETTINGS, duration};
pub use settings::{AwsAccess, Settings};
