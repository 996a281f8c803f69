//! The sections below the options in the help of a command: exit codes, environment, examples.

/// Section of a help text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HelpSection {
    /// The heading, without its colon.
    pub(super) heading: String,
    /// The indented lines below it.
    pub(super) lines: Vec<String>,
    /// Paragraphs after it that are not indented.
    pub(super) notes: Vec<String>,
}

impl HelpSection {
    /// Splits the end of a help text: each section begins with a line that ends with a colon, and its lines are indented.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut sections: Vec<Self> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let is_indented = line.starts_with(' ');
            match (sections.last_mut(), line.strip_suffix(':')) {
                (_, Some(heading)) if !is_indented => {
                    sections.push(Self { heading: heading.to_owned(), lines: Vec::new(), notes: Vec::new() });
                }
                (Some(section), _) if is_indented => section.lines.push(line.to_owned()),
                (Some(section), _) => section.notes.push(line.to_owned()),
                (None, _) => {
                    let note = line.trim().to_owned();
                    sections.push(Self { heading: String::new(), lines: Vec::new(), notes: vec![note] });
                }
            }
        }
        sections
    }

    /// The entries of a list of codes: the first word of a line, and the rest.
    pub(super) fn by_word(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let line = line.trim();
            line.split_once(' ').map_or((line, ""), |(code, meaning)| (code, meaning.trim_start()))
        })
    }

    /// The examples: each a command, and what it is for, if that is said.
    pub(super) fn examples(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| {
            let line = line.trim();
            line.split_once("   ").map_or((line, ""), |(command, purpose)| (command, purpose.trim_start()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_text_ends_in_sections() {
        let text = "Exit codes:\n    0  clean\n  130  interrupted (Ctrl-C)\n\nA note.\n\nEnvironment:\n  A, B\n          first\n  C\n          \
                    second\n\nExamples:\n  x check\n  x check --y   with y";
        let sections = HelpSection::all(text);
        let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
        assert_eq!(headings, ["Exit codes", "Environment", "Examples"]);
        assert_eq!(sections[0].by_word().collect::<Vec<_>>(), [("0", "clean"), ("130", "interrupted (Ctrl-C)")]);
        assert_eq!(sections[0].notes, ["A note."]);
        assert_eq!(sections[2].examples().collect::<Vec<_>>(), [("x check", ""), ("x check --y", "with y")]);
    }
}
