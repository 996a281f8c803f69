//! Baseline of `--since`: the report of the previous run, if this run can be compared with it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::CliError;
use super::run_context::RunContext;
use super::saved_readings::{SavedReadings, is_future};
use super::selection::{RunScope, ensure_same_selection};
use crate::aws::Caller;
use crate::diagnostic::truncate_line;
use crate::files::{self, ReadError};
use crate::model::{AccountId, Environment, Shard, Target};
use crate::report::{History, ReportError, View, read_json};
use crate::resource::{Reading, settings};

/// Report of the previous run, if this run can be compared with it.
pub(super) struct Baseline<'a> {
    context: &'a RunContext,
    path: PathBuf,
    view: Option<View<'static>>,
    previous: Option<PreviousReport>,
}

/// Part of the previous report that is kept while this run reads. The whole report may be larger than all readings.
#[derive(Debug)]
struct PreviousReport {
    history: History,
    partition: Option<Box<str>>,
    management_account: Option<AccountId>,
}

/// What a run must have in common with its baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunIdentity<'a> {
    pub(super) environment: Environment,
    pub(super) scope: RunScope<'a>,
    /// The saved readings that the run uses.
    pub(super) saved: Option<&'a SavedReadings>,
}

/// Content of the file that the report of this run will replace.
#[derive(Debug)]
enum BaselineFile {
    /// The report of the previous run.
    Report(Box<View<'static>>),
    /// Replaceable content, and why it cannot be compared.
    Unusable(String),
    /// Something else, which must not be replaced.
    Foreign(String),
    /// A report of another format version.
    OtherVersion(String),
}

impl<'a> Baseline<'a> {
    /// Loads the baseline of a file, before any call to AWS.
    ///
    /// # Errors
    ///
    /// If the report of this run must not replace the file.
    pub(super) fn load(path: &Path, context: &'a RunContext) -> Result<Self, CliError> {
        let file = || path.display().to_string();
        let mut baseline = Self { context, path: path.to_owned(), view: None, previous: None };
        let (bytes, damage) = match files::read_saved_beginning(path, files::SAVED_MOST) {
            Ok(read) => read,
            Err(cause) if cause.is_missing() => {
                let path = path.display();
                context.note(&format!("there is no previous report in {path}, so everything is new"));
                return Ok(baseline);
            }
            Err(cause) => return Err(CliError::Unreadable { file: file(), cause }),
        };
        match classify_damaged(&bytes, damage) {
            BaselineFile::Report(view) => baseline.view = Some(*view),
            BaselineFile::Unusable(why) => context.note(&format!(
                "the previous report in {} cannot be read, so everything is new: {why}",
                path.display()
            )),
            BaselineFile::Foreign(what) => return Err(CliError::ForeignBaseline { path: file(), what }),
            BaselineFile::OtherVersion(what) => return Err(CliError::NewerBaseline { path: file(), what }),
        }
        Ok(baseline)
    }

    /// Checks that the run and its baseline are comparable. If they are not, a note says so, and everything counts as new.
    ///
    /// # Errors
    ///
    /// If the baseline has another selection, or the readings that this run reuses are older than those of the baseline.
    pub(super) fn ensure_comparable(&mut self, run: RunIdentity<'_>, now: Timestamp) -> Result<(), CliError> {
        let Some(view) = self.view.take() else { return Ok(()) };
        ensure_same_selection(&view, run.scope.selection, &self.path.display().to_string())?;
        let difference = scope_difference(&view, run);
        if difference.is_none()
            && let Some(saved) = run.saved
        {
            if is_future(view.run.finished_at) {
                self.discard("is from the future");
                return Ok(());
            }
            if let Some(target) = first_older(&view, saved) {
                return Err(CliError::OlderReadings {
                    file: saved.name.clone(),
                    baseline: self.path.display().to_string(),
                    target: target.to_string(),
                });
            }
        }
        match difference.or_else(|| kind_difference(&view, run).map(str::to_owned)) {
            Some(difference) => self.discard(&difference),
            None => {
                self.previous = Some(PreviousReport {
                    history: History::from_report(&view, now),
                    partition: view.run.caller.as_ref().map(|caller| caller.partition.clone()),
                    management_account: view.run.management_account,
                });
            }
        }
        Ok(())
    }

