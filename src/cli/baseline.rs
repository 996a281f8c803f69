//! The baseline of `--since`: the report of the last run, and whether this run can be compared with it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::arguments::Common;
use super::error::CliError;
use super::output::stderr;
use super::saved_readings::{SavedReadings, is_to_come};
use crate::aws::Caller;
use crate::diagnostic::truncate_line;
use crate::files;
use crate::model::{AccountId, Environment, Shard, Target};
use crate::report::{History, ReportError, View, read_json, terminal};
use crate::resource::Reading;
use crate::resource::settings;

/// The report of the last run, if it can be compared with.
#[derive(Debug)]
pub(super) struct Baseline {
    path: PathBuf,
    quiet: bool,
    view: Option<View<'static>>,
    last: Option<PreviousReport>,
}

/// What stays of the last report while this run reads: a report may be larger than all that is read.
#[derive(Debug)]
struct PreviousReport {
    history: History,
    partition: Option<Box<str>>,
    management_account: Option<AccountId>,
}

/// What a run has to have in common with its baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunIdentity<'a> {
    /// Which AWS it is about.
    pub(super) source: Environment,
    /// Which part of the accounts.
    pub(super) shard: Option<Shard>,
    /// The readings that it takes over, or that stand in for AWS.
    pub(super) known: Option<&'a SavedReadings>,
}

/// What a file is that the report of this run is to replace.
#[derive(Debug)]
enum BaselineFile {
    /// The report of the last run.
    Report(Box<View<'static>>),
    /// What may be replaced, and why nothing can be compared with it.
    Nothing(String),
    /// Something else, which must stay as it is.
    Foreign(String),
    /// A report that only a newer driftline understands.
    OtherVersion(String),
}

impl Baseline {
    /// The baseline in a file, before anything is asked of AWS.
    ///
    /// # Errors
    ///
    /// If there is something in the file that the report of this run must not replace.
    pub(super) fn load(path: &Path, common: &Common) -> Result<Self, CliError> {
        let file = || path.display().to_string();
        let mut baseline = Self { path: path.to_owned(), quiet: common.quiet, view: None, last: None };
        let bytes = match files::read(path, files::SAVED_MOST) {
            Ok(bytes) => bytes,
            Err(cause) if cause.is_missing() => {
                let path = path.display();
                baseline.note(&format!("there is no report of an earlier run in {path}, so everything is new"));
                return Ok(baseline);
            }
            Err(cause) => return Err(CliError::Unreadable { file: file(), cause }),
        };
        match found(&bytes) {
            BaselineFile::Report(view) => baseline.view = Some(*view),
            BaselineFile::Nothing(why) => baseline
                .note(&format!("the last report in {} cannot be read, so everything is new: {why}", path.display())),
            BaselineFile::Foreign(what) => return Err(CliError::ForeignBaseline { path: file(), what }),
            BaselineFile::OtherVersion(what) => return Err(CliError::NewerBaseline { path: file(), what }),
        }
        Ok(baseline)
    }

    /// Holds the baseline against what this run is about. What differs is told, and then everything is new.
    ///
    /// # Errors
    ///
    /// If the readings that this run takes over are older than those of the baseline.
    pub(super) fn ensure_comparable(&mut self, run: RunIdentity<'_>, now: Timestamp) -> Result<(), CliError> {
        let Some(view) = self.view.take() else { return Ok(()) };
        let differs = different_source(&view, run);
        if differs.is_none()
            && let Some(known) = run.known
        {
            if is_to_come(time(&view.run.finished_at)) {
                self.discard("is of a time to come, so that nobody knows which readings are newer");
                return Ok(());
            }
            if let Some(target) = older(&view, known) {
                return Err(CliError::OlderReadings {
                    file: known.name.clone(),
                    baseline: self.path.display().to_string(),
                    target: target.to_string(),
                });
            }
        }
        match differs.or_else(|| different_kind(&view, run).map(str::to_owned)) {
            Some(differs) => self.discard(&differs),
            None => {
                self.last = Some(PreviousReport {
                    history: History::from_report(&view, now),
                    partition: view.run.caller.as_ref().and_then(|caller| caller.partition()),
                    management_account: view.run.management_account,
                });
            }
        }
        Ok(())
    }

