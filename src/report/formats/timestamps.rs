//! Of what time readings are and how long a run took, for the formats that want that as a number.

use std::io;

use jiff::Timestamp;

use crate::diagnostic::quote;
use crate::report::{Target, View};

/// When the last answer was in.
///
/// # Errors
///
/// A report that was saved and then altered may say so in a way that is not understood.
fn finished_at(view: &View<'_>) -> io::Result<Timestamp> {
    moment(&view.run.finished_at)
}

/// Of what time the reading of a target is.
///
/// # Errors
///
/// The same.
pub(super) fn read_at(view: &View<'_>, target: &Target<'_>) -> io::Result<Timestamp> {
    moment(view.read_at(target))
}

/// Of what time the report as a whole is: that of its oldest reading.
///
/// # Errors
///
/// The same.
pub(super) fn oldest_reading(view: &View<'_>) -> io::Result<Timestamp> {
    moment(view.oldest_reading())
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
        io::Error::new(io::ErrorKind::InvalidData, format!("the report has \"{}\" for a time", quote(text)))
    })
}
