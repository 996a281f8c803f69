//! Text that has to fit.

use std::borrow::Cow;

/// The text, or as much of it as fits with a mark that it goes on. It is counted in UTF-16 units, which no consumer's count
/// exceeds, whether that is one of characters or of units.
pub(super) fn shortened(text: &str, at_most: usize) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_what_does_not_says_so() {
        assert_eq!(shortened("abcd", 4), "abcd");
        assert_eq!(shortened("üüüü", 4), "üüüü");
        assert_eq!(shortened("abcde", 4), "abc…");
        assert_eq!(shortened("ab cde", 4), "ab…");
        assert_eq!(shortened("a𝄞𝄞", 4), "a𝄞…");
    }
}