    /// The problems of the baseline, now that it is known with whose credentials this run has read.
    pub(super) fn history(mut self, caller: Option<&Caller>, management_account: Option<AccountId>) -> Option<History> {
        let last = self.last.as_ref()?;
        let differs = match (&last.partition, caller, last.management_account, management_account) {
            (Some(then), Some(now), ..) if *then != now.partition => {
                Some(format!("is of the partition {then} and this run of {}", now.partition))
            }
            (_, _, Some(then), Some(now)) if then != now => {
                Some(format!("is of the organization of {then} and this run of that of {now}"))
            }
            _ => None,
        };
        if let Some(differs) = differs {
            self.discard(&differs);
        }
        self.last.map(|last| last.history)
    }

    fn discard(&mut self, differs: &str) {
        self.last = None;
        self.note(&format!("the last report in {} {differs}, so everything is new", self.path.display()));
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            stderr(&format!("note: {}\n", terminal(text)));
        }
    }
}

/// Problems of what this run does not look at would pass for resolved.
fn different_source(view: &View<'_>, run: RunIdentity<'_>) -> Option<String> {
    let word = |source| match source {
        Environment::Aws => "AWS",
        Environment::Simulation => "a simulated AWS",
    };
    if view.run.source != run.source {
        return Some(format!("is about {} and this run about {}", word(view.run.source), word(run.source)));
    }
    let (then, now) = (Shard::part(view.run.shard), Shard::part(run.shard));
    let part = |shard: Option<Shard>| shard.map_or("all accounts".to_owned(), |part| format!("shard {part}"));
    (then != now).then(|| format!("is about {} and this run about {}", part(then), part(now)))
}

/// What only a snapshot has seen is not what AWS has shown.
fn different_kind(view: &View<'_>, run: RunIdentity<'_>) -> Option<&'static str> {
    let now = run.known.is_some_and(|known| known.snapshot.is_some());
    match (view.run.snapshot.is_some(), now) {
        (true, false) => Some("is about a snapshot and this run about what is live"),
        (false, true) => Some("is about what was live and this run about a snapshot"),
        _ => None,
    }
}

/// The first target of which the readings that are taken over say otherwise than the baseline, and no later: what has changed
/// since would pass for resolved.
fn older(view: &View<'_>, known: &SavedReadings) -> Option<Target> {
    view.targets.iter().find_map(|target| {
        let place = Target::macie_session(target.account, target.region.parse().ok()?);
        let reading = known.reading(&place)?;
        let (then, now) = (time(view.began_reading(&target)), known.time(&place));
        // Times are whole seconds: two runs may have begun in one. Snapshots are not taken as often.
        let is_older = now < then || (now == then && known.snapshot.is_none());
        let differs = || target.reading().ok().is_none_or(|earlier| !is_same_reading(reading, &earlier));
        (is_older && differs()).then_some(place)
    })
}

fn is_same_reading(one: &Reading, other: &Reading) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
        && settings().iter().all(|setting| one.live_value(setting) == other.live_value(setting))
}

/// A time of a sound report, which is one.
fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::MAX)
}

fn found(bytes: &[u8]) -> BaselineFile {
    // What a disk leaves of a file whose bytes it had not written yet is as good as empty.
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return BaselineFile::Nothing("it is empty".to_owned());
    }
    // The same of the end of a file.
    let text = String::from_utf8_lossy(bytes.trim_ascii_end());
    let text = text.trim_end_matches('\0');
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match read_json(text) {
        Ok(view) => BaselineFile::Report(Box::new(view)),
        Err(error @ ReportError::OtherVersion(_)) => BaselineFile::OtherVersion(error.to_string()),
        // Somebody may have altered it, and may want it back: only what was cut off is worth nothing.
        Err(error @ (ReportError::NotAReport(_) | ReportError::Unsound(_))) => BaselineFile::Foreign(error.to_string()),
        Err(error @ (ReportError::CutOff(_) | ReportError::NotJson(_))) => match prefix(text) {
            Prefix::Other => BaselineFile::Foreign("it does not begin as a report of driftline".to_owned()),
            Prefix::Version(version) => BaselineFile::OtherVersion(ReportError::OtherVersion(version).to_string()),
            Prefix::Unfinished => BaselineFile::OtherVersion(
                "it was cut off within its format version, so that nobody knows which it is".to_owned(),
            ),
            Prefix::Report if matches!(error, ReportError::CutOff(_)) => BaselineFile::Nothing(error.to_string()),
            Prefix::Report => BaselineFile::Foreign(error.to_string()),
        },
    }
}

