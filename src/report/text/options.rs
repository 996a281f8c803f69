//! Options of text reports: width, colour, detail.

use anstyle::{AnsiColor, Style};

use crate::model::AccountId;

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

/// How much a text report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// In one line what is as it was, and the verdict.
    Unchanged,
    /// What changed since an earlier report, in one line what did not, and the verdict.
    Changes,
    /// Ledger and verdict.
    Quiet,
    /// What asks for attention in full, the rest in brief.
    Normal,
    /// Every target with its values, evidence, and what was overridden.
    Verbose,
}

/// How a text report looks.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions {
    /// The width of a line, in columns.
    pub width: usize,
    /// Whether there is colour.
    pub paint: Paint,
    /// How much is said.
    pub detail: Detail,
    /// Macie's administrator account, if the settings name it.
    pub administrator: Option<AccountId>,
}
