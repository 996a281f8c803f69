//! Saved readings: those of an earlier report, or of a snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::error::CliError;
use super::selection::{RunScope, ensure_same_selection};
use crate::aws::Caller;
use crate::collect::ReadRequest;
use crate::files;
use crate::model::{Clock, Environment, RegionTable, Shard, Target, Unread, UnreadReason, Window};
use crate::report::{History, ReusedReadings, Snapshot, View, read_json};
use crate::resource::{NotApplicable, NotEnabledEvidence, Reading, session_manager_sessions};

/// Readings of an earlier report or of a snapshot.
#[derive(Debug)]
pub(super) struct SavedReadings {
    /// The file.
    pub(super) name: String,
    pub(super) environment: Environment,
    /// When the snapshot was taken, if the file is one.
    pub(super) snapshot: Option<Timestamp>,
    /// Partition of the credentials that read them, if known.
    partition: Option<Box<str>>,
    /// Start of the run that read them.
    started_at: Timestamp,
    /// Start of the run that read a target, if that run reused its reading.
    reused_from: BTreeMap<Target, Timestamp>,
    readings: BTreeMap<Target, Reading>,
    /// Findings of the report beside its readings, such as drift of targets that were unread; `None` for a snapshot.
    pub(super) history: Option<History>,
}

