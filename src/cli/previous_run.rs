//! Runs that follow each other: comparing with the last one, keeping silent, starting apart, and never two at once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::{SpanRelativeTo, Timestamp};
use sha2::{Digest as _, Sha256};

use super::arguments::Common;
use super::baseline::Baseline;
use super::collision::ReservedPath;
use super::error::CliError;
use super::output::stderr;
use super::shutdown::{Phase, ShutdownSignal};
use crate::files::{Lock, LockError, is_open_descriptor, real};
use crate::report::{Changes, terminal};

/// What runs that follow each other take.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SinceArguments {
    /// Compare with the report of the last run in this file, and put the JSON report of this one in its place
    ///
    /// The first run finds no file, and everything is new. A lock file beside it keeps two runs from overlapping.
    #[arg(long, value_name = "FILE")]
    pub(super) since: Option<PathBuf>,
    /// Say nothing on standard output where nothing has changed and everything was read
    #[arg(long, requires = "since")]
    pub(super) only_changes: bool,
    /// With --only-changes: repeat what stands after so long, such as 7d
    #[arg(long, value_name = "DURATION", requires = "only_changes", value_parser = parse_duration)]
    remind: Option<Duration>,
    /// Wait so long for another run with the same file to end, such as 5m; without this, do not wait
    #[arg(long, value_name = "DURATION", requires = "since", value_parser = parse_duration)]
    lock_wait: Option<Duration>,
    /// Begin after a while of up to so long, the same one for this machine and these policies, such as 5m; the deadline counts
    /// from before
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    jitter: Option<Duration>,
}

/// A positive duration such as `5m` or `7d`; a day has 24 hours.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let span: jiff::Span = text.parse().map_err(|_| "it is not a number with a unit".to_owned())?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| "it is too long".to_owned())?;
    match Duration::try_from(signed) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("it is not positive".to_owned()),
    }
}

impl SinceArguments {
    /// The files of its own that nothing else of the run may write over.
    pub(super) fn kept(&self) -> Option<ReservedPath> {
        Some(ReservedPath::lock(lock_path(self.since.as_ref()?)))
    }

    /// Refuses what can hold no report, or none that takes the place of the last: a device, a pipe, what is open already.
    pub(super) fn settle(&self) -> Result<(), CliError> {
        let is_stream = |path: &PathBuf| {
            path.as_os_str() == "-"
                || is_open_descriptor(path)
                || path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
        };
        match self.since.as_ref().filter(|path| is_stream(path)) {
            Some(path) => Err(CliError::NoLast(path.display().to_string())),
            None => Ok(()),
        }
    }

    /// Keeps another run with the same file away, or fails if there is one.
    pub(super) fn lock(&self, common: &Common) -> Result<Option<Lock>, CliError> {
        let Some(since) = &self.since else { return Ok(None) };
        let path = lock_path(since);
        let lock = Lock::take(&path, self.lock_wait.unwrap_or_default()).map_err(|error| match error {
            LockError::Busy { holder } => CliError::Locked { path: path.display().to_string(), holder },
            other => other.into(),
        })?;
        if !lock.is_held() {
            tell_no_locks(&path, common);
        }
        Ok(Some(lock))
    }

    /// The report of the last run, if there is to be one.
    pub(super) fn baseline(&self, common: &Common) -> Result<Option<Baseline>, CliError> {
        self.since.as_deref().map(|path| Baseline::load(path, common)).transpose()
    }

    /// Waits for a while that is the same for this machine and these policies, and returns how long it was.
    pub(super) fn sleep_jitter(&self, policy_digest: &str, shutdown: &ShutdownSignal) -> Duration {
        let Some(most) = self.jitter else { return Duration::ZERO };
        let delay = delay(most, &gethostname::gethostname().to_string_lossy(), policy_digest);
        // What is interrupted here has read nothing, and says so of every target.
        shutdown.enter(Phase::Reporting);
        shutdown.sleep(delay);
        delay
    }

    /// Whether the report is told on standard output. What is not read is always told: silence means that all is as it was.
    pub(super) fn should_print(&self, changes: &Changes, unread: usize, finished_at: &str) -> bool {
        let standing = changes.persisting > 0 || !changes.carried.is_empty();
        let due = || {
            let (Some(remind), Some(told)) = (self.remind, &changes.last_notified) else { return false };
            match (told.parse::<Timestamp>(), finished_at.parse::<Timestamp>()) {
                // A time that is yet to come is no moment ago: a clock was ahead.
                (Ok(told), Ok(now)) => {
                    Duration::try_from(now.duration_since(told)).map_or(true, |since| since >= remind)
                }
                _ => true,
            }
        };
        !self.only_changes || !changes.is_empty() || unread > 0 || (standing && due())
    }
}

/// Says that nobody is kept away from a file.
pub(super) fn tell_no_locks(path: &Path, common: &Common) {
    if !common.quiet {
        let path = path.display();
        let text = format!("the disk of {path} knows no locks, so nothing keeps another run away while this one lasts");
        stderr(&format!("note: {}\n", terminal(&text)));
    }
}

/// Says that nothing keeps a run with a copy of the same plan away.
pub(super) fn tell_no_shared_lock(common: &Common) {
    if !common.quiet {
        let folder = std::env::temp_dir();
        let text = format!(
            "no lock can be made below {}, so nothing keeps an apply of a copy of this plan away while this one lasts",
            folder.display()
        );
        stderr(&format!("note: {}\n", terminal(&text)));
    }
}

/// Beside the file itself, so that a link to it has the same lock.
fn lock_path(since: &Path) -> PathBuf {
    let real = real(since);
    // As it was named, where that is the same.
    let path = if std::path::absolute(since).is_ok_and(|spelt| spelt == real) { since } else { &real };
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

    #[test]
    fn silence_means_that_all_is_read_and_as_it_was() {
        let base = Changes {
            compared_with: Some("2026-01-01T00:00:00Z".to_owned()),
            new: 0,
            changed: 0,
            persisting: 1,
            resolved: Vec::new(),
            carried: Vec::new(),
            last_notified: Some("2026-01-01T00:00:00Z".to_owned()),
            clock_was_ahead: false,
        };
        let quiet = SinceArguments { only_changes: true, ..SinceArguments::default() };
        let reminding = SinceArguments { remind: Some(Duration::from_hours(24)), ..quiet.clone() };
        let now = "2026-01-02T00:00:00Z";
        assert!(!quiet.should_print(&base, 0, now) && reminding.should_print(&base, 0, now));
        assert!(!reminding.should_print(&base, 0, "2026-01-01T23:59:59Z"));
        assert!(reminding.should_print(&base, 0, "2025-12-31T00:00:00Z"), "a clock was ahead");
        assert!(quiet.should_print(&base, 1, now), "what is unread is told");
        assert!(quiet.should_print(&Changes { new: 1, ..base.clone() }, 0, now));
        assert!(quiet.should_print(&Changes { compared_with: None, ..base.clone() }, 0, now), "the first run speaks");
        assert!(!reminding.should_print(&Changes { persisting: 0, ..base.clone() }, 0, now), "nothing stands");
        assert!(SinceArguments::default().should_print(&base, 0, now));
    }
}
