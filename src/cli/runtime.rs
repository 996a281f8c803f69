//! The runtime of the commands that talk to AWS.

use super::arguments::Common;
use super::error::CliError;
use super::shutdown::{Phase, ShutdownSignal};

/// A runtime on this thread alone, for work that listens to the shutdown signal.
pub(super) struct Runtime {
    tokio: tokio::runtime::Runtime,
    shutdown: ShutdownSignal,
}

/// The runtime of a run.
pub(super) fn runtime(common: &Common) -> Result<Runtime, CliError> {
    Ok(Runtime { tokio: new_runtime()?, shutdown: common.shutdown.clone() })
}

/// A bare runtime.
pub(super) fn new_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|cause| CliError::System { what: "the runtime cannot be started", cause })
}

impl Runtime {
    /// Does some of what talks to AWS, before more of it. From now on the first signal lets the run report what it has read.
    pub(super) fn first<T>(&self, work: impl Future<Output = T>) -> T {
        self.shutdown.enter(Phase::Reporting);
        self.tokio.block_on(work)
    }

    /// Does the last of what talks to AWS. Whatever still looks up a host name is not waited for.
    pub(super) fn block_on<T>(self, work: impl Future<Output = T>) -> T {
        let done = self.first(work);
        self.tokio.shutdown_background();
        done
    }
}
