//! YAML, TOML and JSON files as one tree with the position of everything in it.
//!
//! Each syntax has a front end that builds the same [`Node`]s. A [`TableSchema`] lists the keys that a file may have;
//! checker and JSON Schema are both derived from it, so they cannot disagree.

mod check;
mod check_item;
mod checked_table;
mod display_path;
mod json;
mod node;
mod read;
mod table_schema;
mod toml;
mod walk;
mod yaml;

pub use check::check;
pub use check_item::unknown_word;
pub use checked_table::{CheckedTable, SpannedItem, SpannedStr};
pub use display_path::display_path;
pub use node::{Entry, Node, Value};
pub use read::{Limit, MAX_BYTES, Syntax, accept, accept_within, leads_nowhere, parse, read, read_within, too_large};
pub use table_schema::{Beside, Field, NumberRule, TableSchema, TextRule, ValueKind, json_schema};
pub use walk::{LeftOut, Walk, Why, is_hidden, warn_of_left_out};
