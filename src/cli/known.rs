//! Readings that there are already: those of an earlier report, or of a snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::failure::Failure;
use crate::live::{Question, refit};
use crate::model::{Shard, Source, Target, Unread, UnreadReason};
use crate::report::{Carried, Snapshot, View, read_json};
use crate::session::Reading;

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
        let readings = std::mem::take(&mut snapshot.readings);
        Ok((Self { name, read_at: snapshot.taken_at, source: snapshot.source, readings }, snapshot))
    }

    /// The reading that answers a question, where there is one.
    pub(super) fn answer(&self, question: &Question) -> Option<Reading> {
        self.readings.get(&question.target).map(|reading| refit(reading.clone(), question.region_named))
    }

    /// A reading for each question: what it does not hold is unread.
    pub(super) fn answers(&self, questions: &[Question]) -> Vec<Reading> {
        let missing = || {
            let why = format!("the snapshot {} has no reading of this target", self.name);
            Reading::Unread(Unread::without_answer(UnreadReason::NotListed, why))
        };
        questions.iter().map(|question| self.answer(question).unwrap_or_else(missing)).collect()
    }

    /// What a report says of readings that were not made for it.
    pub(super) fn carried(&self, questions: &[Question]) -> Option<Carried> {
        let readings = questions.iter().filter(|question| self.readings.contains_key(&question.target)).count();
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

fn text_of(path: &Path) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(cause) => Err(Failure::Unreadable { file: name, cause }),
    }
}
