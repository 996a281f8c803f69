//! Ctrl-C and SIGTERM.

use std::cell::Cell;
use std::future::pending;

use super::exit::Exit;
use super::failure::Failure;

/// Waits for a signal that asks the program to end, and remembers which it was.
pub(super) struct Interruption {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Interruption {
    /// Listens from now on. Must be called inside the runtime.
    pub(super) fn listen() -> Result<Self, Failure> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen =
                |kind| signal(kind).map_err(|cause| Failure::System { what: "signals cannot be listened to", cause });
            Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Resolves when a signal comes, after noting in `seen` which exit code it means.
    pub(super) async fn wait(&mut self, seen: &Cell<Option<Exit>>) {
        #[cfg(unix)]
        let exit = tokio::select! {
            Some(()) = self.interrupt.recv() => Exit::Interrupted,
            Some(()) = self.terminate.recv() => Exit::Terminated,
            else => pending().await,
        };
        #[cfg(not(unix))]
        let exit = match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => pending().await,
        };
        seen.set(Some(exit));
    }
}
