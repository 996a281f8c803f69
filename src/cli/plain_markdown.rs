//! Markdown as text for a terminal: headings, wrapped paragraphs, indented code.

use std::fmt::Write as _;
use std::path::Path;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::report::{Paint, TextOptions, wrapped};

/// Indentation of everything below a heading.
const INDENT: &str = "  ";

/// Indentation of code.
const CODE_INDENT: &str = "      ";

/// Part of a page.
enum Block {
    Heading(String),
    Paragraph(String),
    Code(String),
    Item(String),
}

/// The text of a page. Code that stands in a sentence has backticks, or a colour in place of them.
pub(super) fn plain_markdown(page: &str, options: TextOptions) -> String {
    let mut out = String::new();
    let mut follows_item = false;
    for block in blocks(page, options.paint) {
        let is_item = matches!(block, Block::Item(_));
        if !(out.is_empty() || is_item && follows_item) {
            out.push('\n');
        }
        follows_item = is_item;
        match block {
            Block::Heading(text) => out.extend([&options.paint.strong(&text), "\n"]),
            Block::Paragraph(text) => push_wrapped(&text, INDENT, options.width, &mut out),
            Block::Item(text) => push_wrapped(&text, "  - ", options.width, &mut out),
            Block::Code(text) => {
                for line in text.lines() {
                    out.extend([if line.is_empty() { "" } else { CODE_INDENT }, line, "\n"]);
                }
            }
        }
    }
    out
}

/// Adds a paragraph whose first line has a prefix, and whose other lines are indented as far.
pub(super) fn push_wrapped(text: &str, prefix: &str, width: usize, out: &mut String) {
    let indent = prefix.len();
    for (index, line) in wrapped(text, width.saturating_sub(indent)).iter().enumerate() {
        let start = if index == 0 { prefix } else { "" };
        // Writing into a String cannot fail.
        let _ = writeln!(out, "{start:indent$}{line}");
    }
}

/// The parts of a page, in order.
fn blocks(page: &str, paint: Paint) -> Vec<Block> {
    let (mut blocks, mut text, mut link) = (Vec::new(), String::new(), None);
    let (mut in_heading, mut in_item) = (false, false);
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::Start(Tag::Item) => in_item = true,
            Event::Start(Tag::Link { dest_url, .. }) => link = Some(dest_url),
            Event::Text(words) => text.push_str(&words),
            Event::Code(code) if in_heading => text.push_str(&code),
            Event::Code(code) => text.push_str(&inline_code(&code, paint)),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Link) => text.extend(link.take().map(|target| format!(" ({})", docs_path(&target)))),
            Event::End(TagEnd::Heading(_)) => {
                in_heading = false;
                blocks.push(Block::Heading(std::mem::take(&mut text)));
            }
            Event::End(TagEnd::Paragraph) if !in_item => blocks.push(Block::Paragraph(std::mem::take(&mut text))),
            Event::End(TagEnd::Item) => {
                in_item = false;
                blocks.push(Block::Item(std::mem::take(&mut text)));
            }
            Event::End(TagEnd::CodeBlock) => blocks.push(Block::Code(std::mem::take(&mut text))),
            _ => {}
        }
    }
    blocks
}

/// Code in a sentence. Each word is painted for itself, so that no line break falls between a colour and its end.
fn inline_code(code: &str, paint: Paint) -> String {
    match paint {
        Paint::Plain => format!("`{code}`"),
        Paint::Ansi => code.split(' ').map(|word| paint.strong(word)).collect::<Vec<_>>().join(" "),
    }
}

/// The path in the repository that a link of a page in `docs/reference/diagnostics/` leads to.
fn docs_path(target: &str) -> String {
    if target.contains("://") {
        return target.to_owned();
    }
    path_clean::clean(Path::new("docs/reference/diagnostics").join(target)).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Detail;

    const PAGE: &str =
        "# `a-code`\n\nSome `code of two` and\na [link](../plan.md).\n\n- one\n- two\n\n```yaml\na:\n\n  - b\n```\n";

    fn rendered(page: &str, paint: Paint, width: usize) -> String {
        plain_markdown(page, TextOptions { width, paint, detail: Detail::Normal, administrator: None, links: None })
    }

    #[test]
    fn a_page_is_plain_text() {
        let expected = "a-code\n\n  Some `code of two` and a link (docs/reference/plan.md).\n\n  - one\n  - two\n\n      a:\n\n        - b\n";
        assert_eq!(rendered(PAGE, Paint::Plain, 80), expected);
    }

    #[test]
    fn paragraphs_are_wrapped_and_items_hang() {
        let page = format!("- {}\n", "word ".repeat(10));
        assert_eq!(rendered(&page, Paint::Plain, 30), "  - word word word word word\n    word word word word word\n");
    }

    #[test]
    fn colour_takes_the_place_of_marks_word_by_word() {
        let text = rendered(PAGE, Paint::Ansi, 80);
        assert!(text.starts_with("\u{1b}[1ma-code\u{1b}[0m\n"), "{text:?}");
        assert!(text.contains("\u{1b}[1mcode\u{1b}[0m \u{1b}[1mof\u{1b}[0m \u{1b}[1mtwo\u{1b}[0m"), "{text:?}");
        assert!(!text.contains('`'), "{text:?}");
    }
}
