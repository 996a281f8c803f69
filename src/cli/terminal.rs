//! What the terminal is and wants.

use std::env;
use std::io::IsTerminal as _;

use super::arguments::{Common, When};
use crate::diagnostic::Rendering;
use crate::report::Paint;

/// The width of lines that do not go to a terminal, in columns.
pub(super) const WIDTH_ELSEWHERE: usize = 120;

/// The widest that a paragraph is still easy to read.
const WIDTH_AT_MOST: usize = 160;

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Output,
    Error,
}

impl Stream {
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Output => std::io::stdout().is_terminal(),
            Self::Error => std::io::stderr().is_terminal(),
        }
    }

    /// The width of its lines, in columns.
    pub(super) fn width(self) -> usize {
        if self.is_terminal() { textwrap::termwidth().clamp(40, WIDTH_AT_MOST) } else { WIDTH_ELSEWHERE }
    }

    /// Whether colour is wanted there.
    ///
    /// In this order: the option; NO_COLOR, if not empty; CLICOLOR_FORCE or FORCE_COLOR, if neither empty nor 0; CLICOLOR=0;
    /// a terminal that is not dumb.
    pub(super) fn paint(self, when: When) -> Paint {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let forced = |name: &str| set(name).is_some_and(|value| value != "0");
        let wanted = match when {
            When::Always => true,
            When::Never => false,
            When::Auto if set("NO_COLOR").is_some() => false,
            When::Auto if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
            When::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
            When::Auto => self.is_terminal() && set("TERM").is_none_or(|term| term != "dumb"),
        };
        if wanted { Paint::Ansi } else { Paint::Plain }
    }
}

/// How diagnostics are drawn on standard error.
pub(super) fn rendering(common: &Common) -> Rendering {
    Rendering { colour: Stream::Error.paint(common.color) == Paint::Ansi, width: Stream::Error.width().min(100) }
}