/// How a text begins that is no JSON.
#[derive(Debug, PartialEq, Eq)]
enum Prefix {
    /// As something else than a report.
    Other,
    /// As a report of the version that this driftline reads, or one that was cut off before its version.
    Report,
    /// As a report whose version has no end.
    Unfinished,
    /// As a report of another version.
    Version(String),
}

/// How a text begins that is no JSON.
fn prefix(text: &str) -> Prefix {
    let mut left = text;
    for part in ["{", "\"format\"", ":", "\"driftline.report\""] {
        let here = left.trim_start();
        match here.strip_prefix(part) {
            Some(rest) => left = rest,
            None if part.starts_with(here) => return Prefix::Report,
            None => return Prefix::Other,
        }
    }
    for part in [",", "\"format_version\"", ":"] {
        let Some(rest) = left.trim_start().strip_prefix(part) else { return Prefix::Report };
        left = rest;
    }
    let value = left.trim_start();
    match value.split_once(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '}')) {
        Some(("1", _)) => Prefix::Report,
        Some((version, _)) => Prefix::Version(truncate_line(version)),
        None if value.is_empty() => Prefix::Report,
        // It may go on, as that of 12 does.
        None if value == "1" => Prefix::Unfinished,
        None => Prefix::Version(truncate_line(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_begins_as_a_report() {
        let whole = "{\n  \"format\": \"driftline.report\",\n  \"format_version\": 1,\n  \"tool\": {";
        let version = whole.find(": 1").expect("a version") + 3;
        assert!(matches!(found(&whole.as_bytes()[..version]), BaselineFile::OtherVersion(_)), "it may go on");
        for end in (1..whole.len()).filter(|end| *end != version) {
            assert!(matches!(found(&whole.as_bytes()[..end]), BaselineFile::Nothing(_)), "{}", &whole[..end]);
        }
        let newer = whole.replace(": 1,", ": 12,");
        assert!(matches!(found(newer.as_bytes()), BaselineFile::OtherVersion(_)));
        for version in ["2", "\"2\"", "99999999999999999999999", "0", "-1", "1.5", "null", "10"] {
            let begun = format!("{{\"format\":\"driftline.report\",\"format_version\":{version}");
            for text in [begun.clone(), begun.clone() + ",\"tool\":", begun + "}"] {
                assert!(
                    !matches!(found(text.as_bytes()), BaselineFile::Nothing(_) | BaselineFile::Report(_)),
                    "{text}"
                );
            }
        }
        assert!(matches!(found(format!("{}\0\0", &whole[..whole.len() - 3]).as_bytes()), BaselineFile::Nothing(_)));
        for empty in ["", " \n", "\0\0\0"] {
            assert!(matches!(found(empty.as_bytes()), BaselineFile::Nothing(_)), "{empty:?}");
        }
    }

    #[test]
    fn what_begins_as_something_else_is_foreign() {
        for text in [
            "version: 1\nmacie_sessions: []\n",
            "[aws]\nrole_name = \"x\"\n",
            "#!/bin/sh\n",
            "{}",
            "[]",
            "7",
            "{\"format\": \"driftline.plan\", \"format_version\": 1}",
            "{\"format\": \"driftline.journal\", \"format_version\": 1}\n{}\n",
            "{\"type\":\"run_start\",\"format\":\"driftline.report-line\"}\n{}\n",
            "{\"format\": \"driftline.report-line\", ",
            "{\"format\": \"driftline.snap",
            "{\"version\": 1, ",
        ] {
            assert!(matches!(found(text.as_bytes()), BaselineFile::Foreign(_)), "{text}");
        }
        assert!(matches!(found(&[0xff, 0xfe, 0x7b]), BaselineFile::Foreign(_)));
    }
}
