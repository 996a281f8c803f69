//! The byte order mark, which some editors and shells put before a text.

/// The text without a byte order mark: that is not part of what is said.
pub(crate) fn strip_byte_order_mark(text: String) -> String {
    if let Some(rest) = text.strip_prefix('\u{feff}') { rest.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_is_taken_away_and_only_at_the_beginning() {
        assert_eq!(strip_byte_order_mark("\u{feff}{}".to_owned()), "{}");
        assert_eq!(strip_byte_order_mark("{\u{feff}}".to_owned()), "{\u{feff}}");
    }
}
