//! Ctrl-C, SIGTERM and SIGHUP: one shutdown signal for the whole process.
//!
//! A separate thread waits for signals, so that they count while blocking calls write reports or lock files. The first signal
//! lets a run report what it has read. The second ends the process at once.

use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::error::CliError;
use super::exit::ExitStatus;
use crate::files;

/// Interval of checks whether a run that should end is blocked.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// How long a run that should end may be idle, such as when it writes to a pipe that nobody reads.
const MAX_IDLE: Duration = Duration::from_secs(2);

/// Shutdown signal of the process. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct ShutdownSignal(Arc<State>);

#[derive(Debug, Default)]
struct State {
    token: CancellationToken,
    received: Mutex<Option<ExitStatus>>,
    arrived: Condvar,
    phase: AtomicU8,
}

/// Phase of the process, which decides what the first signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing to report: the process ends at once.
    Disposable = 0,
    /// What has been read is reported, unless that blocks.
    Reporting = 1,
    /// Changes are in flight: the process waits for them.
    Changing = 2,
}

impl ShutdownSignal {
    /// Starts to listen for signals.
    ///
    /// A SIGHUP that is ignored when the process starts, as under `nohup`, stays ignored. A SIGINT counts even then: scripts end
    /// a simulated AWS in their background with it.
    pub(super) fn listen() -> Result<Self, CliError> {
        let signal = Self::default();
        let runtime = new_runtime()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::listen()?
        };
        let handler = signal.clone();
        let waiting = async move {
            handler.receive(signals.next().await);
            handler.outlast(&mut signals).await;
        };
        let spawned = thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(waiting));
        spawned.map_err(|cause| CliError::System { what: "cannot listen for signals", cause })?;
        Ok(signal)
    }

    /// Resolves once a signal has arrived.
    pub(super) async fn cancelled(&self) {
        self.0.token.cancelled().await;
    }

    /// Exit status of the first signal, if one has arrived.
    pub(super) fn received(&self) -> Option<ExitStatus> {
        *self.0.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a phase and returns the previous one.
    pub(super) fn enter(&self, phase: Phase) -> Phase {
        match self.0.phase.swap(phase as u8, Ordering::SeqCst) {
            0 => Phase::Disposable,
            1 => Phase::Reporting,
            _ => Phase::Changing,
        }
    }

    /// Sleeps for a duration, or until a signal arrives.
    pub(super) fn sleep(&self, duration: Duration) {
        let received = self.0.received.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.arrived.wait_timeout_while(received, duration, |received| received.is_none()));
    }

    fn phase(&self) -> u8 {
        self.0.phase.load(Ordering::SeqCst)
    }

    /// Records the first signal.
    fn receive(&self, kind: ExitStatus) {
        *self.0.received.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
        self.0.arrived.notify_all();
        self.0.token.cancel();
        if self.phase() == Phase::Disposable as u8 {
            end(kind);
        }
    }

    /// Ends the process with the second signal, or when it is blocked.
    async fn outlast(&self, signals: &mut Signals) {
        let first = self.received().unwrap_or(ExitStatus::Interrupted);
        let mut idle = CpuActivity::now();
        loop {
            tokio::select! {
                biased;
                kind = signals.next() => end(kind),
                () = tokio::time::sleep(CHECK_INTERVAL) => {
                    if self.phase() == Phase::Changing as u8 {
                        idle = CpuActivity::now();
                    } else if idle.idle_for() >= MAX_IDLE {
                        end(first);
                    }
                }
            }
        }
    }
}

/// Ends the process, whose main thread may be blocked for good.
#[expect(clippy::exit, reason = "a blocked write never returns to `main`")]
fn end(kind: ExitStatus) -> ! {
    let _removed = files::remove_temporary_files();
    exit(kind.code().into())
}

