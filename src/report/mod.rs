//! Reports: one owned, sorted model, and one file per format over it.
//!
//! The verdict is decided before any of this runs, and nothing here can change it.

mod advice;
mod counted;
mod destination;
mod escape;
mod json;
mod model;
mod paint;
mod text;

pub(crate) use counted::{counted, days};
pub(crate) use destination::write_atomically;
pub use destination::{Destination, Format, InvalidDestination, UnwritableReport, Wanted};
pub use escape::terminal;
pub use json::{report_schema, write_json};
pub use model::{Report, RunFacts, Source};
pub use paint::Paint;
pub(crate) use text::wrapped;
pub use text::{Detail, TextOptions, write_text};
