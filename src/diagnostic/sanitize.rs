//! Sanitizing of untrusted text before it reaches a terminal or log. Every function takes linear time.

use std::borrow::Cow;

/// Whether a character could move the cursor, recolour the terminal, reorder the text around it, or stand there unseen.
///
/// Variation selectors are not among them: they choose the form of the character before them, as emoji need it.
///
/// Source: Unicode Character Database, DerivedCoreProperties.txt, `Default_Ignorable_Code_Point`; the Unicode Standard, 23.8
/// "Specials", for the interlinear annotations.
pub fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The mark of a workflow command that a CI agent executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandMark {
    /// Offset of the one-byte character without which it is no command.
    pub character: usize,
    /// Offset at which a space disarms it.
    pub gap: usize,
}

/// Section words of GitLab and Travis CI, followed by a colon.
///
/// Sources: GitLab Docs, "Job logs", "Custom collapsible sections"; travis-ci/travis-build, `travis_fold`,
/// `travis_time`.
const SECTION_WORDS: [&[u8]; 4] = [b"section_start", b"section_end", b"travis_fold", b"travis_time"];

/// The marks of all commands in a text. There is no other list of them. Escape sequences, which Buildkite, Drone, GitLab and
/// Jenkins obey, are no longer any once their harmful characters are gone.
///
/// - `##[…]`, `##vso[…]`, `##teamcity[…]`, `##octopus[…]` and every other word of that form, wherever it stands in a line
/// - `::…::`, where it could come to stand at the start of a line, however the text is wrapped; ARNs, with a word before it,
///   stay whole
/// - the words of `SECTION_WORDS`
///
/// Sources: actions/runner, ActionCommand.cs; microsoft/azure-pipelines-agent, Command.cs; TeamCity Docs, "Service messages";
/// Octopus Docs, "Service messages".
pub fn command_marks(text: &str) -> impl Iterator<Item = CommandMark> {
    marks(text, false)
}

/// Command marks of a text that continues another one; `behind_word` says whether a visible character precedes it.
pub(super) fn marks(text: &str, behind_word: bool) -> impl Iterator<Item = CommandMark> {
    let bytes = text.as_bytes();
    let mut split_before = None;
    bytes.iter().enumerate().filter_map(move |(place, byte)| {
        let before = bytes.get(..place).unwrap_or_default();
        let after = bytes.get(place + 1..).unwrap_or_default();
        let gap = match byte {
            b'#' if before.last() == Some(&b'#') && opens_service_message(after) => place + 1,
            b':' if SECTION_WORDS.iter().any(|word| before.ends_with(word)) => place,
            b':' => {
                let rest = before.strip_suffix(b":")?;
                let is_behind_word = rest.last().map_or(behind_word, u8::is_ascii_graphic);
                // A gap before the preceding colon leaves nothing before these two.
                if is_behind_word && split_before != Some(place - 1) {
                    return None;
                }
                split_before = Some(place);
                place
            }
            _ => return None,
        };
        Some(CommandMark { character: place, gap })
    })
}

/// Whether a word and a bracket follow, or the bracket alone.
fn opens_service_message(after: &[u8]) -> bool {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let word = after.iter().take_while(is_word).count();
    after.get(word) == Some(&b'[')
}

/// Replaces each harmful character by U+FFFD and disarms CI commands with a space. Line feeds and tabs stay.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    if text.chars().any(is_harmful) {
        let tame = |character| if is_harmful(character) { '\u{fffd}' } else { character };
        text = Cow::Owned(text.chars().map(tame).collect());
    }
    match with_gaps(&text) {
        Some(gapped) => Cow::Owned(gapped),
        None => text,
    }
}

/// The text with a space in each command; `None` if there is none.
fn with_gaps(text: &str) -> Option<String> {
    let gaps: Vec<usize> = command_marks(text).map(|mark| mark.gap).collect();
    if gaps.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + gaps.len());
    let mut from = 0;
    for gap in gaps {
        out.push_str(&text[from..gap]);
        out.push(' ');
        from = gap;
    }
    out.push_str(&text[from..]);
    Some(out)
}

/// Lines without CI commands. Escape sequences of driftline's own colours stay.
pub fn strip_controls(lines: &str) -> String {
    let gapped = with_gaps(lines);
    gapped.as_deref().unwrap_or(lines).split_inclusive('\n').map(tame_start).collect()
}

/// Disarms the start of a line: `::`, white space aside, and what Buildkite takes for a group header.
///
/// Sources: actions/runner, ActionCommand.cs; Buildkite Docs, "Managing log output".
pub fn tame_start(line: &str) -> Cow<'_, str> {
    let rest = line.trim_start();
    if let Some(command) = rest.strip_prefix("::") {
        return Cow::Owned(format!("{}: :{command}", &line[..line.len() - rest.len()]));
    }
    let is_head = |mark: &str| {
        line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    if ["---", "+++", "~~~", "^^^"].into_iter().any(is_head) {
        Cow::Owned(format!(" {line}"))
    } else {
        Cow::Borrowed(line)
    }
}