/// Signals that end a process.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` if it is ignored.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|cause| CliError::System { what: "cannot listen for signals", cause });
        let hang_up = if ignores_hang_up() { None } else { Some(listen(SignalKind::hangup())?) };
        // A file at its size limit must fail the write, not end the process. The first handler replaces the system's for good,
        // even if nothing listens.
        drop(signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())?, hang_up })
    }

    async fn next(&mut self) -> ExitStatus {
        async fn received(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
            match signal {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            Some(()) = self.interrupt.recv() => ExitStatus::Interrupted,
            Some(()) = self.terminate.recv() => ExitStatus::Terminated,
            Some(()) = received(&mut self.hang_up) => ExitStatus::Terminated,
            else => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Result<Self, CliError> {
        Ok(Self)
    }

    async fn next(&mut self) -> ExitStatus {
        match tokio::signal::ctrl_c().await {
            Ok(()) => ExitStatus::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Whether SIGHUP is ignored. Without unsafe code, only Linux reports that.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    let status = files::read_text(Path::new("/proc/self/status"), 64 * 1024);
    status.is_ok_and(|status| is_ignored(&status, tokio::signal::unix::SignalKind::hangup().as_raw_value()))
}

/// Whether the mask of ignored signals contains a signal.
///
/// Source: proc_pid_status(5), `SigIgn`.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Runtime on the current thread.
pub(super) fn new_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|cause| CliError::System { what: "the runtime cannot be started", cause })
}

/// Idle time of the process, not counting the thread that measures it.
#[derive(Debug)]
struct CpuActivity {
    since: Instant,
    worked: Duration,
}

/// Processor time that counts as idle: reading the two clocks costs some itself.
const NEGLIGIBLE: Duration = Duration::from_millis(1);

impl CpuActivity {
    /// Starts with an active process.
    fn now() -> Self {
        Self { since: Instant::now(), worked: cpu_time() }
    }

    /// Idle time so far. Must be called repeatedly, by the same thread.
    fn idle_for(&mut self) -> Duration {
        let worked = cpu_time();
        if worked.saturating_sub(self.worked) >= NEGLIGIBLE || !IS_MEASURABLE {
            self.since = Instant::now();
        }
        self.worked = worked;
        self.since.elapsed()
    }
}

#[cfg(unix)]
const IS_MEASURABLE: bool = true;

#[cfg(not(unix))]
const IS_MEASURABLE: bool = false;

/// Processor time of the process without that of this thread.
#[cfg(unix)]
fn cpu_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    time(ClockId::ProcessCPUTime).saturating_sub(time(ClockId::ThreadCPUTime))
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nohup_is_told_by_the_mask_of_ignored_signals() {
        let status = |mask: &str| format!("Name:\tdriftline\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(is_ignored(&status("0000000000001001"), 1));
        assert!(!is_ignored(&status("0000000000001000"), 1), "SIGPIPE alone, as Rust sets it");
        assert!(!is_ignored("", 1) && !is_ignored("SigIgn:\tnonsense\n", 1));
    }

    #[test]
    fn a_signal_cancels_and_ends_a_sleep_and_stays_known() {
        let signal = ShutdownSignal::default();
        assert_eq!(signal.enter(Phase::Reporting), Phase::Disposable);
        assert_eq!(signal.received(), None);
        let other = signal.clone();
        let sleeper = thread::spawn(move || other.sleep(Duration::from_mins(10)));
        let began = Instant::now();
        signal.receive(ExitStatus::Terminated);
        sleeper.join().expect("it wakes");
        assert!(began.elapsed() < Duration::from_mins(5));
        signal.sleep(Duration::from_mins(10));
        assert_eq!(signal.received(), Some(ExitStatus::Terminated));
        assert!(signal.0.token.is_cancelled());
    }

    #[cfg(unix)]
    #[test]
    fn what_works_is_not_idle() {
        let mut idle = CpuActivity::now();
        let worker = std::thread::spawn(|| {
            let end = Instant::now() + Duration::from_millis(300);
            while Instant::now() < end {
                std::hint::black_box(0);
            }
        });
        std::thread::sleep(Duration::from_millis(150));
        let first = idle.idle_for();
        worker.join().expect("it ends");
        assert!(first < Duration::from_millis(100), "{first:?}");
    }
}
