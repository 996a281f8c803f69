//! A saved inventory: the accounts of an organization in a file, for runs that cannot or need not ask AWS Organizations.

mod document;
mod load;

pub use document::{inventory_schema, saved_json};
pub use load::{MAX_SAVED_BYTES, load_saved, load_saved_text};
