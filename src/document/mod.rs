//! Files that a user writes, as one tree with the place of everything in it, whichever language they are written in.
//!
//! YAML, TOML and JSON each have a front end that builds the same [`Node`]s. A [`Shape`] is the table of the keys that a
//! file may hold: the checker that finds mistakes and the JSON Schema are both drawn from it, so they cannot disagree.

mod check;
mod fields;
mod json;
mod node;
mod parse;
mod read;
mod schema;
mod shape;
mod shown_path;
mod toml;
mod walk;
mod yaml;

pub use check::check;
pub use fields::{Fields, Placed};
pub use node::{Entry, Node, Value};
pub use parse::{Language, parse};
pub use read::{Limit, MAX_BYTES, accept, leads_nowhere, read, read_within, too_large};
pub use schema::json_schema;
pub use shape::{Field, Kind, Shape, TextRule};
pub use shown_path::shown_path;
pub use walk::{LeftOut, Walk, Why, is_hidden, warn_of_left_out};
