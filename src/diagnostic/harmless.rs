//! Takes the power out of text that somebody else wrote, before it reaches a terminal or a log.

use std::borrow::Cow;

/// Whether a character could move the cursor, recolour the terminal or reorder the text around it.
pub(super) fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with each harmful character replaced by U+FFFD. Line feeds and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_harmful) {
        Cow::Owned(text.chars().map(|character| if is_harmful(character) { '\u{fffd}' } else { character }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Words of a file as a message quotes them: on one line, and not longer than anybody would read.
pub fn quotable(text: &str) -> String {
    const AT_MOST: usize = 60;
    let mut characters = text.chars();
    let mut out = String::new();
    for character in characters.by_ref().take(AT_MOST) {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
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
    out
}
