//! Readings that there are already: those of an earlier report, or of a snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::error::CliError;
use crate::aws::Caller;
use crate::collect::{ReadRequest, reinterpret, without_macie};
use crate::files;
use crate::model::{Clock, Environment, RegionTable, Shard, Target, Unread, UnreadReason};
use crate::report::{ReusedReadings, Snapshot, View, read_json};
use crate::resource::{NotApplicable, NotEnabledEvidence, Reading};

/// Readings that there are already.
#[derive(Debug)]
pub(super) struct SavedReadings {
    /// The file that they are from.
    pub(super) name: String,
    /// Which AWS they are of.
    pub(super) source: Environment,
    /// When the snapshot was taken, if they are those of one.
    pub(super) snapshot: Option<Timestamp>,
    /// The partition of the credentials that read them, where that was learnt.
    partition: Option<Box<str>>,
    /// When the run that made them began.
    began: Timestamp,
    /// The same of those that this run had from an earlier one itself.
    older: BTreeMap<Target, Timestamp>,
    readings: BTreeMap<Target, Reading>,
}

impl SavedReadings {
    /// What an earlier report holds, without what was unread in it.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn from_report(path: &Path) -> Result<(Self, View<'static>), CliError> {
        let (name, text) = text_of(path)?;
        let unusable = |what: String| CliError::Reports(vec![format!("{name}: {what}")]);
        let view = read_json(&text).map_err(|error| unusable(error.to_string()))?;
        drop(text);
        let time = |text: &str| text.parse::<Timestamp>().map_err(|_| unusable(format!("{text:?} is no time")));
        let began = time(view.began_at())?;
        let (mut readings, mut older) = (BTreeMap::new(), BTreeMap::new());
        for target in view.targets.iter() {
            let region = target.region.parse().map_err(|_| unusable("one of its Regions is none".to_owned()))?;
            let place = Target::macie_session(target.account, region);
            let reading = target.reading().map_err(|what| unusable(format!("{place}: {what}")))?;
            if matches!(reading, Reading::Unread(_)) {
                continue;
            }
            if let Some(read_at) = &target.read_at {
                older.insert(place.clone(), time(read_at)?);
            }
            readings.insert(place, reading);
        }
        if is_to_come(time(&view.run.started_at)?) || older.values().any(|time| is_to_come(*time)) || is_to_come(began)
        {
            return Err(unusable(TO_COME.to_owned()));
        }
        let partition = view.run.caller.as_ref().and_then(|caller| caller.partition());
        Ok((Self { name, source: view.run.source, snapshot: None, partition, began, older, readings }, view))
    }

    /// A snapshot.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn from_snapshot(path: &Path) -> Result<(Self, Snapshot), CliError> {
        let (name, text) = text_of(path)?;
        let mut snapshot = Snapshot::parse(&text)
            .map_err(|error| CliError::Snapshot { file: name.clone(), reason: error.to_string() })?;
        if is_to_come(snapshot.taken_at) {
            return Err(CliError::Snapshot { file: name, reason: TO_COME.to_owned() });
        }
        let readings = std::mem::take(&mut snapshot.readings);
        let known = Self {
            name,
            source: snapshot.source,
            snapshot: Some(snapshot.taken_at),
            partition: snapshot.caller.as_ref().map(|caller| caller.partition.clone()),
            began: snapshot.taken_at,
            older: BTreeMap::new(),
            readings,
        };
        Ok((known, snapshot))
    }

    /// The readings that answer questions, and when the run that made each of them began; none for both where there is none.
    pub(super) fn answers(
        &self,
        questions: &[ReadRequest],
        table: &RegionTable,
    ) -> (Vec<Option<Reading>>, Vec<Option<Timestamp>>) {
        let answer = |question: &ReadRequest| {
            let reading = self.lookup(question, table)?;
            Some((reading, self.time(&question.target)))
        };
        questions
            .iter()
            .map(answer)
            .map(|found| found.map_or((None, None), |(reading, at)| (Some(reading), Some(at))))
            .unzip()
    }

    /// The reading of a target, whoever asks.
    pub(super) fn reading(&self, target: &Target) -> Option<&Reading> {
        self.readings.get(target)
    }

    /// When the run began that read a target.
    pub(super) fn time(&self, target: &Target) -> Timestamp {
        self.older.get(target).copied().unwrap_or(self.began)
    }

    /// The reading that answers a question, where there is one. In which Regions Macie exists is never taken over: the table of
    /// today says that. And what a list of members has told of a status answers no question about more.
    fn lookup(&self, question: &ReadRequest, table: &RegionTable) -> Option<Reading> {
        if !table.has_macie(&question.target.region) {
            return None;
        }
        match reinterpret(self.readings.get(&question.target)?.clone(), question.region_named) {
            Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
            | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => None,
            Reading::Listed(_) if !question.member_list_suffices => None,
            reading => Some(reading),
        }
    }

    /// The reading of a target that it does not hold, where nobody else is asked.
    pub(super) fn missing_reading(&self, question: &ReadRequest, table: &RegionTable) -> Reading {
        if !table.has_macie(&question.target.region) {
            return without_macie(question.region_named);
        }
        let why = format!("the snapshot {} does not tell what is declared of this target", self.name);
        Reading::Unread(Unread::local(UnreadReason::NotListed, why))
    }

    /// What a report says of readings that were not made for it, of those times.
    pub(super) fn reuse_summary(&self, times: Vec<Option<Timestamp>>) -> Option<ReusedReadings> {
        let read_at = times.iter().flatten().min().copied()?;
        let readings = times.iter().flatten().count();
        Some(ReusedReadings { readings, read_at, times: if self.snapshot.is_some() { Vec::new() } else { times } })
    }

    /// Whether an earlier report is about what this run is about.
    ///
    /// # Errors
    ///
    /// What differs.
    pub(super) fn ensure_compatible(
        &self,
        view: &View<'_>,
        digest: &str,
        source: Environment,
        shard: Option<Shard>,
    ) -> Result<(), CliError> {
        let differs = if view.run.policy_digest != digest {
            "its policies are not those of this run"
        } else if self.source != source {
            "it is of another AWS than this run"
        } else if Shard::part(view.run.shard) != Shard::part(shard) {
            "it is of another part of the accounts than this run (--shard)"
        } else {
            return Ok(());
        };
        Err(CliError::OtherReport { file: self.name.clone(), differs })
    }

    /// Whether an earlier report was made with credentials of the same partition, where both are known.
    ///
    /// # Errors
    ///
    /// If not.
    pub(super) fn fits_caller(&self, caller: Option<&Caller>) -> Result<(), CliError> {
        match (&self.partition, caller.map(|caller| &caller.partition)) {
            (Some(then), Some(now)) if then != now => {
                let differs = "it is of another partition of AWS than the credentials of this run";
                Err(CliError::OtherReport { file: self.name.clone(), differs })
            }
            _ => Ok(()),
        }
    }
}

const TO_COME: &str = "by its own account it is of a time to come";

/// Whether a moment is yet to come by the system's clock.
pub(super) fn is_to_come(moment: Timestamp) -> bool {
    crate::model::is_to_come(moment, Clock::System.now())
}

fn text_of(path: &Path) -> Result<(String, String), CliError> {
    let name = path.display().to_string();
    match files::read_text(path, files::SAVED_MOST) {
        Ok(text) => Ok((name, text)),
        Err(cause) => Err(CliError::Unreadable { file: name, cause }),
    }
}
