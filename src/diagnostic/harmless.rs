//! Takes the power out of text that somebody else wrote, before it reaches a terminal or a log.

use std::borrow::Cow;

/// Whether a character could move the cursor, recolour the terminal or reorder the text around it.
pub(super) fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The places of the second `#` in what a CI system's agent obeys wherever in a line it stands.
///
/// Source: actions/runner, ActionCommand.cs (`##[`); microsoft/azure-pipelines-agent, Command.cs (`##vso[`).
fn commands(text: &str) -> impl Iterator<Item = usize> {
    let is_command = |rest: &str| {
        let rest = rest.as_bytes();
        rest.starts_with(b"#[") || rest.get(..5).is_some_and(|rest| rest.eq_ignore_ascii_case(b"#vso["))
    };
    text.match_indices('#').map(|(place, _)| place + 1).filter(move |place| text.get(*place..).is_some_and(is_command))
}

/// The text with each harmful character replaced by U+FFFD, and a space in what a CI system's agent would obey. Line feeds and
/// tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    if text.chars().any(is_harmful) {
        let tame = |character| if is_harmful(character) { '\u{fffd}' } else { character };
        text = Cow::Owned(text.chars().map(tame).collect());
    }
    let places: Vec<usize> = commands(&text).collect();
    for place in places.into_iter().rev() {
        text.to_mut().insert(place + 1, ' ');
    }
    text
}

/// Lines, none of which begins with what GitHub's runner obeys there, white space aside.
///
/// Source: actions/runner, ActionCommand.cs: `::command::`.
pub(super) fn obeyed_by_nobody(lines: &str) -> String {
    let tame = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", &line[..line.len() - line.trim_start().len()]),
        None => line.to_owned(),
    };
    lines.split_inclusive('\n').map(tame).collect()
}

/// Text on one line, with what is harmful, and each control character, written out.
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

/// What a parser says of a file, with whatever it quotes of it: on one line, and not longer than anybody would read. Its end
/// stays, where the place stands.
pub fn brief_line(text: &str) -> String {
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

/// Words of a file as a message quotes them: on one line, and not longer than anybody would read.
pub fn quotable(text: &str) -> String {
    const AT_MOST: usize = 60;
    let mut characters = text.chars();
    let mut out = on_one_line(&characters.by_ref().take(AT_MOST).collect::<String>());
    if characters.next().is_some() {
        out.push('…');
    }
    out
}

/// The text made harmless, each character with its length in bytes kept, so that spans still point at the right place.
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
    let places: Vec<usize> = commands(&out).collect();
    for place in places {
        out.replace_range(place..=place, "?");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_says_becomes_one_line_that_keeps_its_end() {
        assert_eq!(brief_line("unknown variant `x`, at line 1 column 2"), "unknown variant `x`, at line 1 column 2");
        assert_eq!(brief_line("a\nb\tc\u{1b}[2J\u{202e}ü"), r"a\nb\tc\u{1b}[2J\u{202e}ü");
        let long = brief_line(&format!("unknown field `{}` at line 1 column 2", "ü".repeat(1000)));
        assert_eq!(long.chars().count(), 301);
        assert!(long.starts_with("unknown field `ü") && long.ends_with("ü` at line 1 column 2"), "{long}");
    }

    #[test]
    fn quoted_words_move_nothing() {
        assert_eq!(quotable("a\nb\u{202e}c"), r"a\nb\u{202e}c");
        assert_eq!(quotable(&"ü".repeat(61)), format!("{}…", "ü".repeat(60)));
    }
}