    /// History of the baseline, once the credentials of this run are known.
    pub(super) fn history(mut self, caller: Option<&Caller>, management_account: Option<AccountId>) -> Option<History> {
        let previous = self.previous.as_ref()?;
        let difference = match (&previous.partition, caller, previous.management_account, management_account) {
            (Some(then), Some(now), ..) if *then != now.partition => {
                Some(format!("is from the partition {then}, and this run from {}", now.partition))
            }
            (_, _, Some(then), Some(now)) if then != now => {
                Some(format!("is from the organization of {then}, and this run from that of {now}"))
            }
            _ => None,
        };
        if let Some(difference) = difference {
            self.discard(&difference);
        }
        self.previous.map(|previous| previous.history)
    }

    fn discard(&mut self, difference: &str) {
        self.previous = None;
        let path = self.path.display();
        self.context.note(&format!("the previous report in {path} {difference}, so everything is new"));
    }
}

/// Difference in environment or shard. Problems outside the scope of this run would pass for resolved.
fn scope_difference(view: &View<'_>, run: RunIdentity<'_>) -> Option<String> {
    let name = |environment| match environment {
        Environment::Aws => "AWS",
        Environment::Simulation => "a simulated AWS",
    };
    if view.run.source != run.environment {
        return Some(format!("covers {}, and this run covers {}", name(view.run.source), name(run.environment)));
    }
    let (then, now) = (Shard::part(view.run.shard), Shard::part(run.scope.shard));
    let part = |shard: Option<Shard>| shard.map_or("all accounts".to_owned(), |part| format!("shard {part}"));
    (then != now).then(|| format!("covers {}, and this run covers {}", part(then), part(now)))
}

/// Difference between live readings and a snapshot.
fn kind_difference(view: &View<'_>, run: RunIdentity<'_>) -> Option<&'static str> {
    let now = run.saved.is_some_and(|saved| saved.snapshot.is_some());
    match (view.run.snapshot.is_some(), now) {
        (true, false) => Some("uses a snapshot, and this run reads the live state"),
        (false, true) => Some("shows the live state, and this run uses a snapshot"),
        _ => None,
    }
}

/// First target with a saved reading that differs from the baseline and is not newer: the difference would pass for resolved.
fn first_older(view: &View<'_>, saved: &SavedReadings) -> Option<Target> {
    view.targets.iter().find_map(|target| {
        let place = Target::new(target.resource, target.account, target.region.clone());
        let reading = saved.reading(&place)?;
        let (then, now) = (view.began_reading(&target), saved.read_at(&place));
        // Times are whole seconds, and two runs may start within one. Snapshots are taken less often.
        let is_older = now < then || (now == then && saved.snapshot.is_none());
        let differs = || !is_same_reading(reading, &target.reading);
        (is_older && differs()).then_some(place)
    })
}

fn is_same_reading(one: &Reading, other: &Reading) -> bool {
    if let (Reading::Sessions(one), Reading::Sessions(other)) = (one, other) {
        return one.says_same(other);
    }
    std::mem::discriminant(one) == std::mem::discriminant(other)
        && settings().iter().all(|setting| one.live(setting) == other.live(setting))
}

