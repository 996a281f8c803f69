//! JSON output that is safe in terminals and logs: the same values, with nothing in the text that a terminal or CI
//! agent executes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::sanitize::{is_harmful, marks};

/// Writes a document as indented JSON with a line feed. Every JSON text of this program is written here or by
/// [`write_json_line`].
///
/// # Errors
///
/// An error of the writer, or a value that JSON cannot represent.
pub fn write_json_document(value: &(impl Serialize + ?Sized), out: &mut dyn Write) -> io::Result<()> {
    write(value, PrettyFormatter::new(), out)
}

/// Writes a value as JSON on one line with a line feed.
///
/// # Errors
///
/// An error of the writer, or a value that JSON cannot represent.
pub fn write_json_line(value: &(impl Serialize + ?Sized), out: &mut dyn Write) -> io::Result<()> {
    write(value, CompactFormatter, out)
}

fn write(value: &(impl Serialize + ?Sized), layout: impl Formatter, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless { layout, behind_word: false }))?;
    out.write_all(b"\n")
}

/// Escapes harmful characters, and one character of each CI command, as `\uXXXX`. Everything else is left to the
/// layout.
///
/// Source: RFC 8259, 7 "Strings": any character may be escaped, and means the same.
struct Harmless<F> {
    layout: F,
    /// Whether the string so far ends with a visible character.
    behind_word: bool,
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.behind_word = false;
        self.layout.begin_string(out)
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        self.behind_word = matches!(escape, CharEscape::Quote | CharEscape::ReverseSolidus | CharEscape::Solidus);
        self.layout.write_char_escape(out, escape)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let plain = |byte: &u8| byte.is_ascii() && !byte.is_ascii_control() && !b"#:".contains(byte);
        let behind_word = self.behind_word;
        self.behind_word = fragment.as_bytes().last().is_some_and(u8::is_ascii_graphic);
        if fragment.as_bytes().iter().all(plain) {
            return self.layout.write_string_fragment(out, fragment);
        }
        let mut marks = marks(fragment, behind_word).map(|mark| mark.character).peekable();
        let mut from = 0;
        for (place, character) in fragment.char_indices() {
            if marks.next_if_eq(&place).is_none() && !is_harmful(character) {
                continue;
            }
            self.layout.write_string_fragment(out, &fragment[from..place])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            from = place + character.len_utf8();
        }
        self.layout.write_string_fragment(out, &fragment[from..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::command_marks;

    fn line(text: &str) -> String {
        let mut out = Vec::new();
        write_json_line(text, &mut out).expect("a vector takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn nobody_obeys_json_and_it_means_the_same() {
        for text in [
            "plain ü ✓ arn:aws:iam::1:role/x",
            "##vso[task.setvariable variable=x]y",
            "##[group] ##teamcity[x] ###[z]",
            "::error::x",
            "a \n::error::x",
            "a\"::error::x",
            ":::x",
            "section_start:1:x\r\u{1b}[0K",
            "\u{9b}31m\u{7f}\u{202e}\u{200b}\u{feff}\u{e0041}",
            "\u{0}\u{ffff}",
        ] {
            let json = line(text);
            assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
            assert_eq!(command_marks(&json).count(), 0, "{json}");
            assert!(!json.trim_end().chars().any(is_harmful), "{json}");
        }
        assert_eq!(line("plain ü ✓ arn:aws:iam::1:role/x"), "\"plain ü ✓ arn:aws:iam::1:role/x\"\n");
        assert_eq!(line("##[x ::y \u{e0041}"), "\"#\\u0023[x :\\u003ay \\udb40\\udc41\"\n");
        assert_eq!(line("\"::x"), "\"\\\"::x\"\n");
    }

    #[test]
    fn a_document_is_indented_and_its_keys_are_harmless_too() {
        let document = std::collections::BTreeMap::from([("##[x]", [1, 2])]);
        let mut out = Vec::new();
        write_json_document(&document, &mut out).expect("a vector takes everything");
        let expected = serde_json::to_string_pretty(&document).expect("JSON").replace("##", "#\\u0023") + "\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }
}
