//! Files that a user writes, as one tree with the place of everything in it, whichever language they are written in.
//!
//! YAML, TOML and JSON each have a front end that builds the same [`Node`]s. A [`TableSchema`] is the table of the keys that a
//! file may hold: the checker that finds mistakes and the JSON Schema are both drawn from it, so they cannot disagree.

mod check;
mod checked_table;
mod display_path;
mod json;
mod node;
mod parse;
mod read;
mod schema;
mod table_schema;
mod toml;
mod walk;
mod yaml;

pub use check::check;
pub use checked_table::{CheckedTable, SpannedStr};
pub use display_path::display_path;
pub use node::{Entry, Node, Value};
pub use parse::{Syntax, parse};
pub use read::{Limit, MAX_BYTES, accept, leads_nowhere, read, read_within, too_large};
pub use schema::json_schema;
pub use table_schema::{Field, TableSchema, TextRule, ValueKind};
pub use walk::{LeftOut, Walk, Why, is_hidden, warn_of_left_out};
