//! Logs: to standard error, and only if asked for.

use tracing_subscriber::EnvFilter;

use super::outlet::Log;

/// Starts logging what `DRIFTLINE_LOG` asks for, such as `driftline=debug`. Without it nothing is logged.
pub(super) fn start(colour: bool) {
    let Ok(wanted) = std::env::var("DRIFTLINE_LOG") else { return };
    let filter = EnvFilter::new(wanted);
    let log = move || Log { colour };
    // A log that cannot be written is no reason to end: by itself it panics then. A second start, as in tests of the library, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log)
        .log_internal_errors(false)
        .with_ansi(colour)
        .try_init();
}
