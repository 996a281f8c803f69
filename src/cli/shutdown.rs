//! Ctrl-C, SIGTERM and SIGHUP: one shutdown signal for the whole process, from its first moment to its last.
//!
//! A thread of its own waits for signals, so that they count while nobody polls the runtime: reports are written, and files
//! locked, by calls that block. The first signal lets a run report what it has read, the second one ends the process at once.

use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::cpu_activity::CpuActivity;
use super::error::CliError;
use super::exit::ExitStatus;
use super::runtime::new_runtime;
use crate::files;

/// How often a run that has been asked to end is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a run that has been asked to end may do nothing: it waits for somebody who reads a pipe, and nobody does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The signal that asks the process to end. Copies are of the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct ShutdownSignal(Arc<State>);

#[derive(Debug, Default)]
struct State {
    token: CancellationToken,
    received: Mutex<Option<ExitStatus>>,
    arrived: Condvar,
    phase: AtomicU8,
}

/// What the process is doing, which decides what the first signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// There is nothing to report yet, or nothing that would be missed: the process ends at once.
    Disposable = 0,
    /// What has been read is reported, unless that blocks.
    Reporting = 1,
    /// Changes are under way: they are waited for.
    Changing = 2,
}

impl ShutdownSignal {
    /// Listens for signals from now on.
    ///
    /// A SIGHUP that is ignored when the process starts, as under `nohup`, stays ignored. A SIGINT counts all the same: scripts start
    /// a simulated AWS in their background, and end it by that.
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
        spawned.map_err(|cause| CliError::System { what: "signals cannot be listened to", cause })?;
        Ok(signal)
    }

    /// Resolves once a signal has come.
    pub(super) async fn cancelled(&self) {
        self.0.token.cancelled().await;
    }

    /// The exit code of the first signal, if one has come.
    pub(super) fn received(&self) -> Option<ExitStatus> {
        *self.0.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the process does from now on, and returns what it did before.
    pub(super) fn enter(&self, phase: Phase) -> Phase {
        match self.0.phase.swap(phase as u8, Ordering::SeqCst) {
            0 => Phase::Disposable,
            1 => Phase::Reporting,
            _ => Phase::Changing,
        }
    }

    /// Sleeps for so long, or until a signal comes.
    pub(super) fn sleep(&self, duration: Duration) {
        let received = self.0.received.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever panics with the lock in hand leaves it whole.
        drop(self.0.arrived.wait_timeout_while(received, duration, |received| received.is_none()));
    }

    fn phase(&self) -> u8 {
        self.0.phase.load(Ordering::SeqCst)
    }

    /// Takes in the first signal.
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
                () = tokio::time::sleep(LOOK_EVERY) => {
                    if self.phase() == Phase::Changing as u8 {
                        idle = CpuActivity::now();
                    } else if idle.idle_for() >= PATIENCE {
                        end(first);
                    }
                }
            }
        }
    }
}

/// The main thread may be blocked for good: only the process as a whole can end.
#[expect(clippy::exit, reason = "whoever is in `main` does not come back from a write that blocks")]
fn end(kind: ExitStatus) -> ! {
    exit(kind.code().into())
}

/// The signals that ask a process to end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where it is ignored.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen =
            |kind| signal(kind).map_err(|cause| CliError::System { what: "signals cannot be listened to", cause });
        let hang_up = if ignores_hang_up() { None } else { Some(listen(SignalKind::hangup())?) };
        // A file that has reached the limit of its size is an error of whoever writes it, and not the end of the process: the
        // first handler takes the place of the system's, for good, and nobody has to listen.
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

/// Whether SIGHUP is ignored, as far as the system tells without unsafe code: Linux does.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    let status = files::read_text(Path::new("/proc/self/status"), 64 * 1024);
    status.is_ok_and(|status| is_ignored(&status, tokio::signal::unix::SignalKind::hangup().as_raw_value()))
}

/// Whether a signal is in the mask of ignored signals.
///
/// Source: proc_pid_status(5), `SigIgn`.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

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
}
