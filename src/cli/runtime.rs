//! The runtime of the commands that talk to AWS.

use super::failure::Failure;

/// A runtime on this thread alone.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|cause| Failure::System { what: "the runtime cannot be started", cause })
}
