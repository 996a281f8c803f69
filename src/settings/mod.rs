//! The settings file `driftline.toml`: how to reach AWS, apart from what is wanted there.

mod decode;
mod find;
mod past;
mod shape;
mod values;

pub use find::{FILE_NAME, load};
pub use past::load_text;
pub use shape::{SETTINGS, duration};
pub use values::{AwsAccess, Settings};