/// The text on one line, with harmful and control characters escaped.
pub fn on_one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_harmful(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// A parser message, with the quotes in it, on one line of limited length. Its end stays, since the position is there.
pub fn truncate_line(text: &str) -> String {
    const AT_MOST: usize = 300;
    const END: usize = 60;
    let line = on_one_line(text);
    let length = line.chars().count();
    if length <= AT_MOST {
        return line;
    }
    let (start, end) = (line.chars().take(AT_MOST - END), line.chars().skip(length - END));
    start.chain(['…']).chain(end).collect()
}

/// Text of a file as messages quote it: on one line of limited length.
pub fn quote(text: &str) -> String {
    const AT_MOST: usize = 60;
    let mut characters = text.chars();
    let mut out = on_one_line(&characters.by_ref().take(AT_MOST).collect::<String>());
    if characters.next().is_some() {
        out.push('…');
    }
    out
}

/// Sanitizes a text and keeps the byte length of each character, so that spans stay valid.
pub(super) fn harmless_in_place(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character.len_utf8() {
            // A carriage return before a line feed is an ordinary line end.
            _ if character == '\r' && characters.peek() == Some(&'\n') => out.push(' '),
            _ if !is_harmful(character) => out.push(character),
            3 => out.push('\u{fffd}'),
            length => out.extend(std::iter::repeat_n('?', length)),
        }
    }
    let mut marks = command_marks(&out).map(|mark| mark.character).peekable();
    if marks.peek().is_none() {
        drop(marks);
        return out;
    }
    let tame = |(place, character)| if marks.next_if_eq(&place).is_some() { '?' } else { character };
    out.char_indices().map(tame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_says_becomes_one_line_that_keeps_its_end() {
        assert_eq!(truncate_line("unknown variant `x`, at line 1 column 2"), "unknown variant `x`, at line 1 column 2");
        assert_eq!(truncate_line("a\nb\tc\u{1b}[2J\u{202e}ü"), r"a\nb\tc\u{1b}[2J\u{202e}ü");
        let long = truncate_line(&format!("unknown field `{}` at line 1 column 2", "ü".repeat(1000)));
        assert_eq!(long.chars().count(), 301);
        assert!(long.starts_with("unknown field `ü") && long.ends_with("ü` at line 1 column 2"), "{long}");
    }

    #[test]
    fn no_agent_finds_a_command() {
        for (text, tame) in [
            ("##[group]x ##VSO[task.x]y ###[z]", "## [group]x ## VSO[task.x]y ### [z]"),
            ("##teamcity[message text='x'] ##octopus[x]", "## teamcity[message text='x'] ## octopus[x]"),
            ("section_start:1:x section_end:1:x", "section_start :1:x section_end :1:x"),
            ("travis_fold:start:x", "travis_fold :start:x"),
            ("a\n::error::x", "a\n: :error::x"),
            (":::error::x", ": : :error::x"),
            ("\u{a0}::error::x", "\u{a0}: :error::x"),
            (
                "arn:aws:iam::1:role/x, AWS::::Account, ## [x], a ## b",
                "arn:aws:iam::1:role/x, AWS::::Account, ## [x], a ## b",
            ),
        ] {
            assert_eq!(sanitize(text), tame);
            assert_eq!(sanitize(tame), tame, "what is tame stays as it is");
            assert_eq!(harmless_in_place(text).len(), text.len());
            assert_eq!(command_marks(&harmless_in_place(text)).count(), 0, "{text}");
        }
    }

    #[test]
    fn nothing_stands_there_unseen() {
        assert_eq!(
            sanitize("a\u{200b}b\u{feff}c\u{2060}d\u{e0041}e\u{ad}f\u{9b}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}"
        );
        assert_eq!(sanitize("⚠\u{fe0f} ü"), "⚠\u{fe0f} ü");
    }

    #[test]
    fn the_start_of_a_line_is_no_command() {
        let lines = "  ::error::x\n--- a\n+++ b\n~~~\n^^^ +++\n----\n- a\na ::b\n";
        assert_eq!(strip_controls(lines), "  : :error::x\n --- a\n +++ b\n ~~~\n ^^^ +++\n----\n- a\na : :b\n");
    }

    #[test]
    fn a_text_of_megabytes_is_passed_over_a_few_times_at_most() {
        // Each of these takes hours where each command costs a pass over the text.
        for (piece, tame) in
            [("##[", "## ["), (" ::", " : :"), ("section_end:", "section_end :"), ("\u{200b}", "\u{fffd}")]
        {
            let text = piece.repeat(2_000_000);
            assert_eq!(sanitize(&text).len(), tame.len() * 2_000_000);
            assert_eq!(harmless_in_place(&text).len(), text.len());
            assert!(!strip_controls(&text).is_empty());
        }
        for text in ["#".repeat(4_000_000), "##".to_owned() + &"a".repeat(4_000_000), "##a".repeat(1_000_000)] {
            assert_eq!(sanitize(&text), text);
        }
    }

    #[test]
    fn quoted_words_move_nothing() {
        assert_eq!(quote("a\nb\u{202e}c"), r"a\nb\u{202e}c");
        assert_eq!(quote(&"ü".repeat(61)), format!("{}…", "ü".repeat(60)));
    }
}
