//! Escaping, per format, in one place. Text from policies and from AWS is not trusted.

use std::borrow::Cow;

use crate::diagnostic::{command_marks, is_harmful, sanitize};

/// One line of text for a terminal or a log: no control characters, no reordering, no line breaks, and nothing that a CI
/// system's agent would take for a command.
pub fn terminal(text: &str) -> Cow<'_, str> {
    let text = sanitize(text);
    if text.contains(['\n', '\t']) {
        return Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    text
}

/// A desired or live value on one line. Line breaks and other control characters stand there as escapes, or two shell commands would
/// look like one.
pub(crate) fn value(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
    Cow::Owned(out)
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

/// The text of a spreadsheet's cell: one that would run as a formula begins with an apostrophe.
///
/// Sources: CWE-1236; OWASP ASVS 5.0, 1.2.10, for the characters, which also run in a quoted cell, and behind white space.
pub(crate) fn spreadsheet(text: &str) -> Cow<'_, str> {
    let text = terminal(text);
    let runs = |character| matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if text.trim_start().starts_with(runs) { Cow::Owned(format!("'{text}")) } else { text }
}

/// The value of a metric's label, without the quotes around it.
///
/// Sources: Prometheus Docs, "Exposition formats"; OpenMetrics 1.0, "Escaping".
pub(crate) fn label_value(text: &str) -> String {
    terminal(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Text among Slack's own marks: nothing in it is a link, a mention of somebody, or a call of the whole channel.
///
/// Source: Slack API Docs, "Formatting text for app surfaces": these three characters are to be escaped, and no others.
pub(crate) fn slack(text: &str) -> String {
    terminal(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One line of a notification: only characters that each subscriber's way there takes.
///
/// Source: SQS API Reference, SendMessage: a message with U+FFFE or U+FFFF is refused.
pub(crate) fn notification(text: &str) -> String {
    terminal(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// One line of printable ASCII, with a question mark for anything else.
pub(crate) fn ascii(text: &str) -> String {
    let printable = |letter: char| if letter == ' ' || letter.is_ascii_graphic() { letter } else { '?' };
    terminal(text).chars().map(printable).collect()
}

/// One line in the message of a workflow command of GitHub Actions. Lines are joined with `%0A`.
///
/// Source: actions/runner, ActionCommand.cs: `%`, carriage return and line feed are escaped, the percent sign first.
pub(crate) fn workflow_message(text: &str) -> String {
    terminal(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command, where a colon and a comma would end it.
///
/// Source: actions/runner, ActionCommand.cs.
pub(crate) fn workflow_property(text: &str) -> String {
    workflow_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// A message of SARIF: nothing in it is a link.
///
/// Source: SARIF 2.1.0, 3.11.6 "Messages with embedded links": `[text](target)`, in plain text too.
pub(crate) fn sarif_message(text: &str) -> String {
    terminal(text).replace("](", "] (")
}

/// The path of a file as a relative URI, and an absolute one as a URI of the scheme `file`.
///
/// Source: RFC 8089, 2 and E.2.
pub(crate) fn uri_reference(path: &str) -> String {
    match path.as_bytes() {
        [b'/', ..] => format!("file://{}", uri_path(path)),
        [drive, b':', b'/', ..] if cfg!(windows) && drive.is_ascii_alphabetic() => {
            format!("file:///{}:{}", char::from(*drive), uri_path(&path[2..]))
        }
        _ => uri_path(path),
    }
}

/// The path of a file as that of a URI.
///
/// Source: RFC 3986, 3.3 and 4.2: what may stand in a segment; a colon in the first one would make a scheme of it.
fn uri_path(path: &str) -> String {
    percent_encoded(path, b"-._~/!$&'()*+,;=@")
}

/// The path of a file in a link: only characters that neither HTML nor Markdown take for their own.
///
/// Source: RFC 3986, 2.3: the characters that mean the same everywhere.
pub(crate) fn link_path(path: &str) -> String {
    percent_encoded(path, b"-._~/")
}

fn percent_encoded(text: &str, kept: &[u8]) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            uri.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            // Writing into a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

/// One line of text in XML, of characters that XML can hold. Markup is for the writer to escape.
///
/// Source: XML 1.0, 2.2 "Characters".
pub(crate) fn xml(text: &str) -> String {
    terminal(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// More characters than these nobody reads to their end.
const SHOWN_AT_MOST: usize = 2_000;

/// The same of a name.
const NAME_AT_MOST: usize = 120;

/// Text on a page, on one line: control characters are gone, characters that reorder the text around them or that no page may
/// hold stand there as what they are, and of very long text the rest is counted. What HTML would take for its own is left to
/// the page's writer, which escapes everything.
///
/// Sources: Unicode Technical Report 36, "Bidirectional Text Spoofing"; HTML Standard, "Preprocessing the input stream".
pub(crate) fn shown(text: &str) -> String {
    shown_to(text, SHOWN_AT_MOST)
}

/// The same, of a name: AWS allows 50 characters.
///
/// Source: AWS Account Management API Reference, `AccountName`.
pub(crate) fn shown_name(text: &str) -> String {
    shown_to(text, NAME_AT_MOST)
}

fn shown_to(text: &str, at_most: usize) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    for character in characters.by_ref().take(at_most) {
        match character {
            '\n' | '\t' => out.push(' '),
            _ if character.is_control() => {}
            _ if is_harmful(character) || is_no_character(character) => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    let rest = characters.count();
    if rest > 0 {
        let _ = write!(out, "… (and {} more)", super::messages::pluralize(rest, "character"));
    }
    out
}

/// Source: the Unicode Standard, "Noncharacters".
fn is_no_character(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
}

/// Markup of HTML in which no CI system's agent finds a command: one character of each stands there by its number, which means
/// the same on the page.
///
/// Source: HTML Standard, "Character references".
pub(crate) fn markup(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for mark in command_marks(text) {
        let Some(character) = text[mark.character..].chars().next() else { continue };
        out.push_str(&text[from..mark.character]);
        // Numbers of one byte's characters are the same in ASCII.
        out.push_str(if character == '#' { "&#35;" } else { "&#58;" });
        from = mark.character + character.len_utf8();
    }
    if from == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[from..]) }
}

/// The text, cut to a length with an ellipsis. The length is counted in UTF-16 units, which no consumer's count of characters
/// or units exceeds.
pub(crate) fn shortened(text: &str, at_most: usize) -> Cow<'_, str> {
    if text.len() <= at_most || text.encode_utf16().count() <= at_most {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let fits = |character: &char| {
        units += character.len_utf16();
        // One unit is for the mark.
        units < at_most
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    Cow::Owned(kept)
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
    }

    #[test]
    fn a_workflow_command_ends_where_it_should() {
        assert_eq!(workflow_message("100% ::error::x\ny: a, b"), "100%25 : :error::x y: a, b");
        assert_eq!(workflow_message("%0A"), "%250A");
        assert_eq!(workflow_property("a,b: 100%::"), "a%2Cb%3A 100%25%3A%3A");
    }

    #[test]
    fn a_message_of_sarif_has_no_link() {
        assert_eq!(sarif_message("[x](http://x.example) a[0](1)"), "[x] (http://x.example) a[0] (1)");
    }

    #[test]
    fn a_path_becomes_a_relative_uri() {
        assert_eq!(uri_reference("policies/a.yaml"), "policies/a.yaml");
        assert_eq!(uri_reference("a:b/100% ü#?.yaml"), "a%3Ab/100%25%20%C3%BC%23%3F.yaml");
        assert_eq!(uri_reference("a\\b.yaml"), "a%5Cb.yaml");
        assert_eq!(uri_reference("../shared/a.yaml"), "../shared/a.yaml");
        assert_eq!(uri_reference("/etc/my policies/a.yaml"), "file:///etc/my%20policies/a.yaml");
    }

    #[test]
    fn xml_holds_only_what_it_can() {
        assert_eq!(xml("a\u{0}\u{fffe}\u{ffff}\u{1b}[1m<"), "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}[1m<");
    }

    #[test]
    fn text_on_a_page_shows_what_would_hide() {
        assert_eq!(shown("plain ü ✓ <b>"), "plain ü ✓ <b>");
        assert_eq!(shown("a\u{202e}b\u{2066}c\u{200f}\u{2028}"), "a\\u{202e}b\\u{2066}c\\u{200f}\\u{2028}");
        assert_eq!(shown("\u{1b}[31mred\0\u{9b}\r\n\tx"), "[31mred  x");
        assert_eq!(shown("\u{ffff}\u{1fffe}\u{fdd0}\u{fffd}"), "\\u{ffff}\\u{1fffe}\\u{fdd0}\u{fffd}");
        assert_eq!(shown(&"ü".repeat(2_003)), format!("{}… (and 3 characters more)", "ü".repeat(2_000)));
        assert_eq!(shown_name(&"ü".repeat(121)), format!("{}… (and 1 character more)", "ü".repeat(120)));
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

    #[test]
    fn markup_means_the_same_and_commands_nobody() {
        assert_eq!(markup("<b>##vso[x]y</b>\n::error::z a::b"), "<b>#&#35;vso[x]y</b>\n:&#58;error::z a::b");
        assert_eq!(markup("<p>plain ü</p>"), "<p>plain ü</p>");
    }

    #[test]
    fn a_cell_never_runs() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "\t=1", " =1", "\r=1", "\n@x"] {
            let cell = spreadsheet(text);
            assert!(cell.starts_with(['\'', '\u{fffd}']), "{text:?} became {cell:?}");
        }
        assert_eq!(spreadsheet("a=b"), "a=b");
        assert_eq!(spreadsheet(""), "");
    }

    #[test]
    fn a_label_ends_where_it_should() {
        assert_eq!(label_value("a\\b\"c\nd"), "a\\\\b\\\"c d");
    }

    #[test]
    fn slack_calls_nobody() {
        assert_eq!(slack("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }

    #[test]
    fn a_subject_is_ascii_and_a_message_takes_every_way() {
        assert_eq!(notification("a\u{ffff}b\u{fffe}\nc"), "a\u{fffd}b\u{fffd} c");
        assert_eq!(ascii("prüfung\u{7}\nzwei"), "pr?fung? zwei");
    }

    #[test]
    fn what_fits_stays_and_what_does_not_says_so() {
        assert_eq!(shortened("abcd", 4), "abcd");
        assert_eq!(shortened("üüüü", 4), "üüüü");
        assert_eq!(shortened("abcde", 4), "abc…");
        assert_eq!(shortened("ab cde", 4), "ab…");
        assert_eq!(shortened("a𝄞𝄞", 4), "a𝄞…");
    }
}
