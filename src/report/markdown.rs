//! Markdown that stays within what a comment or a summary may hold.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::code_span;
use super::messages::{Selected, pluralize};
use super::unread_summary::{SharedCause, UnreadSummary};

/// The most bytes of a comment: GitHub refuses more than 65,536 characters, and 262,144 bytes.
///
/// Source: GitHub's own refusal; infracost/infracost#2119 for the limit in bytes.
const COMMENT_AT_MOST: usize = 60_000;

/// The bytes that are kept free for the line about the rows that a section leaves out.
const LEFT_OUT: usize = 120;

/// The rows that a section keeps before any other section gets more.
const FIRST_ROWS: usize = 5;

/// The most characters of a text that stands in a cell.
const CELL_AT_MOST: usize = 500;

/// The paragraph about a selection; empty without one.
pub(crate) fn selection_paragraph(selected: Option<Selected>) -> String {
    selected.map_or_else(String::new, |selected| format!("{} ({})\n\n", selected.count(), cell(&selected.options)))
}

/// A document in the making: text that has to be there, and rows, of which as many stand in it as fit.
///
/// Each section keeps its first rows, however long the sections before it are. The rest of the room goes to the sections in their
/// order.
#[derive(Debug)]
pub(crate) struct LimitedMarkdown {
    at_most: usize,
    parts: Vec<Part>,
}

/// A row, with the number of targets that it stands for.
pub(crate) type Row = (String, usize);

/// Where the reader finds what a section leaves out.
pub(crate) const FULL_REPORT: &str = "the full report lists each";

#[derive(Debug)]
enum Part {
    Text(String),
    Rows { rows: Vec<Row>, noun: &'static str, elsewhere: &'static str },
}

impl Default for LimitedMarkdown {
    fn default() -> Self {
        Self::with_limit(COMMENT_AT_MOST)
    }
}

impl LimitedMarkdown {
    /// An empty document of at most so many bytes.
    pub(crate) fn with_limit(at_most: usize) -> Self {
        Self { at_most, parts: Vec::new() }
    }

    /// Adds what has to be there.
    pub(crate) fn must(&mut self, piece: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(piece),
            _ => self.parts.push(Part::Text(piece.to_owned())),
        }
    }

    /// Adds rows, each a line of its own. What is left out of them is counted in nouns.
    pub(crate) fn rows(&mut self, rows: Vec<Row>, noun: &'static str, elsewhere: &'static str) {
        self.parts.push(Part::Rows { rows, noun, elsewhere });
    }

    /// Adds a table, and a blank line.
    pub(crate) fn table(&mut self, heads: &[&str], rows: Vec<(Vec<String>, usize)>, (noun, elsewhere): More) {
        self.must(&format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len())));
        let rows = rows.into_iter().map(|(cells, count)| (format!("| {} |\n", cells.join(" | ")), count));
        self.rows(rows.collect(), noun, elsewhere);
        self.must("\n");
    }

    /// Adds what stands folded under a title.
    pub(crate) fn folded(&mut self, title: &str, fill: impl FnOnce(&mut Self)) {
        self.must(&format!("<details>\n<summary>{title}</summary>\n\n"));
        fill(self);
        self.must("</details>\n\n");
    }

    /// Writes the whole.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text().as_bytes())
    }

    /// The whole.
    pub(crate) fn text(&self) -> String {
        let mut listed = self.listed().into_iter();
        let mut whole = String::new();
        for part in &self.parts {
            let (rows, noun, elsewhere) = match part {
                Part::Text(text) => {
                    whole.push_str(text);
                    continue;
                }
                Part::Rows { rows, noun, elsewhere } => (rows, noun, elsewhere),
            };
            let (kept, left_out) = rows.split_at(listed.next().unwrap_or_default());
            whole.extend(kept.iter().map(|(text, _)| text.as_str()));
            let more: usize = left_out.iter().map(|(_, count)| count).sum();
            if more > 0 {
                let noun = pluralize(more, &format!("more {noun}"));
                whole.extend(["\nand ", &noun, ": ", elsewhere, "\n"]);
            }
        }
        whole
    }

    /// How many rows of each section stand in the document.
    fn listed(&self) -> Vec<usize> {
        let size = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Rows { .. } => LEFT_OUT,
        };
        let sections: Vec<&Vec<Row>> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Rows { rows, .. } => Some(rows),
                Part::Text(_) => None,
            })
            .collect();
        let mut room = self.at_most.saturating_sub(self.parts.iter().map(size).sum());
        let share = room / sections.len().max(1);
        let mut listed = Vec::new();
        for rows in &sections {
            let mut used = 0;
            let fits = |row: &&Row| {
                used += row.0.len();
                used <= share
            };
            let first = rows.iter().take(FIRST_ROWS).take_while(fits).count();
            room -= rows.iter().take(first).map(|(text, _)| text.len()).sum::<usize>();
            listed.push(first);
        }
        for (rows, listed) in sections.into_iter().zip(&mut listed) {
            for (text, _) in rows.iter().skip(*listed) {
                let Some(rest) = room.checked_sub(text.len()) else {
                    // Nothing smaller follows what did not fit.
                    room = 0;
                    break;
                };
                (room, *listed) = (rest, *listed + 1);
            }
        }
        listed
    }
}

