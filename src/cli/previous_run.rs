//! Recurring runs: comparison with the previous one, silence without changes, jitter, and a lock against overlap.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::{SpanRelativeTo, Timestamp};
use sha2::{Digest as _, Sha256};

use super::baseline::Baseline;
use super::error::CliError;
use super::reserved_paths::ReservedPath;
use super::run_context::RunContext;
use super::shutdown::Phase;
use super::write_reports::Stdout;
use crate::drift::Verdict;
use crate::files::{Lock, LockError, is_open_descriptor, real};
use crate::report::{Changes, ReportRequest, View};

/// What runs that follow each other take.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SinceArgs {
    /// Compare with the report of the previous run in this file, then replace it with the JSON report of this run
    ///
    /// On the first run, the file does not exist and everything is new. A lock file beside it prevents overlapping runs.
    #[arg(long, value_name = "FILE")]
    pub(super) since: Option<PathBuf>,
    /// Print only what changed; nothing at all if nothing did and nothing is unread but what a waiver expects
    #[arg(long, requires = "since")]
    pub(super) only_changes: bool,
    /// With --only-changes: repeat everything after this time, such as 7d
    #[arg(long, value_name = "DURATION", requires = "only_changes", value_parser = parse_duration)]
    remind: Option<Duration>,
    /// Wait up to this time, such as 5m, for another run with the same file; by default, fail at once
    #[arg(long, value_name = "DURATION", requires = "since", value_parser = parse_duration)]
    lock_wait: Option<Duration>,
    /// Delay the start by up to this time, such as 5m; the delay is fixed for a machine and its policies, and counts towards
    /// the deadline
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    jitter: Option<Duration>,
}

/// Parses a positive duration such as `5m` or `7d`; a day has 24 hours.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let span: jiff::Span = text.parse().map_err(|_| "it is not a number with a unit".to_owned())?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| "it is too long".to_owned())?;
    match Duration::try_from(signed) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("it is not positive".to_owned()),
    }
}

impl SinceArgs {
    /// Request for the report that replaces the baseline.
    pub(super) fn replacement(&self) -> Option<ReportRequest> {
        self.since.as_deref().map(ReportRequest::json_to)
    }

    /// The lock file, which no output may overwrite.
    pub(super) fn reserved(&self) -> Option<ReservedPath> {
        Some(ReservedPath::lock(lock_path(self.since.as_ref()?)))
    }

    /// Refuses a path whose report cannot be replaced: a device, a pipe, an open descriptor.
    pub(super) fn validate(&self) -> Result<(), CliError> {
        let is_stream = |path: &PathBuf| {
            path.as_os_str() == "-"
                || is_open_descriptor(path)
                || path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
        };
        match self.since.as_ref().filter(|path| is_stream(path)) {
            Some(path) => Err(CliError::IrregularBaseline(path.display().to_string())),
            None => Ok(()),
        }
    }

    /// Locks the baseline, or fails if another run holds the lock.
    pub(super) fn lock(&self, context: &RunContext) -> Result<Option<Lock>, CliError> {
        let Some(since) = &self.since else { return Ok(None) };
        let path = lock_path(since);
        let lock = Lock::take(&path, self.lock_wait.unwrap_or_default()).map_err(|error| match error {
            LockError::Busy { holder } => CliError::Locked { path: path.display().to_string(), holder },
            other => other.into(),
        })?;
        if !lock.is_held() {
            context.note_no_locks(&path);
        }
        Ok(Some(lock))
    }

    /// Loads the baseline, if one is named.
    pub(super) fn baseline<'a>(&self, context: &'a RunContext) -> Result<Option<Baseline<'a>>, CliError> {
        self.since.as_deref().map(|path| Baseline::load(path, context)).transpose()
    }

    /// Sleeps for a time that is the same for this machine and these policies, and returns it.
    pub(super) fn sleep_jitter(&self, context: &RunContext, policy_digest: &str) -> Duration {
        let Some(most) = self.jitter else { return Duration::ZERO };
        let delay = delay(most, &gethostname::gethostname().to_string_lossy(), policy_digest);
        // A run that is interrupted here reports every target as unread.
        context.shutdown.enter(Phase::Reporting);
        context.shutdown.sleep(delay);
        delay
    }

    /// Part of the report that goes to standard output. A report that writes all of it records the time for `--remind`.
    ///
    /// Silence means that nothing changed, and that everything was read or is unread as expected.
    pub(super) fn notify(&self, view: &mut View<'_>) -> Stdout {
        let is_incomplete = matches!(view.verdict, Verdict::Incomplete | Verdict::DriftAndIncomplete);
        let finished_at = view.run.finished_at;
        let Some(changes) = &mut view.changes else { return Stdout::Write };
        let is_reminder = self.is_due(changes, finished_at);
        if !self.only_changes || changes.compared_with.is_none() || is_reminder {
            changes.is_reminder = is_reminder;
            changes.last_notified = Some(finished_at);
            return Stdout::Write;
        }
        match (changes.is_empty(), is_incomplete) {
            (false, _) => Stdout::Changes,
            (true, true) => Stdout::Unchanged,
            (true, false) => Stdout::Suppress,
        }
    }

    /// Whether unchanged findings are to be repeated.
    fn is_due(&self, changes: &Changes, finished_at: Timestamp) -> bool {
        let has_standing = changes.persisting > 0 || !changes.carried.is_empty();
        let (Some(remind), Some(notified)) = (self.remind, changes.last_notified) else { return false };
        // A time in the future comes from a clock that was ahead.
        let is_due = Duration::try_from(finished_at.duration_since(notified)).map_or(true, |since| since >= remind);
        changes.compared_with.is_some() && has_standing && is_due
    }
}

/// Lock file of a baseline. It is next to the file itself, so that a link to it has the same lock.
fn lock_path(since: &Path) -> PathBuf {
    let real = real(since);
    // The given spelling, if it is the same path.
    let path = if std::path::absolute(since).is_ok_and(|absolute| absolute == real) { since } else { &real };
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn delay(most: Duration, host: &str, policy_digest: &str) -> Duration {
    let digest = Sha256::digest(format!("{host}\0{policy_digest}"));
    let start: [u8; 4] = std::array::from_fn(|nth| digest.get(nth).copied().unwrap_or_default());
    most.mul_f64(f64::from(u32::from_be_bytes(start)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_steady_for_a_machine_and_differs_between_them() {
        let most = Duration::from_mins(5);
        let of = |host: &str| delay(most, host, "sha256:0");
        assert_eq!(of("a"), of("a"));
        assert!(of("a") != of("b") && of("a") <= most && of("b") <= most);
    }

    #[test]
    fn days_are_taken_and_nothing_is_not() {
        assert_eq!(parse_duration("7d"), Ok(Duration::from_hours(7 * 24)));
        assert_eq!(parse_duration("5m"), Ok(Duration::from_mins(5)));
        for bad in ["", "7", "-1d", "0s", "soon"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
