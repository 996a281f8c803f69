//! Files that a user writes, as one tree with the place of everything in it, whichever language they are written in.
//!
//! YAML, TOML and JSON each have a front end that builds the same [`Node`]s. A [`TableSchema`] is the table of the keys that a
//! file may hold: the checker that finds mistakes and the JSON Schema are both drawn from it, so they cannot disagree.

mod check;
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
pub use checked_table::{CheckedTable, SpannedStr};
pub use display_path::display_path;
pub use node::{Entry, Node, Value};
pub use read::{Limit, MAX_BYTES, Syntax, accept, leads_nowhere, parse, read, read_within, too_large};
pub use table_schema::{Field, TableSchema, TextRule, ValueKind, json_schema};
pub use walk::{LeftOut, Walk, Why, is_hidden, warn_of_left_out};
