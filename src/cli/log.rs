//! Logs: to standard error, and only if asked for.

use tracing_subscriber::EnvFilter;

use super::error::CliError;
use super::output::Log;

/// Starts logging what `DRIFTLINE_LOG` asks for, such as `driftline=debug`. Without it nothing is logged.
pub(super) fn start(colour: bool) -> Result<(), CliError> {
    let Some(wanted) = std::env::var_os("DRIFTLINE_LOG") else { return Ok(()) };
    // The parser that takes what it can would write what it cannot to standard error as it is.
    let filter =
        wanted.to_str().and_then(|wanted| EnvFilter::try_new(wanted.trim()).ok()).ok_or(CliError::LogFilter)?;
    let log = move || Log { colour };
    // A log that cannot be written is no reason to end: by itself it panics then. A second start, as in tests of the library, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log)
        .log_internal_errors(false)
        .with_ansi(colour)
        .try_init();
    Ok(())
}
