//! When a run ended, for the formats that want that as a number.

use std::io;

use jiff::Timestamp;

use crate::diagnostic::quotable;
use crate::report::View;

/// When the last answer was in.
///
/// # Errors
///
/// A report that was saved and then altered may say so in a way that is not understood.
pub(super) fn finished_at(view: &View<'_>) -> io::Result<Timestamp> {
    moment(&view.run.finished_at)
}

/// How long the run took, in whole seconds.
///
/// # Errors
///
/// The same.
pub(super) fn seconds_taken(view: &View<'_>) -> io::Result<i64> {
    let began = moment(&view.run.started_at)?;
    Ok((finished_at(view)?.as_second() - began.as_second()).max(0))
}

fn moment(text: &str) -> io::Result<Timestamp> {
    text.parse().map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, format!("the report has \"{}\" for a time", quotable(text)))
    })
}
