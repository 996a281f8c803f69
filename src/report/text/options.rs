//! Options of text reports: width, colour, detail.

use anstyle::{AnsiColor, Style};

use crate::model::{AccountId, Origin, Severity};
use crate::report::escape::{link_path, terminal};

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

    /// Text about something as severe as this.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical => AnsiColor::Red.on_default().bold().invert(),
            Severity::High => AnsiColor::Red.on_default().bold(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => Style::new().dimmed(),
        };
        self.wrap(style, text)
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
    /// Where the files of links are, if the terminal shows links.
    pub links: Option<LinkRoot>,
}

/// Beginning of links to files: the machine and the folder.
#[derive(Debug, Clone, Copy)]
pub struct LinkRoot {
    /// This machine, by which a terminal knows whether the files are on its own.
    pub host: &'static str,
    /// The working directory, an absolute path.
    pub folder: &'static str,
}

impl TextOptions {
    /// Painted text, in which the place of a declaration is a link to its file.
    ///
    /// Source: "Hyperlinks in terminal emulators" (OSC 8), the specification that terminals follow.
    pub(super) fn linked(self, painted: String, origin: Option<&Origin>) -> String {
        let (Some(LinkRoot { host, folder }), Some(origin)) = (self.links, origin) else { return painted };
        let place = terminal(&origin.to_string()).into_owned();
        let file = &origin.file;
        let path =
            if file.starts_with('/') { file.clone() } else { format!("{}/{file}", folder.trim_end_matches('/')) };
        let url = format!("file://{}{}", link_path(host), link_path(&path));
        painted.replacen(&place, &format!("\u{1b}]8;;{url}\u{1b}\\{place}\u{1b}]8;;\u{1b}\\"), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_declaration_is_a_link_where_the_terminal_shows_links() {
        let links = Some(LinkRoot { host: "host", folder: "/home/me" });
        let options =
            TextOptions { width: 80, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links };
        let link = |url: &str, text: &str| format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\");
        let origin = |file: &str| Origin { file: file.to_owned(), line: 7, column: 1, declaration: None };
        let linked = |file: &str, text: &str| options.linked(text.to_owned(), Some(&origin(file)));
        let at = link("file://host/home/me/a%20b.yaml", "a b.yaml:7");
        assert_eq!(linked("a b.yaml", "high · a b.yaml:7 (x)"), format!("high · {at} (x)"));
        assert_eq!(linked("/etc/a.yaml", "/etc/a.yaml:7"), link("file://host/etc/a.yaml", "/etc/a.yaml:7"));
        assert_eq!(linked("a.yaml", "no place"), "no place");
        let none = TextOptions { links: None, ..options };
        assert_eq!(none.linked("a.yaml:7".to_owned(), Some(&origin("a.yaml"))), "a.yaml:7");
    }
}
