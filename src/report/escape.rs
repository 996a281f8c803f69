//! Escaping, per format, in one place. Text from policies and from AWS is not trusted.

use std::borrow::Cow;

use crate::diagnostic::harmless;

/// One line of text for a terminal or a log: no control characters, no reordering, no line breaks, and nothing that a CI
/// system's agent would take for a command.
pub fn terminal(text: &str) -> Cow<'_, str> {
    let mut text = harmless(text);
    if text.contains(['\n', '\t']) {
        text = Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if text.contains("::") {
        text = Cow::Owned(apart(&text));
    }
    text
}

/// The text with a space in each `::` that could come to stand at the start of a line, however the text is wrapped. ARNs, with
/// a word before it, stay whole.
///
/// Source: actions/runner, ActionCommand.cs: `::command::` is obeyed at the start of a line, white space aside.
fn apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        let before = out.strip_suffix(':').map(|rest| rest.chars().next_back());
        if character == ':' && before.is_some_and(|before| before.is_none_or(|before| !before.is_ascii_graphic())) {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

/// Text in a code span of Markdown: nothing in it is a link, an image, a mention, HTML or a quick action. It may stand in a table.
///
/// Sources: CommonMark, "Code spans"; GitHub Flavored Markdown, "Tables", for the bar that ends a cell even in a span.
pub(crate) fn code_span(text: &str) -> String {
    let text = terminal(text).replace('|', "\\|");
    let mark = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{mark}{space}{text}{space}{mark}")
}

/// The mark that opens and closes a fence around some lines: longer than any run of backticks in them.
pub(crate) fn fence<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    "`".repeat(lines.into_iter().map(longest_run).max().unwrap_or(0).max(2) + 1)
}

/// A line of untrusted text inside a fence.
pub(crate) fn fenced(text: &str) -> Cow<'_, str> {
    terminal(text)
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_whatever_is_put_into_it() {
        assert_eq!(code_span("plain"), "`plain`");
        assert_eq!(code_span("a `b` ``c"), "```a `b` ``c```");
        assert_eq!(code_span("`x`"), "`` `x` ``");
        assert_eq!(code_span("a|b\n/close @team"), "`a\\|b /close @team`");
        assert_eq!(code_span(""), "`  `");
        assert_eq!(fence(["a", "b ```` c"]), "`````");
        assert_eq!(fence(["a"]), "```");
    }

    #[test]
    fn a_line_stays_a_line_and_obeys_nobody() {
        assert_eq!(terminal("plain ü ✓"), "plain ü ✓");
        assert_eq!(terminal("a\nb\r\n\tc"), "a b\u{fffd} c");
        assert_eq!(terminal("\u{1b}[31mred\u{202e}"), "\u{fffd}[31mred\u{fffd}");
        assert_eq!(terminal("##[add-mask]x"), "## [add-mask]x");
        assert_eq!(terminal("a ##vso[task.x]y"), "a ## vso[task.x]y");
        assert_eq!(terminal("::error::x"), ": :error::x");
        assert_eq!(terminal(":::error::x\n::warning::y"), ": : :error::x : :warning::y");
        assert_eq!(terminal("\u{a0}::error::x"), "\u{a0}: :error::x");
        assert_eq!(terminal("arn:aws:iam::1:role/x, AWS::::Account"), "arn:aws:iam::1:role/x, AWS::::Account");
    }
}
