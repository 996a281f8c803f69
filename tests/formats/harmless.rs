//! What no text of others may do, whatever the format.

/// That the text moves no terminal, reorders nothing, and that the runner of a CI system obeys nothing in it, whole lines of
/// driftline's own aside.
#[track_caller]
pub(crate) fn to_a_log(text: &str, own: impl Fn(&str) -> bool) {
    to_a_terminal(text);
    assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
    for line in text.lines().filter(|line| !own(line)) {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

/// That the text moves no terminal and reorders nothing.
#[track_caller]
pub(crate) fn to_a_terminal(text: &str) {
    let is_harmful = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_harmful), "{text:?}");
}
