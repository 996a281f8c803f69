//! Colour, for those who want it.

use anstyle::{AnsiColor, Style};

/// Whether and how words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Not at all.
    Plain,
    /// With the 16 colours that every terminal has.
    Ansi,
}

impl Paint {
    fn wrap(self, style: Style, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("{style}{text}{style:#}"),
        }
    }

    /// What is as wanted.
    pub fn good(self, text: &str) -> String {
        self.wrap(AnsiColor::Green.on_default(), text)
    }

    /// What drifts.
    pub fn bad(self, text: &str) -> String {
        self.wrap(AnsiColor::Red.on_default().bold(), text)
    }

    /// What is not known.
    pub fn warn(self, text: &str) -> String {
        self.wrap(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// What is said beside the point.
    pub fn faint(self, text: &str) -> String {
        self.wrap(Style::new().dimmed(), text)
    }

    /// Headings.
    pub fn strong(self, text: &str) -> String {
        self.wrap(Style::new().bold(), text)
    }
}
