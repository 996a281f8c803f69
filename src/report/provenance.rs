//! The origin and the time of readings: this run, earlier runs, or a snapshot.

use jiff::Timestamp;

use super::messages::{Selected, pluralize};
use super::model::{RunSelection, Target, View};
use crate::model::Environment;

impl View<'_> {
    /// The number of selected targets, if there was a selection.
    pub(super) fn selected(&self) -> Option<Selected> {
        let RunSelection { items, declared_total } = self.run.selection.as_ref()?;
        Some(Selected { count: self.ledger.declared, total: *declared_total, options: items.to_string() })
    }

    /// The time of a target's reading: the end of the run, if it has read the target itself.
    pub fn read_at(&self, target: &Target<'_>) -> Timestamp {
        self.stored_at(target).unwrap_or(self.run.finished_at)
    }

    /// The start of the run that read a target, or the time of the snapshot that holds it.
    pub fn began_reading(&self, target: &Target<'_>) -> Timestamp {
        target.read_at.unwrap_or_else(|| self.began_at())
    }

    /// The start of the run that made the readings without a time of their own.
    pub fn began_at(&self) -> Timestamp {
        self.run.snapshot.unwrap_or(self.run.started_at)
    }

    /// The time of a reading that this run has not made itself.
    pub(super) fn stored_at(&self, target: &Target<'_>) -> Option<Timestamp> {
        target.read_at.or(self.run.snapshot)
    }

    /// The time of the report as a whole: that of its oldest reading.
    pub(super) fn oldest_reading(&self) -> Timestamp {
        let carried = self.run.carried.as_ref().map(|carried| carried.read_at);
        self.run.snapshot.or(carried).unwrap_or(self.run.finished_at)
    }

    /// The duration of the run in whole seconds.
    pub(super) fn seconds_taken(&self) -> i64 {
        (self.run.finished_at.as_second() - self.run.started_at.as_second()).max(0)
    }

    /// Whether this run has made every reading itself.
    pub(super) fn is_live(&self) -> bool {
        self.run.snapshot.is_none() && self.run.carried.is_none()
    }

    /// The origin of the readings, with their time if it is not that of the run.
    pub(super) fn source(&self) -> String {
        let aws = match self.run.source {
            Environment::Aws => "AWS",
            Environment::Simulation => "a simulated AWS",
        };
        match (&self.run.snapshot, &self.run.carried) {
            (Some(taken_at), _) => format!("from a snapshot of {aws}, taken {taken_at}"),
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
