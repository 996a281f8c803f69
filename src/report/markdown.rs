//! Markdown that stays within what a comment may hold.

use std::io::{self, Write};

/// The most characters of a comment: GitHub refuses more than 65,536, and 262,144 bytes.
///
/// Source: GitHub's own refusal; infracost/infracost#2119 for the limit in bytes.
const AT_MOST: usize = 60_000;

/// What is kept free for the lines that say what was cut.
const RESERVE: usize = 1_000;

/// A document in the making that takes whole pieces, and as many as fit.
#[derive(Debug, Default)]
pub(crate) struct LimitedMarkdown {
    text: String,
    characters: usize,
}

impl LimitedMarkdown {
    /// Adds what has to be there.
    pub(crate) fn must(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.characters += piece.chars().count();
    }

    /// Adds pieces for as long as they fit, and tells how many did not.
    pub(crate) fn as_fit(&mut self, pieces: impl IntoIterator<Item = String>) -> usize {
        let mut left_out = 0;
        for piece in pieces {
            let length = piece.chars().count();
            if left_out == 0 && self.characters + length + RESERVE <= AT_MOST {
                self.must(&piece);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// Writes the whole.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_nothing_is_cut_within() {
        let mut cut = LimitedMarkdown::default();
        cut.must("head\n");
        let left_out = cut.as_fit((0..100).map(|_| "x".repeat(1_000)));
        let mut bytes = Vec::new();
        cut.write(&mut bytes).expect("a vector takes everything");
        assert_eq!((bytes.len() - 5) / 1_000 + left_out, 100);
        assert!(bytes.len() <= AT_MOST && bytes.len() > AT_MOST - 2 * RESERVE);
    }
}