/// Classifies the content of a file, or its beginning up to what cannot be decompressed. A whole report before the damage is not one:
/// its checksum is unknown or wrong.
fn classify_damaged(bytes: &[u8], damage: Option<ReadError>) -> BaselineFile {
    let Some(damage) = damage else { return classify(bytes) };
    match classify(bytes) {
        // It may have been anything.
        _ if bytes.is_empty() => BaselineFile::Foreign(damage.to_string()),
        BaselineFile::Report(_) | BaselineFile::Unusable(_) if matches!(damage, ReadError::TruncatedGzip) => {
            BaselineFile::Unusable(damage.to_string())
        }
        BaselineFile::Report(_) | BaselineFile::Unusable(_) => BaselineFile::Foreign(damage.to_string()),
        other => other,
    }
}

fn classify(bytes: &[u8]) -> BaselineFile {
    // After a crash, a file system may leave zeros for bytes that it had not written.
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return BaselineFile::Unusable("it is empty".to_owned());
    }
    let text = String::from_utf8_lossy(bytes.trim_ascii_end());
    let text = text.trim_end_matches('\0');
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match read_json(text) {
        Ok(view) => BaselineFile::Report(Box::new(view)),
        Err(error @ ReportError::OtherVersion(_)) => BaselineFile::OtherVersion(error.to_string()),
        // An edited report may be wanted back. Only a truncated one is worthless.
        Err(error @ (ReportError::NotAReport(_) | ReportError::Unsound(_))) => BaselineFile::Foreign(error.to_string()),
        Err(error @ (ReportError::CutOff(_) | ReportError::NotJson(_))) => match prefix(text) {
            Prefix::Other => BaselineFile::Foreign("it does not start like a driftline report".to_owned()),
            Prefix::Version(version) => BaselineFile::OtherVersion(ReportError::other_version(&version).to_string()),
            Prefix::TruncatedVersion => BaselineFile::OtherVersion(
                "it is truncated within its format version, which is therefore unknown".to_owned(),
            ),
            Prefix::Report if matches!(error, ReportError::CutOff(_)) => BaselineFile::Unusable(error.to_string()),
            Prefix::Report => BaselineFile::Foreign(error.to_string()),
        },
    }
}

/// Beginning of a text that is not JSON.
#[derive(Debug, PartialEq, Eq)]
enum Prefix {
    /// No report.
    Other,
    /// A report of the supported version, or truncated before its version.
    Report,
    /// A report that is truncated within its version.
    TruncatedVersion,
    /// A report of another version.
    Version(String),
}

/// Classifies the beginning of a text that is not JSON.
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
        // The version may go on, as 12 does.
        None if value == "1" => Prefix::TruncatedVersion,
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
        assert!(matches!(classify(&whole.as_bytes()[..version]), BaselineFile::OtherVersion(_)), "it may go on");
        for end in (1..whole.len()).filter(|end| *end != version) {
            assert!(matches!(classify(&whole.as_bytes()[..end]), BaselineFile::Unusable(_)), "{}", &whole[..end]);
        }
        let newer = whole.replace(": 1,", ": 12,");
        assert!(matches!(classify(newer.as_bytes()), BaselineFile::OtherVersion(_)));
        for version in ["2", "\"2\"", "99999999999999999999999", "0", "-1", "1.5", "null", "10"] {
            let begun = format!("{{\"format\":\"driftline.report\",\"format_version\":{version}");
            for text in [begun.clone(), begun.clone() + ",\"tool\":", begun + "}"] {
                assert!(
                    !matches!(classify(text.as_bytes()), BaselineFile::Unusable(_) | BaselineFile::Report(_)),
                    "{text}"
                );
            }
        }
        assert!(matches!(classify(format!("{}\0\0", &whole[..whole.len() - 3]).as_bytes()), BaselineFile::Unusable(_)));
        for empty in ["", " \n", "\0\0\0"] {
            assert!(matches!(classify(empty.as_bytes()), BaselineFile::Unusable(_)), "{empty:?}");
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
            assert!(matches!(classify(text.as_bytes()), BaselineFile::Foreign(_)), "{text}");
        }
        assert!(matches!(classify(&[0xff, 0xfe, 0x7b]), BaselineFile::Foreign(_)));
    }
}
