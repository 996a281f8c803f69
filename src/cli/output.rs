//! The one way to standard output.

use std::io::{self, ErrorKind, Write};

use super::error::CliError;
use crate::diagnostic::{sanitize, strip_controls};

/// Writes to standard output. That the reader has closed it is no failure: it had enough.
pub(super) fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Writes to standard error, which nobody may be reading. No CI system's agent finds a command in it.
pub(super) fn stderr(text: &str) {
    let _ = io::stderr().lock().write_all(strip_controls(text).as_bytes());
}

/// Standard error for the log, of which each line comes as a whole.
pub(super) struct Log {
    /// Whether the lines have colours.
    pub(super) colour: bool,
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let lines = String::from_utf8_lossy(bytes);
        // What others wrote in a line with colours was escaped by the log itself.
        stderr(&if self.colour { lines } else { sanitize(&lines).into_owned().into() });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
