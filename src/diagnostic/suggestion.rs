//! The nearest known word for one that is unknown.

/// The known word that looks most like `word`, if one looks like it at all. Case does not count.
pub fn nearest<'known>(word: &str, known: impl IntoIterator<Item = &'known str>) -> Option<&'known str> {
    let known: Vec<&str> = known.into_iter().collect();
    let folded: Vec<String> = known.iter().map(|candidate| candidate.to_lowercase()).collect();
    let candidates: Vec<&str> = folded.iter().map(String::as_str).collect();
    // A long word is compared with quadratic effort, and no known word is long.
    let word: String = word.chars().take(80).collect::<String>().to_lowercase();
    let best = *similar::get_close_matches(word.as_str(), &candidates, 1, 0.6).first()?;
    let position = candidates.iter().position(|candidate| *candidate == best)?;
    known.get(position).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(nearest("acounts", ["accounts", "regions"]), Some("accounts"));
        assert_eq!(nearest("Enabled", ["ENABLED", "PAUSED", "NOT_ENABLED"]), Some("ENABLED"));
    }

    #[test]
    fn a_foreign_word_is_near_nothing() {
        assert_eq!(nearest("zebra", ["accounts", "regions"]), None);
    }
}