impl SavedReadings {
    /// Readings of an earlier report, without unread targets.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn from_report(path: &Path) -> Result<(Self, View<'static>), CliError> {
        let (name, text) = read(path)?;
        let unusable = |what: String| CliError::Reports(vec![format!("{name}: {what}")]);
        let view = read_json(&text).map_err(|error| unusable(error.to_string()))?;
        drop(text);
        let started_at = view.began_at();
        let (mut readings, mut reused_from) = (BTreeMap::new(), BTreeMap::new());
        for target in view.targets.iter() {
            // What is known in part is read again as a whole.
            if matches!(*target.reading, Reading::Unread(_)) || target.settings.iter().any(|row| row.unread.is_some()) {
                continue;
            }
            let place = Target::new(target.resource, target.account, target.region.clone());
            if let Some(read_at) = target.read_at {
                reused_from.insert(place.clone(), read_at);
            }
            readings.insert(place, target.reading.clone().into_owned());
        }
        let is_from_future = is_future(view.run.started_at) || is_future(started_at);
        if is_from_future || reused_from.values().any(|time| is_future(*time)) {
            return Err(unusable(FROM_FUTURE.to_owned()));
        }
        let partition = view.run.caller.as_ref().map(|caller| caller.partition.clone());
        let saved = Self {
            name,
            environment: view.run.source,
            snapshot: None,
            partition,
            started_at,
            reused_from,
            readings,
            history: Some(History::from_report(&view, Clock::System.now())),
        };
        Ok((saved, view))
    }

    /// Readings of a snapshot.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn from_snapshot(path: &Path) -> Result<(Self, Snapshot), CliError> {
        let (name, text) = read(path)?;
        let mut snapshot = Snapshot::parse(&text)
            .map_err(|error| CliError::Snapshot { file: name.clone(), reason: error.to_string() })?;
        if is_future(snapshot.taken_at) {
            return Err(CliError::Snapshot { file: name, reason: FROM_FUTURE.to_owned() });
        }
        let readings = std::mem::take(&mut snapshot.readings);
        let saved = Self {
            name,
            environment: snapshot.source,
            snapshot: Some(snapshot.taken_at),
            partition: snapshot.caller.as_ref().map(|caller| caller.partition.clone()),
            started_at: snapshot.taken_at,
            reused_from: BTreeMap::new(),
            readings,
            history: None,
        };
        Ok((saved, snapshot))
    }

    /// The readings that answer requests, and the start of the run that read each; `None` in both for a request without one.
    pub(super) fn answers(
        &self,
        requests: &[ReadRequest],
        table: &RegionTable,
    ) -> (Vec<Option<Reading>>, Vec<Option<Timestamp>>) {
        let answer = |request: &ReadRequest| match self.lookup(request, table) {
            Some(reading) => (Some(reading), Some(self.read_at(&request.target))),
            None => (None, None),
        };
        requests.iter().map(answer).unzip()
    }

    /// The reading of a target.
    pub(super) fn reading(&self, target: &Target) -> Option<&Reading> {
        self.readings.get(target)
    }

    /// Start of the run that read a target.
    pub(super) fn read_at(&self, target: &Target) -> Timestamp {
        self.reused_from.get(target).copied().unwrap_or(self.started_at)
    }

    /// The reading that answers a request, if there is one. Regions without Macie are never taken from a file: the Region table
    /// of today decides. A status from a member list answers no request for more.
    fn lookup(&self, request: &ReadRequest, table: &RegionTable) -> Option<Reading> {
        if !table.hosts(request.target.resource, &request.target.region) {
            return None;
        }
        match self.readings.get(&request.target)?.clone().reinterpreted(request.target.resource, request.region_named) {
            Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
            | Reading::NotApplicable(NotApplicable::NoMacieInRegion) => None,
            Reading::Listed(_) if !request.member_list_suffices => None,
            Reading::Sessions(sessions) if !sessions.covers(declared_window(request).as_ref()) => None,
            reading => Some(reading),
        }
    }

    /// The reading of a target that the snapshot lacks.
    pub(super) fn missing_reading(&self, request: &ReadRequest, table: &RegionTable) -> Reading {
        if !table.hosts(request.target.resource, &request.target.region) {
            return Reading::without_macie(request.region_named);
        }
        let declared = declared_window(request);
        let why = match (self.readings.get(&request.target), declared) {
            (Some(Reading::Sessions(sessions)), Some(window)) if !sessions.covers(Some(&window)) => {
                format!(
                    "the snapshot {} does not hold all sessions of the declared `ended_within`, {window}",
                    self.name
                )
            }
            _ => format!("the snapshot {} lacks the declared settings of this target", self.name),
        };
        Reading::Unread(Unread::local(UnreadReason::NotListed, why))
    }

    /// Summary of the reused readings, from the start of the run that read each.
    pub(super) fn reuse_summary(&self, times: Vec<Option<Timestamp>>) -> Option<ReusedReadings> {
        let read_at = times.iter().flatten().min().copied()?;
        let readings = times.iter().flatten().count();
        Some(ReusedReadings { readings, read_at, times: if self.snapshot.is_some() { Vec::new() } else { times } })
    }

    /// Checks that an earlier report has the policies, environment, selection and shard of this run.
    ///
    /// # Errors
    ///
    /// If one of them differs.
    pub(super) fn ensure_compatible(
        &self,
        view: &View<'_>,
        digest: &str,
        environment: Environment,
        scope: RunScope<'_>,
    ) -> Result<(), CliError> {
        ensure_same_selection(view, scope.selection, &self.name)?;
        let differs = if view.run.policy_digest != digest {
            "its policies differ from those of this run"
        } else if self.environment != environment {
            "it is from another AWS environment than this run"
        } else if Shard::part(view.run.shard) != Shard::part(scope.shard) {
            "it covers another part of the accounts than this run (--shard)"
        } else {
            return Ok(());
        };
        Err(CliError::OtherReport { file: self.name.clone(), differs })
    }

    /// Checks that the credentials of an earlier report have the partition of the caller, if both are known.
    ///
    /// # Errors
    ///
    /// If they differ.
    pub(super) fn ensure_same_partition(&self, caller: Option<&Caller>) -> Result<(), CliError> {
        match (&self.partition, caller.map(|caller| &caller.partition)) {
            (Some(then), Some(now)) if then != now => {
                let differs = "it is from another AWS partition than the credentials of this run";
                Err(CliError::OtherReport { file: self.name.clone(), differs })
            }
            _ => Ok(()),
        }
    }
}

const FROM_FUTURE: &str = "its time is in the future";

/// The window that the declared rules about the sessions of a target have.
fn declared_window(request: &ReadRequest) -> Option<Window> {
    session_manager_sessions::declared_window(request.declared.as_deref()?)
}

/// Whether a time is in the future by the system's clock.
pub(super) fn is_future(time: Timestamp) -> bool {
    crate::model::is_to_come(time, Clock::System.now())
}

fn read(path: &Path) -> Result<(String, String), CliError> {
    let name = path.display().to_string();
    match files::read_saved_text(path, files::SAVED_MOST) {
        Ok(text) => Ok((name, text)),
        Err(cause) => Err(CliError::Unreadable { file: name, cause }),
    }
}
