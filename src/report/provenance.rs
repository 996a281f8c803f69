//! Where readings come from, and of what time they are: of this run, of earlier ones, or of a snapshot.

use super::{Target, View, pluralize};
use crate::model::Environment;

impl View<'_> {
    /// Of what time the reading of a target is: the end of the run, if that has read it itself.
    pub fn read_at<'v>(&'v self, target: &'v Target<'_>) -> &'v str {
        self.stored_at(target).unwrap_or(&self.run.finished_at)
    }

    /// When the run began that read a target, or when the snapshot was taken that holds it.
    pub fn began_reading<'v>(&'v self, target: &'v Target<'_>) -> &'v str {
        target.read_at.as_deref().unwrap_or_else(|| self.began_at())
    }

    /// When the run began that made the readings which do not say so themselves.
    pub fn began_at(&self) -> &str {
        self.run.snapshot.as_ref().map_or(&self.run.started_at, |snapshot| &snapshot.taken_at)
    }

    /// Of what time a reading is that this run has not made itself.
    pub(super) fn stored_at<'v>(&'v self, target: &'v Target<'_>) -> Option<&'v str> {
        let of_snapshot = || self.run.snapshot.as_ref().map(|snapshot| &*snapshot.taken_at);
        target.read_at.as_deref().or_else(of_snapshot)
    }

    /// Of what time the report as a whole is: that of its oldest reading.
    pub(super) fn oldest_reading(&self) -> &str {
        let run = &self.run;
        match (&run.snapshot, &run.carried) {
            (Some(snapshot), _) => &snapshot.taken_at,
            (None, Some(carried)) => &carried.read_at,
            (None, None) => &run.finished_at,
        }
    }

    /// Whether this run has made every reading itself.
    pub(super) fn is_live(&self) -> bool {
        self.run.snapshot.is_none() && self.run.carried.is_none()
    }

    /// Where the readings come from, and of what time they are if it is not that of the run. The times are not escaped for any
    /// format.
    pub(super) fn source(&self) -> String {
        let aws = match self.run.source {
            Environment::Aws => "AWS",
            Environment::Simulation => "a simulated AWS",
        };
        match (&self.run.snapshot, &self.run.carried) {
            (Some(snapshot), _) => format!("from a snapshot of {aws}, taken {}", snapshot.taken_at),
            (None, Some(carried)) if carried.readings >= self.ledger.declared => {
                format!("from {aws} by earlier runs, the first of which began {}", carried.read_at)
            }
            (None, Some(carried)) => format!(
                "from {aws}, {} of {} by earlier runs, the first of which began {}",
                carried.readings,
                pluralize(self.ledger.declared, "reading"),
                carried.read_at
            ),
            (None, None) => format!("live from {aws}"),
        }
    }
}