/// The noun of what rows stand for, and where the reader finds those that are left out.
pub(crate) type More = (&'static str, &'static str);

/// Adds what is unread, in sum: the causes that accounts share, as many as fit, and a table by reason; nothing if all was read.
pub(super) fn add_unread_in_sum(cut: &mut LimitedMarkdown, unread: &UnreadSummary) {
    let row = |(nth, cause): (usize, &SharedCause)| {
        let (headline, targets) = (cell(&cause.headline), pluralize(cause.targets, "target"));
        let said = if cause.said.is_empty() { String::new() } else { format!("<br>{}", cell(&cause.said)) };
        let blank = if nth == 0 { "" } else { "\n" };
        (format!("{blank}**{headline}** ({targets}): {}{said}\n", cell(&cause.fix)), cause.targets)
    };
    if !unread.shared.is_empty() {
        cut.rows(unread.shared.iter().enumerate().map(row).collect(), "target", FULL_REPORT);
        cut.must("\n");
    }
    let mut text = String::new();
    if !unread.reasons.is_empty() {
        text.push_str("| Unread | Accounts | Targets | What to do |\n| --- | ---: | ---: | --- |\n");
    }
    for total in &unread.reasons {
        let (reason, fix) = (total.reason.as_str(), cell(&total.fix));
        let targets = format!("{}{}", total.targets, total.expected_words());
        // Writing into a String cannot fail.
        let _ = writeln!(text, "| {reason} | {} | {targets} | {fix} |", total.accounts);
    }
    cut.must(&text);
}

/// A text in a cell: as code, shortened if it is long; empty if there is none.
pub(crate) fn cell(text: &str) -> String {
    cell_at_most(text, CELL_AT_MOST)
}

/// The same of at most so many characters.
pub(crate) fn cell_at_most(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => code_span(&format!("{}…", &text[..end])),
        None if text.is_empty() => String::new(),
        None => code_span(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize, length: usize) -> Vec<Row> {
        (0..count).map(|_| (format!("{}\n", "x".repeat(length - 1)), 2)).collect()
    }

    #[test]
    fn every_section_keeps_its_first_rows_and_says_what_it_leaves_out() {
        let mut document = LimitedMarkdown::default();
        document.must("head\n");
        for section in ["one", "two", "three"] {
            document.folded(section, |document| document.rows(rows(100, 1_000), "target", "the report lists each"));
        }
        let text = document.text();
        assert!(text.len() <= COMMENT_AT_MOST && text.len() > COMMENT_AT_MOST - 2_000, "{}", text.len());
        let listed: Vec<usize> = text.split("</details>").map(|part| part.matches("x\n").count()).collect();
        assert_eq!(listed[1..], [FIRST_ROWS, FIRST_ROWS, 0], "{listed:?}");
        assert!(listed[0] > 40, "the rest goes to the first: {listed:?}");
        assert_eq!(text.matches("\nand 190 more targets: the report lists each\n").count(), 2);
        assert!(text.ends_with("</details>\n\n"));
    }

    #[test]
    fn what_fits_is_there_and_a_long_text_is_shortened() {
        let mut document = LimitedMarkdown::with_limit(400);
        document.table(&["A", "B"], vec![(vec!["1".to_owned(), "2".to_owned()], 1)], ("target", FULL_REPORT));
        assert_eq!(document.text(), "| A | B |\n| --- | --- |\n| 1 | 2 |\n\n");
        assert_eq!(cell(&"é".repeat(1_000)), format!("`{}…`", "é".repeat(CELL_AT_MOST)));
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert_eq!(cell(""), "");
        let options = "--account 111122223333 ".repeat(3_000);
        let selected = Selected { count: 3_000, total: 9_000, options };
        assert!(selection_paragraph(Some(selected)).len() < CELL_AT_MOST + 100);
    }
}
