//! A manual page in roff: sections, entries and paragraphs. Text is escaped here and nowhere else.

use roff::{Inline, Roff, bold, italic, roman};
use textwrap::{Options, WordSeparator, WordSplitter};

/// Beginning of every page, by which an earlier one is recognized.
pub(super) const MARK: &str = ".\\\" Written by `driftline man`.\n";

/// Width of the lines of a page before escaping. Longer ones are bad style in roff.
const LINE: usize = 66;

/// Manual page under construction.
pub(super) struct RoffPage {
    roff: Roff,
    /// Whether nothing stands below the last heading yet, where roff wants no mark of a paragraph.
    is_at_heading: bool,
}

impl RoffPage {
    /// Page with its title line.
    pub(super) fn new(name: &str, section: &str, date: &str) -> Self {
        let mut roff = Roff::new();
        let version = concat!("driftline ", env!("CARGO_PKG_VERSION"));
        roff.control("TH", [heading(name).as_str(), section, date, version, "driftline manual"]);
        // Neither hyphenated nor spread to the right edge: commands and paths stay as they are.
        roff.control("nh", []);
        roff.control("ad", ["l"]);
        Self { roff, is_at_heading: false }
    }

    /// Begins a section.
    pub(super) fn section(&mut self, name: &str) {
        self.roff.control("SH", [heading(name).as_str()]);
        self.is_at_heading = true;
    }

    /// Begins a part of a section.
    pub(super) fn subsection(&mut self, name: &str) {
        self.roff.control("SS", [plain(name).as_str()]);
        self.is_at_heading = true;
    }

    /// Adds the line by which the page is found.
    pub(super) fn name(&mut self, name: &str, about: &str) {
        self.section("NAME");
        self.roff.text([roman(wrapped(&format!("{name} - {about}")))]);
    }

    /// Adds paragraphs, which blank lines separate. Text in backticks is bold.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for paragraph in paragraphs(text) {
            self.begin_paragraph();
            self.roff.text(paragraph);
        }
    }

    /// Adds one paragraph of styled parts.
    pub(super) fn line(&mut self, parts: Vec<Inline>) {
        self.begin_paragraph();
        self.roff.text(parts);
    }

    /// Adds an entry of a list: what it is about, and paragraphs about it.
    pub(super) fn entry(&mut self, head: Vec<Inline>, body: &str) {
        self.roff.control("TP", []);
        self.roff.text(head);
        self.is_at_heading = false;
        let mut paragraphs = paragraphs(body);
        // An entry without a text is bad style.
        self.roff.text(paragraphs.next().unwrap_or_else(|| vec![roman("\u{a0}")]));
        for paragraph in paragraphs {
            self.roff.control("IP", []);
            self.roff.text(paragraph);
        }
    }

    /// Adds entries below the last one.
    pub(super) fn below(&mut self, add: impl FnOnce(&mut Self)) {
        self.roff.control("RS", []);
        add(self);
        self.roff.control("RE", []);
    }

    /// Adds lines as they are.
    pub(super) fn literal(&mut self, text: &str) {
        self.begin_paragraph();
        self.roff.control("RS", ["4"]).control("nf", []);
        for line in text.trim_end().lines() {
            self.roff.text([roman(line.trim_end())]);
        }
        self.roff.control("fi", []).control("RE", []);
    }

    /// The page.
    pub(super) fn render(&self) -> String {
        format!("{MARK}{}", self.roff.render())
    }

    fn begin_paragraph(&mut self) {
        if !std::mem::take(&mut self.is_at_heading) {
            self.roff.control("PP", []);
        }
    }
}

/// Option or key, with its value as a placeholder.
pub(super) fn term(name: &str, value: &str) -> Vec<Inline> {
    let mut parts = vec![bold(name)];
    if !value.is_empty() {
        parts.extend([roman(" "), italic(value)]);
    }
    parts
}

/// Text with what stands in backticks in bold.
pub(super) fn styled(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts.map(|(index, part)| if index % 2 == 1 { bold(part) } else { roman(part) }).collect()
}

fn paragraphs(text: &str) -> impl Iterator<Item = Vec<Inline>> {
    let paragraphs = text.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|text| !text.is_empty()).map(|text| styled(&wrapped(&text)))
}

/// Text in lines. Roff fills them anew.
fn wrapped(text: &str) -> String {
    let options = Options::new(LINE).word_separator(WordSeparator::AsciiSpace);
    textwrap::fill(text, options.word_splitter(WordSplitter::NoHyphenation).break_words(false))
}

/// Heading as an argument of a macro, which cannot hold every character.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '"' | '\\') && !letter.is_control()).collect()
}

fn heading(text: &str) -> String {
    plain(text).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of some paragraphs, without its title line and the definition of an apostrophe.
    fn page(text: &str) -> String {
        let mut page = RoffPage::new("x", "1", "2027-03-31");
        page.section("a \"b\"");
        page.paragraphs(text);
        let page = page.render();
        let (_, body) = page.split_once(".ad l\n").expect("a body");
        body.to_owned()
    }

    #[test]
    fn nothing_in_a_text_is_a_request() {
        assert_eq!(page(".so /etc/passwd"), ".SH \"A B\"\n\\&.so /etc/passwd\n");
        assert_eq!(page("'br\n\n\\fB -x"), ".SH \"A B\"\n\\&\\*(Aqbr\n.PP\n\\\\fB \\-x\n".replace("\\&\\*", "\\*"));
        let long = format!("{} .de x", "word ".repeat(13).trim_end());
        assert!(page(&long).contains("\n\\&.de x\n"), "{}", page(&long));
    }

    #[test]
    fn words_in_backticks_are_bold() {
        assert_eq!(page("see `a --b` there"), ".SH \"A B\"\nsee \\fBa \\-\\-b\\fR there\n");
    }
}
