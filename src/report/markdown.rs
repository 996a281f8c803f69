//! Markdown that stays within what a comment or a summary may hold.

use std::borrow::Cow;
use std::io::{self, Write};

use super::FormatOptions;
use super::causes::{CauseLine, CauseSource, Causes};
use super::escape::code_span;
use super::messages::{Selected, pluralize};
use crate::model::Origin;

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

/// The most characters of a word in a narrow column: four columns then fit a comment, which is 728 px wide within its frame.
const WORD_AT_MOST: usize = 32;

/// The same of a path.
const PATH_AT_MOST: usize = 24;

/// More rows of a table are folded.
const ROWS_OPEN: usize = 20;

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

    /// Adds a table of which the first rows are open and the rest is folded.
    pub(crate) fn long_table(&mut self, heads: &[&str], mut rows: Vec<(Vec<String>, usize)>, more: More) {
        let rest = rows.split_off(rows.len().min(ROWS_OPEN));
        self.table(heads, rows, more);
        if !rest.is_empty() {
            let count: usize = rest.iter().map(|(_, count)| count).sum();
            let title = pluralize(count, &format!("more {}", more.0));
            self.folded(&title, |document| document.table(heads, rest, more));
        }
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

/// Adds the causes as a list, each with its fix; nothing if there are none.
pub(super) fn add_causes(document: &mut LimitedMarkdown, causes: &Causes, options: &FormatOptions) {
    let row = |line: &CauseLine| {
        let source = match &line.source {
            CauseSource::Declaration(origin) => {
                let name = origin.declaration.as_deref().map_or_else(String::new, |name| format!(" {}", cell(name)));
                format!("{}{name}: ", place(origin, options))
            }
            CauseSource::Unread(_) => line.reason().map_or_else(String::new, |reason| format!("`{reason}`: ")),
        };
        let said = if line.said.is_empty() { String::new() } else { format!("<br>{}", cell(&line.said)) };
        let fact = format!("{} {}{}", cell(&line.what), line.place_marked(cell), line.new_words());
        // The fix of drift is one of driftline's own sentences, in which commands are code already.
        let fix = match &line.source {
            CauseSource::Declaration(_) => line.fix.clone(),
            CauseSource::Unread(_) => cell(&line.fix),
        };
        (format!("- **{}** {source}{fact}{said}<br>fix: {fix}\n", line.severity), 1)
    };
    if !causes.lines.is_empty() {
        document.rows(causes.lines.iter().map(row).collect(), "cause", FULL_REPORT);
        document.must("\n");
    }
}

/// The file and the line of a declaration.
pub(super) fn place(origin: &Origin, options: &FormatOptions) -> String {
    linked(&code_span(&format!("{}:{}", options.path(&origin.file), origin.line)), origin, options)
}

/// The same for a narrow column: a long path breaks between its folders.
pub(super) fn table_place(origin: &Origin, options: &FormatOptions) -> String {
    let at = format!("{}:{}", options.path(&origin.file), origin.line);
    linked(&broken(&at, PATH_AT_MOST, (&['-'], &['/', '_'])), origin, options)
}

/// A text with the link to its line, if the options have a base for links. Nothing in a URL of theirs ends a link.
fn linked(text: &str, origin: &Origin, options: &FormatOptions) -> String {
    options.line_link(origin).map_or_else(|| text.to_owned(), |url| format!("[{text}]({url})"))
}

/// A text as code, shortened if it is long; empty if there is none.
pub(crate) fn cell(text: &str) -> String {
    cell_at_most(text, CELL_AT_MOST)
}

/// The same of at most so many characters.
pub(crate) fn cell_at_most(text: &str, most: usize) -> String {
    if text.is_empty() { String::new() } else { code_span(&cut(text, most)) }
}

/// The same for a narrow column: a long word breaks, since nothing else would make the column narrower.
pub(crate) fn table_cell(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        broken(&cut(text, CELL_AT_MOST), WORD_AT_MOST, (&[' ', '-'], &['/', ':', '.', ',', '_', '=']))
    }
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The text in spans, each in a line of its own, so that no word is longer than so many characters. Browsers break a word at some
/// characters by themselves. A long word breaks behind a mark if it has one.
///
/// Source: Unicode Line Breaking Algorithm: neither a slash nor a colon or an underscore is a place to break in front of a letter.
fn broken(text: &str, at_most: usize, (breaks, marks): (&[char], &[char])) -> String {
    let (mut spans, mut from, mut word, mut mark) = (Vec::new(), 0, 0, None);
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        word += 1;
        if breaks.contains(&character) {
            (word, mark) = (0, None);
        } else if word > at_most {
            let (cut, rest) = mark.unwrap_or((at, 1));
            spans.push(code_span(&text[from..cut]));
            (from, word, mark) = (cut, rest, None);
        }
        if marks.contains(&character) {
            mark = Some((end, 0));
        } else if let Some((_, behind)) = &mut mark {
            *behind += 1;
        }
    }
    spans.push(code_span(&text[from..]));
    spans.join("<br>")
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
        assert_eq!(table_cell(""), "");
        assert_eq!(table_cell("a short text"), "`a short text`");
        let arn = "arn:aws:kms:eu-central-1:111122223333:alias/session_manager_key_of_production";
        // Browsers break behind the last hyphen, and the word begins there.
        let broken = "`arn:aws:kms:eu-central-1:111122223333:alias/session_`<br>`manager_key_of_production`";
        assert_eq!(table_cell(arn), broken);
        assert_eq!(table_cell(&"é".repeat(40)), format!("`{}`<br>`{}`", "é".repeat(32), "é".repeat(8)));
        assert_eq!(table_cell(&"x-".repeat(40)), format!("`{}`", "x-".repeat(40)), "browsers break there");
        let options = "--account 111122223333 ".repeat(3_000);
        let selected = Selected { count: 3_000, total: 9_000, options };
        assert!(selection_paragraph(Some(selected)).len() < CELL_AT_MOST + 100);
    }
}
