//! Readings that there are already: those of an earlier report, or of a snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::failure::Failure;
use crate::files;
use crate::live::{Question, refit, without_macie};
use crate::model::{Clock, RegionTable, Shard, Source, Target, Unread, UnreadReason};
use crate::report::{Carried, Snapshot, View, read_json};
use crate::session::{NotApplicable, NotEnabledBasis, Reading};

/// Readings that there are already.
#[derive(Debug)]
pub(super) struct Known {
    /// The file that they are from.
    pub(super) name: String,
    /// When they were read, or the oldest of them.
    pub(super) read_at: Timestamp,
    /// Which AWS they are of.
    pub(super) source: Source,
    readings: BTreeMap<Target, Reading>,
}

impl Known {
    /// What an earlier report holds, without what was unread in it.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn of_report(path: &Path) -> Result<(Self, View<'static>), Failure> {
        let (name, text) = text_of(path)?;
        let unusable = |what: String| Failure::Reports(vec![format!("{name}: {what}")]);
        let view = read_json(&text).map_err(|error| unusable(error.to_string()))?;
        let mut readings = BTreeMap::new();
        for target in view.targets.iter() {
            let region = target.region.parse().map_err(|_| unusable("one of its Regions is none".to_owned()))?;
            let place = Target { account: target.account, region };
            let reading = target.reading().map_err(|what| unusable(format!("{place}: {what}")))?;
            if !matches!(reading, Reading::Unread(_)) {
                readings.insert(place, reading);
            }
        }
        let carried = view.run.carried.as_ref().and_then(|carried| carried.read_at.parse().ok());
        let began = view.run.started_at.parse::<Timestamp>();
        let began = began.map_err(|_| unusable("it does not say when it was made".to_owned()))?;
        let read_at = carried.map_or(began, |carried: Timestamp| carried.min(began));
        if is_to_come(read_at) || is_to_come(began) {
            return Err(unusable(TO_COME.to_owned()));
        }
        Ok((Self { name, read_at, source: view.run.source, readings }, view))
    }

    /// A snapshot.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn of_snapshot(path: &Path) -> Result<(Self, Snapshot), Failure> {
        let (name, text) = text_of(path)?;
        let mut snapshot = Snapshot::parse(&text)
            .map_err(|error| Failure::Snapshot { file: name.clone(), reason: error.to_string() })?;
        if is_to_come(snapshot.taken_at) {
            return Err(Failure::Snapshot { file: name, reason: TO_COME.to_owned() });
        }
        let readings = std::mem::take(&mut snapshot.readings);
        Ok((Self { name, read_at: snapshot.taken_at, source: snapshot.source, readings }, snapshot))
    }

    /// The reading that answers a question, where there is one. In which Regions Macie exists is never taken over: the table of
    /// today says that. And what a list of members has told of a status answers no question about more.
    pub(super) fn answer(&self, question: &Question, table: &RegionTable) -> Option<Reading> {
        if !table.has_macie(&question.target.region) {
            return None;
        }
        match refit(self.readings.get(&question.target)?.clone(), question.region_named) {
            Reading::NotEnabled(NotEnabledBasis::NoMacieInRegion)
            | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => None,
            Reading::Listed(_) if !question.list_suffices => None,
            reading => Some(reading),
        }
    }

    /// The reading of a target that it does not hold, where nobody else is asked.
    pub(super) fn silence(&self, question: &Question, table: &RegionTable) -> Reading {
        if !table.has_macie(&question.target.region) {
            return without_macie(question.region_named);
        }
        let why = format!("the snapshot {} does not tell what is declared of this target", self.name);
        Reading::Unread(Unread::without_answer(UnreadReason::NotListed, why))
    }

    /// What a report says of so many readings that were not made for it.
    pub(super) fn carried(&self, readings: usize) -> Option<Carried> {
        (readings > 0).then_some(Carried { readings, read_at: self.read_at })
    }

    /// Whether an earlier report is about what this run is about.
    ///
    /// # Errors
    ///
    /// What differs.
    pub(super) fn fits(
        &self,
        view: &View<'_>,
        digest: &str,
        source: Source,
        shard: Option<Shard>,
    ) -> Result<(), Failure> {
        let differs = if view.run.policy_digest != digest {
            "its policies are not those of this run"
        } else if self.source != source {
            "it is of another AWS than this run"
        } else if view.run.shard != shard {
            "it is of another part of the accounts than this run (--shard)"
        } else {
            return Ok(());
        };
        Err(Failure::OtherReport { file: self.name.clone(), differs })
    }
}

const TO_COME: &str = "by its own account it is of a time to come";

/// Whether a moment is later than clocks that differ a little explain.
fn is_to_come(moment: Timestamp) -> bool {
    moment > Clock::System.now() + jiff::SignedDuration::from_mins(10)
}

fn text_of(path: &Path) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    match files::read_text(path, files::SAVED_MOST) {
        Ok(text) => Ok((name, text)),
        Err(cause) => Err(Failure::Unreadable { file: name, cause }),
    }
}
