//! Standard output, standard error and the log.

use std::env;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::OnceLock;

use clap::ValueEnum;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::error::CliError;
use super::usage_error::UsageError;
use crate::diagnostic::{sanitize, strip_controls};
use crate::report::{LinkRoot, Paint};

/// Line width, in columns, of output that does not go to a terminal.
pub(super) const DEFAULT_WIDTH: usize = 120;

/// Widest paragraph that is still easy to read.
const MAX_WIDTH: usize = 160;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On terminals, unless an environment variable decides otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Output,
    Error,
}

impl Stream {
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Output => io::stdout().is_terminal(),
            Self::Error => io::stderr().is_terminal(),
        }
    }

    /// Line width, in columns.
    pub(super) fn width(self) -> usize {
        if self.is_terminal() { textwrap::termwidth().clamp(40, MAX_WIDTH) } else { DEFAULT_WIDTH }
    }

    /// Whether the stream gets colour.
    ///
    /// In this order: the option; NO_COLOR, if not empty; CLICOLOR_FORCE or FORCE_COLOR, if neither empty nor 0; CLICOLOR=0;
    /// a terminal that is not dumb.
    pub(super) fn paint(self, choice: ColorChoice) -> Paint {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let forced = |name: &str| set(name).is_some_and(|value| value != "0");
        let has_colour = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR").is_some() => false,
            ColorChoice::Auto if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
            ColorChoice::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
            ColorChoice::Auto => self.is_terminal() && set("TERM").is_none_or(|term| term != "dumb"),
        };
        if has_colour { Paint::Ansi } else { Paint::Plain }
    }

    /// Where the files of links are, if the stream is a terminal that shows links and gets colour.
    pub(super) fn links(self, choice: ColorChoice) -> Option<LinkRoot> {
        let shows_links = match self {
            Self::Output => supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            Self::Error => supports_hyperlinks::on(supports_hyperlinks::Stream::Stderr),
        };
        if shows_links && self.paint(choice) == Paint::Ansi { link_root() } else { None }
    }
}

#[cfg(unix)]
fn link_root() -> Option<LinkRoot> {
    static ROOT: OnceLock<Option<(String, String)>> = OnceLock::new();
    let root = || {
        let (folder, system) = (env::current_dir().ok()?, rustix::system::uname());
        Some((system.nodename().to_str().ok()?.to_owned(), folder.to_str()?.to_owned()))
    };
    ROOT.get_or_init(root).as_ref().map(|(host, folder)| LinkRoot { host, folder })
}

#[cfg(not(unix))]
fn link_root() -> Option<LinkRoot> {
    None
}

/// Writes to standard output. A closed pipe is no error: the reader has seen enough.
pub(super) fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Writes to standard error and ignores failures. The text holds no command that a CI agent would obey.
pub(super) fn stderr(text: &str) {
    let _ = io::stderr().lock().write_all(strip_controls(text).as_bytes());
}

/// Logs to standard error what `DRIFTLINE_LOG` selects, such as `driftline=debug`. Without it, nothing is logged.
pub(super) fn start_log(has_colour: bool) -> Result<(), CliError> {
    let Some(selection) = env::var_os("DRIFTLINE_LOG") else { return Ok(()) };
    let selection = selection.to_str().map(str::trim).ok_or(UsageError::LogFilter)?;
    if selection.is_empty() {
        return Ok(());
    }
    let is_module = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter));
    let levels: Targets = selection.parse().map_err(|_| UsageError::LogFilter)?;
    // The parser takes any text for the name of a module.
    if !levels.iter().all(|(name, _)| is_module(name)) {
        return Err(UsageError::LogFilter.into());
    }
    // By default a log line that cannot be written is a panic.
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || LogWriter { has_colour })
        .log_internal_errors(false)
        .with_ansi(has_colour);
    // A second start, as in tests of the library, changes nothing.
    let _ = tracing_subscriber::registry().with(lines.with_filter(levels)).try_init();
    Ok(())
}

/// Log writer that gets one whole line per call.
struct LogWriter {
    has_colour: bool,
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let lines = String::from_utf8_lossy(bytes);
        // With colours, the log has escaped foreign text itself.
        stderr(&if self.has_colour { lines } else { sanitize(&lines).into_owned().into() });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
